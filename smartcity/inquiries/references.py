"""References such as KR-7F3K-2M: drawn at random, easy to say, and a slip is noticed."""

from __future__ import annotations

import re
import secrets

SIGNS = "23456789ABCDFGHJKMNPQRSTVWXYZ"
"""No 0, 1, I, L, O, no E and U (so that few words arise). 29 is prime: one wrong or two swapped signs show."""
LENGTH = 6

_PLACE = {sign: number for number, sign in enumerate(SIGNS)}
_GAP = r"[\s._/\u2010-\u2015-]*"
_TYPED = re.compile(
    rf"(?<![^\W_])(?:(?P<prefix>KR){_GAP})?(?P<first>[{SIGNS}]{{4}})(?P<gap>{_GAP})(?P<second>[{SIGNS}]{{2}})(?![^\W_])",
    re.IGNORECASE,
)


_MEANT = re.compile(
    rf"(?<![^\W_])KR{_GAP}[0-9A-Z]{{3,5}}[\s._/\u2010-\u2015-]+[0-9A-Z]{{1,3}}(?![^\W_])", re.IGNORECASE
)


def make() -> str:
    """A new reference; 20 million are possible, so whoever stores it sees to it that it is new."""
    body = "".join(secrets.choice(SIGNS) for _ in range(LENGTH - 1))
    return _shown(body + _check(body))


def find(text: str) -> str | None:
    """The first reference in what somebody typed, as it is written properly; None where there is none.

    Case, spaces and kinds of dash do not matter. Without its KR it needs the dash in the middle.
    """
    for found in _TYPED.finditer(text):
        if not found["prefix"] and not re.search(r"[\u2010-\u2015-]", found["gap"]):
            continue
        signs = (found["first"] + found["second"]).upper()
        if _check(signs[:-1]) == signs[-1]:
            return _shown(signs)
    return None


def looks_like_one(text: str) -> bool:
    """Whether something is meant as a reference, right or not."""
    return _MEANT.search(text) is not None


def _check(body: str) -> str:
    # Weights differ and are no multiple of 29, so each slip of one sign and each swap changes the sum.
    return SIGNS[sum((place + 2) * _PLACE[sign] for place, sign in enumerate(body)) % len(SIGNS)]


def _shown(signs: str) -> str:
    return f"KR-{signs[:4]}-{signs[4:]}"
