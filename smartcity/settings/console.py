"""The staff's console, and how long conversations are kept."""

from __future__ import annotations

from typing import Tuple

from smartcity.settings import kinds
from smartcity.settings.setting import Setting

SETTINGS: Tuple[Setting, ...] = (
    Setting("CONSOLE", "on", "'on' or 'off'", kinds.switch, "The staff's console and the reader that fills it."),
    Setting("CONSOLE_HOST", "127.0.0.1", "an address of this machine", str, "Address on which the console listens."),
    Setting("CONSOLE_PORT", "8090", "a port, 1 to 65535", kinds.port, "Port of the console, the staff's pages."),
    Setting(
        "CONSOLE_URL",
        "",
        "an http(s) origin without a path, or empty",
        kinds.optional_origin,
        "Address under which staff reach the console; needed where it is not this machine's own.",
    ),
    Setting(
        "OIDC_ISSUER",
        "",
        "an http(s) address, or empty",
        kinds.optional_text_address,
        "OpenID Connect: the issuer; empty switches it off.",
    ),
    Setting(
        "OIDC_CLIENT", "", "a text without spaces", kinds.token, "OpenID Connect: id of the console at the issuer."
    ),
    Setting("OIDC_SECRET", "", "a secret without spaces", kinds.token, "OpenID Connect: the console's secret there."),
    Setting(
        "OIDC_ROLE_CLAIM",
        "",
        "a claim's name, or a path with dots such as realm_access.roles, or empty",
        kinds.token,
        "OpenID Connect: claim that tells a person's groups; empty: an admin gives roles.",
    ),
    Setting(
        "OIDC_ROLES",
        "",
        "pairs such as reader=sc-lesen,editor=sc-redaktion, or empty",
        kinds.pairs,
        "OpenID Connect: which value of OIDC_ROLE_CLAIM gives which role; the highest one counts.",
    ),
    Setting(
        "KEEP_CONVERSATIONS_DAYS",
        "180",
        "a whole number from 1",
        kinds.positive,
        "How long the console keeps redacted conversations, in days.",
    ),
    Setting(
        "KEEP_CORRECTIONS_DAYS",
        "180",
        "a whole number from 1",
        kinds.positive,
        "How long proposals are kept after they were declined or handed over, and trials after their end, in days.",
    ),
    Setting(
        "KEEP_AUDIT_DAYS",
        "730",
        "a whole number from 1",
        kinds.positive,
        "How long the console keeps who read and changed what, in days.",
    ),
    Setting(
        "KEEP_TRACKER_DAYS",
        "7",
        "a whole number from 1",
        kinds.positive,
        "How long Rasa's tracker store keeps conversations as they were typed, in days.",
    ),
)
