"""What the text of a setting may be: each turns it into a value or raises ValueError or KeyError."""

from __future__ import annotations

import math
import re
from typing import Callable, Tuple


def port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise ValueError
    return port


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def above_zero(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise ValueError
    return number


def switch(text: str) -> bool:
    return {"on": True, "off": False}[text.strip().lower()]


def web_address(text: str) -> str:
    """The http(s) address without a slash at its end. Raises ValueError for anything else."""
    if not text.startswith(("http://", "https://")):
        raise ValueError
    return text.rstrip("/")


def origins(text: str) -> Tuple[str, ...]:
    found = tuple(web_address(origin.strip()) for origin in text.split(",") if origin.strip())
    if any(origin.count("/") != 2 for origin in found):
        raise ValueError
    return found


def places(text: str) -> Tuple[str, ...]:
    """https addresses, each without a path, and files. Raises ValueError for other addresses."""
    found = tuple(place.strip().rstrip("/") for place in text.split(",") if place.strip())
    if any("://" in place and not re.fullmatch(r"https://[^/@]+", place) for place in found):
        raise ValueError
    return found


def optional_address(text: str) -> str:
    return web_address(text) if text else ""


def optional_origin(text: str) -> str:
    found = origins(text)
    if len(found) > 1:
        raise ValueError
    return "".join(found)


def optional_text_address(text: str) -> str:
    """The address as it stands: an issuer is compared letter by letter, a slash at its end counts."""
    if text:
        web_address(text)
    return text


def one_of(*known: str) -> Callable[[str], str]:
    """Takes these words and no others."""
    return {word: word for word in known}.__getitem__


def actions(text: str) -> str:
    if text not in ("inprocess", "http"):
        raise ValueError
    return text


def secret(text: str) -> str:
    if text and len(text) < 32:
        raise ValueError
    return text


def like(pattern: str) -> Callable[[str], str]:
    """Takes texts of this shape: what goes into addresses and headers must not change their meaning."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text.strip()):
            raise ValueError
        return text.strip()

    return parse


token = like(r"[!-~]*")
identifier = like(r"[A-Za-z0-9_-]*")
bot_token = like(r"([0-9]+:[A-Za-z0-9_-]+)?")


def database(text: str) -> str:
    if text and not re.match(r"(sqlite:///|postgresql(\+psycopg2)?://).", text.strip()):
        raise ValueError
    return text.strip()


def mail_address(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text.strip()):
        raise ValueError
    return text.strip()


def starttls(text: str) -> str:
    return {"on": "on", "off": "off", "tls": "tls"}[text.strip().lower()]


def fernet_keys(text: str) -> Tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if not all(re.fullmatch(r"[A-Za-z0-9_-]{43}=", key) for key in keys):
        raise ValueError
    return keys


def pairs(text: str) -> Tuple[Tuple[str, str], ...]:
    """`name=value` pairs, divided by commas; a value may hold further signs of equality and spaces."""
    found = []
    for part in text.split(","):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name and value:
            found.append((name, value))
        elif part.strip():
            raise ValueError
    return tuple(found)


def redis(text: str) -> str:
    if text and not re.match(r"(rediss?|unix)://.", text.strip()):
        raise ValueError
    return text.strip()
