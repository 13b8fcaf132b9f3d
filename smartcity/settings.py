"""Every setting of the assistant: name, default and one line of help.

Each is read from the environment as SMARTCITY_<NAME>. A bad value stops the start with a
sentence that names the setting, the value and what is expected.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

PREFIX = "SMARTCITY_"


class SettingError(ValueError):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True)
class Setting:
    """One setting: `parse` turns its text into a value or raises ValueError."""

    name: str
    default: str
    expected: str
    parse: Callable[[str], Any]
    help: str

    @property
    def variable(self) -> str:
        return PREFIX + self.name


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise ValueError
    return port


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise ValueError
    return number


def _switch(text: str) -> bool:
    return {"on": True, "off": False}[text.strip().lower()]


def web_address(text: str) -> str:
    """The http(s) address without a slash at its end. Raises ValueError for anything else."""
    if not text.startswith(("http://", "https://")):
        raise ValueError
    return text.rstrip("/")


def _origins(text: str) -> Tuple[str, ...]:
    origins = tuple(web_address(origin.strip()) for origin in text.split(",") if origin.strip())
    if any(origin.count("/") != 2 for origin in origins):
        raise ValueError
    return origins


def _actions(text: str) -> str:
    if text not in ("inprocess", "http"):
        raise ValueError
    return text


def _secret(text: str) -> str:
    if text and len(text) < 32:
        raise ValueError
    return text


def _like(pattern: str) -> Callable[[str], str]:
    """Takes texts of this shape: what goes into addresses and headers must not change their meaning."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text.strip()):
            raise ValueError
        return text.strip()

    return parse


_token = _like(r"[!-~]*")
_identifier = _like(r"[A-Za-z0-9_-]*")
_bot_token = _like(r"([0-9]+:[A-Za-z0-9_-]+)?")


def _optional_address(text: str) -> str:
    return web_address(text) if text else ""


def _optional_origin(text: str) -> str:
    origins = _origins(text)
    if len(origins) > 1:
        raise ValueError
    return "".join(origins)


def _optional_text_address(text: str) -> str:
    """The address as it stands: an issuer is compared letter by letter, a slash at its end counts."""
    if text:
        web_address(text)
    return text


def _database(text: str) -> str:
    if text and not re.match(r"(sqlite:///|postgresql(\+psycopg2)?://).", text.strip()):
        raise ValueError
    return text.strip()


def _mail_address(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text.strip()):
        raise ValueError
    return text.strip()


def _starttls(text: str) -> str:
    return {"on": "on", "off": "off", "tls": "tls"}[text.strip().lower()]


def _fernet_keys(text: str) -> Tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if not all(re.fullmatch(r"[A-Za-z0-9_-]{43}=", key) for key in keys):
        raise ValueError
    return keys


