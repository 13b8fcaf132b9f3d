"""Passwords: what is refused, and how the others are kept (Argon2id)."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 256
_COMMON = (
    "passwort", "password", "kennwort", "krefeld", "smartcity", "qwertz", "qwerty", "asdfgh", "letmein", "welcome",
    "willkommen", "hallo", "geheim", "iloveyou", "abc", "admin", "verwaltung", "konsole", "stadt", "changeme",
    "sommer", "winter", "herbst", "fruehling", "frühling", "monkey", "dragon", "schatz", "master", "test",
)  # fmt: skip
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertzuiopü",
    "qwertyuiop",
    "asdfghjklöä",
    "yxcvbnm",
    "zxcvbnm",
    "0123456789" * 3,
)

_hasher = PasswordHasher()
_DUMMY = _hasher.hash("nobody has this password")
_turns = threading.Semaphore(2)
"""Each check takes 64 MiB: many at once would take the machine's memory."""


class PasswordError(ValueError):
    """A password that is refused; the message is the key of the reason's text."""


def check(password: str, *names: str) -> None:
    """Raise PasswordError for one that is short, common, or made of the account's own names."""
    if len(password) < SHORTEST:
        raise PasswordError("password.short")
    if len(password) > LONGEST:
        raise PasswordError("password.long")
    rest = password.lower()
    own = {part for name in names for part in name.lower().split() if len(part) > 2}
    for part in sorted(own, key=len, reverse=True):
        rest = rest.replace(part, "")
    for word in _COMMON:
        rest = rest.replace(word, "")
    if len(set(rest)) < 5 or len(rest) < 6 or _is_row(rest):
        raise PasswordError("password.weak")


def hashed(password: str) -> str:
    """What is stored."""
    with _turns:
        return _hasher.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; takes as long where nothing is stored."""
    with _turns:
        try:
            return _hasher.verify(stored or _DUMMY, password[: LONGEST + 1]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def _is_row(text: str) -> bool:
    """Whether it is keys in a row or one piece again and again."""
    letters = "".join(sign for sign in text if sign.isalnum())
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    longest = max(
        (size for size in range(1, len(letters) + 1) if any(letters[:size] in row for row in rows)), default=0
    )
    repeated = any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1))
    return repeated or longest >= len(letters) - 2
