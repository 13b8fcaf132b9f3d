"""The public edge."""

from __future__ import annotations

from typing import Tuple

from smartcity.settings import kinds
from smartcity.settings.setting import Setting

SETTINGS: Tuple[Setting, ...] = (
    Setting(
        "PUBLIC_URL",
        "",
        "an http(s) address, or empty",
        kinds.optional_address,
        "Address under which people and messengers reach the gateway; the messengers need it.",
    ),
    Setting(
        "ORIGINS",
        "",
        "http(s) origins without a path, divided by commas",
        kinds.origins,
        "Websites, besides the gateway's own, that may use the chat.",
    ),
    Setting(
        "TRUSTED_PROXIES",
        "",
        "addresses, divided by commas",
        str,
        "Proxies whose X-Forwarded-For is believed; empty believes none.",
    ),
    Setting("LIMITS", "on", "'on' or 'off'", kinds.switch, "Rate limits; 'off' is for measurements."),
    Setting("MESSAGES_PER_MINUTE", "20", "a whole number from 1", kinds.positive, "Messages a minute for one session."),
    Setting(
        "ADDRESS_PER_MINUTE",
        "120",
        "a whole number from 1",
        kinds.positive,
        "Requests a minute from one network address.",
    ),
    Setting(
        "ANSWERS_AT_ONCE",
        "128",
        "a whole number from 1",
        kinds.positive,
        "Answers in the making at a time in one gateway; beyond that people are asked to come back in a moment.",
    ),
    Setting("MAX_TEXT", "1000", "a whole number from 1", kinds.positive, "Longest message, in characters."),
    Setting("SESSION_HOURS", "12", "a number above 0", kinds.above_zero, "How long a session may be used, in hours."),
    Setting(
        "ANSWER_SECONDS",
        "10",
        "a number above 0",
        kinds.above_zero,
        "How long the gateway waits for an answer, in seconds.",
    ),
)