SETTINGS: Tuple[Setting, ...] = (
    Setting("HOST", "127.0.0.1", "an address of this machine", str, "Address on which the gateway listens."),
    Setting("PORT", "8080", "a port, 1 to 65535", _port, "Port of the gateway: chat page and public API."),
    Setting("RASA_PORT", "5005", "a port, 1 to 65535", _port, "Port of Rasa, on loopback only."),
    Setting(
        "ACTIONS",
        "inprocess",
        "'inprocess' or 'http'",
        _actions,
        "Where custom actions run: in Rasa's process or in a server of their own.",
    ),
    Setting(
        "ACTIONS_PORT",
        "5055",
        "a port, 1 to 65535",
        _port,
        "Port of the action server, on loopback only (with ACTIONS=http).",
    ),
    Setting(
        "CONTENT",
        "content",
        "a folder or an http(s) address",
        str,
        "Where the content comes from: the folder, or the city's CMS export.",
    ),
    Setting("VAR", "var", "a folder", Path, "Folder for databases, the secret and copies; never committed."),
    Setting(
        "SECRET",
        "",
        "at least 32 characters, or empty",
        _secret,
        "Signs sessions and buttons; empty makes one in VAR at the first start.",
    ),
    Setting(
        "ORIGINS",
        "",
        "http(s) origins without a path, divided by commas",
        _origins,
        "Websites, besides the gateway's own, that may use the chat.",
    ),
    Setting("LIMITS", "on", "'on' or 'off'", _switch, "Rate limits; 'off' is for measurements."),
    Setting("MESSAGES_PER_MINUTE", "20", "a whole number from 1", _positive, "Messages a minute for one session."),
    Setting(
        "ADDRESS_PER_MINUTE", "120", "a whole number from 1", _positive, "Requests a minute from one network address."
    ),
    Setting("MAX_TEXT", "1000", "a whole number from 1", _positive, "Longest message, in characters."),
    Setting("SESSION_HOURS", "12", "a number above 0", _seconds, "How long a session may be used, in hours."),
    Setting(
        "ANSWER_SECONDS", "10", "a number above 0", _seconds, "How long the gateway waits for an answer, in seconds."
    ),
    Setting(
        "TRUSTED_PROXIES",
        "",
        "addresses, divided by commas",
        str,
        "Proxies whose X-Forwarded-For is believed; empty believes none.",
    ),
    Setting(
        "PUBLIC_URL",
        "",
        "an http(s) address, or empty",
        _optional_address,
        "Address under which people and messengers reach the gateway; the messengers need it.",
    ),
    Setting("CONSOLE_HOST", "127.0.0.1", "an address of this machine", str, "Address on which the console listens."),
    Setting("CONSOLE_PORT", "8090", "a port, 1 to 65535", _port, "Port of the console, the staff's pages."),
    Setting(
        "CONSOLE_URL",
        "",
        "an http(s) origin without a path, or empty",
        _optional_origin,
        "Address under which staff reach the console; needed where it is not this machine's own.",
    ),
    Setting(
        "OIDC_ISSUER",
        "",
        "an http(s) address, or empty",
        _optional_text_address,
        "OpenID Connect: the issuer; empty switches it off.",
    ),
    Setting("OIDC_CLIENT", "", "a text without spaces", _token, "OpenID Connect: id of the console at the issuer."),
    Setting("OIDC_SECRET", "", "a secret without spaces", _token, "OpenID Connect: the console's secret there."),
    Setting(
        "TELEGRAM_TOKEN",
        "",
        "a token such as 123456:ABC-def",
        _bot_token,
        "Telegram: the bot's token; empty switches Telegram off.",
    ),
    Setting(
        "META_APP_SECRET",
        "",
        "a secret without spaces",
        _token,
        "WhatsApp and Messenger: secret that signs what Meta sends.",
    ),
    Setting(
        "META_VERIFY_TOKEN",
        "",
        "a text without spaces",
        _token,
        "WhatsApp and Messenger: text that Meta shows at set-up.",
    ),
    Setting(
        "WHATSAPP_TOKEN", "", "a token without spaces", _token, "WhatsApp: access token; empty switches WhatsApp off."
    ),
    Setting(
        "WHATSAPP_PHONE_ID", "", "letters and digits", _identifier, "WhatsApp: id of the telephone number that answers."
    ),
    Setting(
        "MESSENGER_TOKEN",
        "",
        "a token without spaces",
        _token,
        "Messenger: the page's token; empty switches Messenger off.",
    ),
    Setting("TWILIO_ACCOUNT", "", "letters and digits", _identifier, "Twilio: account SID; empty switches Twilio off."),
    Setting("TWILIO_TOKEN", "", "a token without spaces", _token, "Twilio: the account's auth token."),
    Setting("SLACK_TOKEN", "", "a token without spaces", _token, "Slack: bot token; empty switches Slack off."),
    Setting(
        "SLACK_SIGNING_SECRET", "", "a secret without spaces", _token, "Slack: secret that signs what Slack sends."
    ),
    Setting(
        "MATRIX_HOMESERVER",
        "",
        "an http(s) address, or empty",
        _optional_address,
        "Matrix: address of the homeserver; empty switches Matrix off.",
    ),
    Setting("MATRIX_TOKEN", "", "a token without spaces", _token, "Matrix: the account's access token."),
    Setting(
        "DATABASE",
        "",
        "a URL such as postgresql://user:password@host/name, sqlite:///path, or empty",
        _database,
        "Database of the console and of notes of erasure; empty is SQLite in VAR.",
    ),
    Setting("CONSOLE", "on", "'on' or 'off'", _switch, "The staff's console and the reader that fills it."),
    Setting(
        "KEEP_CONVERSATIONS_DAYS",
        "180",
        "a whole number from 1",
        _positive,
        "How long the console keeps redacted conversations, in days.",
    ),
    Setting(
        "KEEP_TRACKER_DAYS",
        "7",
        "a whole number from 1",
        _positive,
        "How long Rasa's tracker store keeps conversations as they were typed, in days.",
    ),
    Setting(
        "PLATFORM_BASE",
        "",
        "an http(s) address, or empty",
        _optional_address,
        "Address that stands in for all messengers' own, for tests; it gets their tokens.",
    ),
    Setting(
        "OFFICE_MAIL",
        "",
        "an e-mail address, or empty",
        _mail_address,
        "Where citizens' requests go; empty, or no SMTP_HOST, and the assistant takes none.",
    ),
    Setting(
        "SMTP_HOST",
        "",
        "a host name, or empty",
        _like(r"[A-Za-z0-9.:-]*"),
        "Mail server that takes the mails of requests; empty sends none.",
    ),
    Setting("SMTP_PORT", "587", "a port, 1 to 65535", _port, "Port of the mail server."),
    Setting("SMTP_USER", "", "a text without spaces", _token, "Name at the mail server; empty signs in nowhere."),
    Setting("SMTP_PASSWORD", "", "a text without line breaks", _like(r"[^\r\n]*"), "Password at the mail server."),
    Setting(
        "SMTP_STARTTLS",
        "on",
        "'on', 'off' or 'tls'",
        _starttls,
        "Encryption to the mail server: STARTTLS, none, or TLS from the first byte.",
    ),
    Setting(
        "MAIL_FROM",
        "",
        "an e-mail address, or empty",
        _mail_address,
        "Sender of the mails of requests; empty is OFFICE_MAIL.",
    ),
    Setting(
        "INQUIRY_KEYS",
        "",
        "Fernet keys, divided by commas",
        _fernet_keys,
        "Keys that encrypt requests, the first one new ones; empty derives one from SECRET.",
    ),
    Setting(
        "KEEP_INQUIRIES_DAYS",
        "30",
        "a whole number from 1",
        _positive,
        "How long a request is kept after it was closed, in days.",
    ),
    Setting(
        "INQUIRIES_A_DAY",
        "200",
        "a whole number from 1",
        _positive,
        "Requests a day that are taken in all: the brake against floods.",
    ),
)


