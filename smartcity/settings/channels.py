"""The messengers."""

from __future__ import annotations

from typing import Tuple

from smartcity.settings import kinds
from smartcity.settings.setting import Setting

SETTINGS: Tuple[Setting, ...] = (
    Setting(
        "TELEGRAM_TOKEN",
        "",
        "a token such as 123456:ABC-def",
        kinds.bot_token,
        "Telegram: the bot's token; empty switches Telegram off.",
    ),
    Setting(
        "META_APP_SECRET",
        "",
        "a secret without spaces",
        kinds.token,
        "WhatsApp and Messenger: secret that signs what Meta sends.",
    ),
    Setting(
        "META_VERIFY_TOKEN",
        "",
        "a text without spaces",
        kinds.token,
        "WhatsApp and Messenger: text that Meta shows at set-up.",
    ),
    Setting(
        "WHATSAPP_TOKEN",
        "",
        "a token without spaces",
        kinds.token,
        "WhatsApp: access token; empty switches WhatsApp off.",
    ),
    Setting(
        "WHATSAPP_PHONE_ID",
        "",
        "letters and digits",
        kinds.identifier,
        "WhatsApp: id of the telephone number that answers.",
    ),
    Setting(
        "MESSENGER_TOKEN",
        "",
        "a token without spaces",
        kinds.token,
        "Messenger: the page's token; empty switches Messenger off.",
    ),
    Setting(
        "TWILIO_ACCOUNT", "", "letters and digits", kinds.identifier, "Twilio: account SID; empty switches Twilio off."
    ),
    Setting("TWILIO_TOKEN", "", "a token without spaces", kinds.token, "Twilio: the account's auth token."),
    Setting("SLACK_TOKEN", "", "a token without spaces", kinds.token, "Slack: bot token; empty switches Slack off."),
    Setting(
        "SLACK_SIGNING_SECRET", "", "a secret without spaces", kinds.token, "Slack: secret that signs what Slack sends."
    ),
    Setting(
        "MATRIX_HOMESERVER",
        "",
        "an http(s) address, or empty",
        kinds.optional_address,
        "Matrix: address of the homeserver; empty switches Matrix off.",
    ),
    Setting("MATRIX_TOKEN", "", "a token without spaces", kinds.token, "Matrix: the account's access token."),
    Setting(
        "PLATFORM_BASE",
        "",
        "an http(s) address, or empty",
        kinds.optional_address,
        "Address that stands in for all messengers' own, for tests; it gets their tokens.",
    ),
)
