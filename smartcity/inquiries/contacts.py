"""What citizens type about themselves, checked and put into one form; None for what it is not."""

from __future__ import annotations

import re
import unicodedata

import idna
import phonenumbers

NAME_LENGTH = 80
LONGEST = 1000
"""Longer texts hold no contact."""
EMAIL_LENGTH = 254
"""The longest address of RFC 5321."""

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?P<local>{_LOCAL})@(?P<domain>(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9]))")
_BEFORE = '<>()[]"„“”‚‘’,;:'  # an address may begin with ! or '
_AFTER = _BEFORE + "'!?."
_NAME_SIGNS = re.compile(r"[^\W\d_]|[ .,'’`´·-]")
_INTRODUCED = re.compile(
    r"^(?:ich hei(?:ß|ss)e|mein name ist|mein name lautet|ich bin|name ist|name|i am|i['’]m|my name is|this is)\b:?\s+",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\S+@\S+")


def read_email(text: str) -> str | None:
    """The one e-mail address in the text, its domain in lower case."""
    if _unprintable(text) or len(text) > LONGEST:
        return None
    candidates = _SEVERAL.findall(text)
    if len(candidates) != 1:
        return None
    candidate = re.sub(r"^mailto:", "", candidates[0].lstrip(_BEFORE).rstrip(_AFTER), flags=re.IGNORECASE)
    candidate = _ascii_domain(candidate)
    found = _EMAIL.fullmatch(candidate)
    if "=?" in candidate:  # mail programs would decode it
        return None
    if found is None or len(candidate) > EMAIL_LENGTH or len(found["local"]) > 64:
        return None
    return f"{found['local']}@{found['domain'].lower()}"


def _ascii_domain(address: str) -> str:
    """The address with a domain such as müller.de as mail servers write it."""
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return address


def read_telephone(text: str) -> str | None:
    """The one telephone number in the text, as +49215186...; without a country it is German."""
    if _unprintable(text) or "@" in text or len(text) > LONGEST:
        return None
    found = {
        phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        for match in phonenumbers.PhoneNumberMatcher(text, "DE", leniency=phonenumbers.Leniency.VALID)
        # What costs the office money, or is no person's.
        if phonenumbers.number_type(match.number) not in _NOT_CALLED
    }
    return found.pop() if len(found) == 1 else None


def read_name(text: str) -> str | None:
    """A person's name: letters of any script, spaces, and the few signs that names have."""
    if _unprintable(text):
        return None
    name = " ".join(unicodedata.normalize("NFC", text).split())
    name = _INTRODUCED.sub("", name).strip(" .,;:!?-") if len(name) <= 2 * NAME_LENGTH else ""
    letters = sum(sign.isalpha() for sign in name)
    if not 1 < len(name) <= NAME_LENGTH or letters < 2:
        return None
    # Marks that belong to a letter (in scripts that have no composed ones) are part of it.
    if all(_NAME_SIGNS.fullmatch(sign) or unicodedata.category(sign) in ("Mn", "Mc") for sign in name):
        return name
    return None


def read_text(text: str, longest: int = 2000) -> str | None:
    """Free text, such as a subject: line breaks stay, other control characters go; None when nothing is left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    clean = "\n".join("".join(" " if _unprintable(sign) else sign for sign in line).rstrip() for line in lines).strip()
    return clean[:longest].rstrip() or None


def _unprintable(text: str) -> bool:
    """Control characters, line breaks, signs that turn the direction of writing, halves of characters."""
    return any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn") for sign in text)


_NOT_CALLED = frozenset(
    (
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.PAGER,
        phonenumbers.PhoneNumberType.VOICEMAIL,
    )
)