_DERIVED = {PREFIX + name for name in ("INTERNAL_SECRET", "ACTIONS_URL", "TRACKER_DB")}
"""Variables that the runtime sets for the Rasa project files."""


_HIDDEN = ("SECRET", "TOKEN", "DATABASE", "PASSWORD", "KEYS")
"""Settings whose values no message repeats."""


class Settings:
    """The values of all settings, as attributes in lower case: `settings.port`."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        values: Dict[str, Any] = {}
        known = {setting.variable for setting in SETTINGS} | _DERIVED
        for variable in environ:
            if variable.startswith(PREFIX) and variable not in known:
                raise SettingError(f"{variable} is no setting. Known are: {', '.join(sorted(known))}.")
        for setting in SETTINGS:
            text = environ.get(setting.variable, "") or setting.default
            try:
                values[setting.name.lower()] = setting.parse(text)
            except (ValueError, KeyError):
                shown = "the value given" if setting.name.endswith(_HIDDEN) else f"'{text}'"
                raise SettingError(
                    f"{setting.variable}: {shown} cannot be used; expected {setting.expected}."
                ) from None
        self._values = values

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"There is no setting '{name}'.") from None

    def secret_for(self, purpose: str) -> str:
        """A secret (64 hex digits) for one purpose, derived from SECRET or from VAR/secret."""
        master = self.secret or _kept_secret(self.var / "secret")
        return hmac.new(master.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def _kept_secret(path: Path) -> str:
    try:
        kept = path.read_text("ascii").strip()
        if len(kept) >= 32:
            return kept
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
    try:
        # Appears whole or not at all: of several processes that start at once, one wins.
        os.link(fresh, path)
    except FileExistsError:
        if len(path.read_text("ascii").strip()) < 32:
            fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_text("ascii").strip()


def read_settings(environ: Optional[Mapping[str, str]] = None) -> Settings:
    """The settings of `environ` (by default the process's). Raises SettingError."""
    return Settings(os.environ if environ is None else environ)
