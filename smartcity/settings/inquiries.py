"""Citizens' requests and the mails about them."""

from __future__ import annotations

from typing import Tuple

from smartcity.settings import kinds
from smartcity.settings.setting import Setting

SETTINGS: Tuple[Setting, ...] = (
    Setting(
        "OFFICE_MAIL",
        "",
        "an e-mail address, or empty",
        kinds.mail_address,
        "Where citizens' requests go; empty, or no SMTP_HOST, and the assistant takes none.",
    ),
    Setting(
        "MAIL_FROM",
        "",
        "an e-mail address, or empty",
        kinds.mail_address,
        "Sender of the mails of requests; empty is OFFICE_MAIL.",
    ),
    Setting(
        "SMTP_HOST",
        "",
        "a host name, or empty",
        kinds.like(r"[A-Za-z0-9.:-]*"),
        "Mail server that takes the mails of requests; empty sends none.",
    ),
    Setting("SMTP_PORT", "587", "a port, 1 to 65535", kinds.port, "Port of the mail server."),
    Setting("SMTP_USER", "", "a text without spaces", kinds.token, "Name at the mail server; empty signs in nowhere."),
    Setting("SMTP_PASSWORD", "", "a text without line breaks", kinds.like(r"[^\r\n]*"), "Password at the mail server."),
    Setting(
        "SMTP_STARTTLS",
        "on",
        "'on', 'off' or 'tls'",
        kinds.starttls,
        "Encryption to the mail server: STARTTLS, none, or TLS from the first byte.",
    ),
    Setting(
        "INQUIRY_KEYS",
        "",
        "Fernet keys, divided by commas",
        kinds.fernet_keys,
        "Keys that encrypt requests, the first one new ones; empty derives one from SECRET.",
    ),
    Setting(
        "KEEP_INQUIRIES_DAYS",
        "30",
        "a whole number from 1",
        kinds.positive,
        "How long a request is kept after it was closed, in days.",
    ),
    Setting(
        "STALE_INQUIRIES_DAYS",
        "180",
        "a whole number from 1",
        kinds.positive,
        "After how many days an open request is shown as lying for too long.",
    ),
    Setting(
        "INQUIRIES_A_DAY",
        "200",
        "a whole number from 1",
        kinds.positive,
        "Requests a day that are taken in all: the brake against floods.",
    ),
)
