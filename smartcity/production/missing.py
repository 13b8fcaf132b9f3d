"""What a production set-up usually has and this one lacks; nothing of it keeps the assistant from starting."""

from __future__ import annotations

from smartcity.production.rule import Situation

_TOGETHER = (
    ("OFFICE_MAIL", "SMTP_HOST", "without both, the assistant takes no requests"),
    ("SMTP_USER", "SMTP_PASSWORD", "the mail server needs both, or neither"),
    ("OIDC_ISSUER", "OIDC_CLIENT", "signing in by OpenID Connect needs both"),
    ("WHATSAPP_TOKEN", "META_APP_SECRET", "WhatsApp needs both"),
    ("MESSENGER_TOKEN", "META_APP_SECRET", "Messenger needs both"),
    ("TWILIO_ACCOUNT", "TWILIO_TOKEN", "Twilio needs both"),
    ("SLACK_TOKEN", "SLACK_SIGNING_SECRET", "Slack needs both"),
    ("MATRIX_HOMESERVER", "MATRIX_TOKEN", "Matrix needs both"),
)


def missing(now: Situation) -> list[str]:
    """One sentence for each."""
    settings = now.settings
    found = []
    if not settings.public_url:
        found.append("SMARTCITY_PUBLIC_URL: the address under which people reach the chat is not known.")
    if settings.console and not settings.console_url:
        found.append("SMARTCITY_CONSOLE_URL: staff can reach the console on this machine only.")
    if not settings.origins:
        found.append("SMARTCITY_ORIGINS: no website besides the gateway's own may use the chat.")
    for first, second, why in _TOGETHER:
        has = [bool(getattr(settings, name.lower())) for name in (first, second)]
        if has == [True, False] or (first == "OFFICE_MAIL" and not all(has)):
            lacking = second if has[0] else first
            found.append(f"SMARTCITY_{lacking}: {why}.")
    if settings.metrics_token and not settings.backups:
        found.append("SMARTCITY_BACKUPS: nobody is told when the nightly backups stop.")
    if settings.metrics_token and not settings.certificates:
        found.append("SMARTCITY_CERTIFICATES: nobody is told before the certificate ends.")
    if settings.env != "production":
        found.append("SMARTCITY_ENV: unless it is production, nothing unsafe keeps the assistant from starting.")
    return found
