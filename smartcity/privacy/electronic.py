"""Finders of e-mail addresses and telephone numbers. Every expression is bounded, so that time grows with the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from smartcity.privacy.spans import E_MAIL, PHONE, Span

_MAIL = re.compile(r"(?<![\w.+'’&-])[\w.+'’&-]{1,200} ?@ ?(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}")
_ENDINGS = "(?:de|com|net|org|eu|info|at|ch|nl|fr|uk|co\\.uk|me|io)"
_PROVIDERS = (
    "(?:web|gmx|gmail|googlemail|t-online|yahoo|outlook|hotmail|icloud|freenet|posteo|arcor|aol|live|mailbox|proton|me)"
)
_AT = r" ?[(\[{] ?(?:at|ät|@) ?[)\]}] ?"
_AT_WORD = " (?:at|ät|klammeraffe) "
_DOT = r"(?: ?[(\[{] ?(?:dot|punkt|\.) ?[)\]}] ?| (?:dot|punkt) )"
# 'Frage at krefeld.de' is a place where, 'anna at web.de' is not.
_SPOKEN_MAIL = re.compile(
    rf"(?<![\w.+-])[\w+-]{{1,64}}(?:(?:{_DOT}|\.)[\w+-]{{1,64}}){{0,2}}(?:"
    rf"{_AT}[\w-]{{1,63}}(?:{_DOT}|\.)|{_AT_WORD}[\w-]{{1,63}}{_DOT}|{_AT_WORD}{_PROVIDERS}\.){_ENDINGS}\b",
    re.IGNORECASE,
)
_SPOKEN_SIGN = re.compile(r"[(\[{] ?(?:at|ät|@)| (?:at|ät|klammeraffe) ", re.IGNORECASE)

_DIGITS = re.compile(r"(?<![\w,])(?:\+|\(\+?)?\d(?:[ ()/.\-–:]{0,3}\d){4,44}(?!\w)")
_BEFORE = re.compile(
    r"(?:tel|fon|handy|mobil|whatsapp|durchwahl|festnetz|fax|ruf|phone|call|text me|reach me|"
    r"(?:meine|my|der|ihre) (?:nummer|number))"
    r"[\w.]{0,12}[^\w\n]{0,3}(?:(?:mich|uns|bitte|ist|is|lautet|die|der|nummer|nr|number|an|unter|on|at|me|von|mir)[.:]?[^\w\n]{1,3}){0,5}$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"[^\w\n]{1,2}(?:bitte )?(?:anrufen|zu erreichen|erreichbar)", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")
_PREFIX = re.compile(r"[^\d+]{1,3}(?:\+|\(?0\d{2,4}\b)(?=(?:[^\d]{0,3}\d){7})|[^\d+]{1,3}0\d{9}")
_LOOK_BACK = 70
_LEAST_DIGITS, _MOST_DIGITS = 7, 18


def mails(text: str) -> Iterator[Span]:
    """E-mail addresses, also with blanks at the sign and spelt as 'anna (at) web punkt de'."""
    if "@" in text:
        for match in _MAIL.finditer(text):
            yield Span(match.start(), match.end(), E_MAIL)
    if _SPOKEN_SIGN.search(text):
        for match in _SPOKEN_MAIL.finditer(text):
            yield Span(match.start(), match.end(), E_MAIL)


def phones(text: str) -> Iterator[Span]:
    """Telephone numbers: with their prefix anywhere, without it where the words around say what they are."""
    for match in _DIGITS.finditer(text):
        start, end = match.span()
        if _DATE.fullmatch(match.group()) or _GROUPED.fullmatch(match.group()):
            continue
        while start < end:
            length = _phone(text[start:end])
            if not length and start == match.start() and _is_announced(text, start, end):
                length = end - start
            if length:
                rest = text[start + length : end]
                # What is left of the run and is no number itself belongs to this one: too much is better than a rest.
                if 4 <= sum(sign.isdigit() for sign in rest) < _LEAST_DIGITS and not _DATE.fullmatch(rest.strip()):
                    length = end - start
                yield Span(start, start + length, PHONE)
                start += length
            else:
                # Perhaps the number begins with the next group of digits.
                group = re.match(r"[+(]*\d+", text[start:end])
                start += group.end() if group else 1
            while start < end and text[start] not in "+(0123456789":
                start += 1


def standard(text: str) -> str | None:
    """The number as digits with the country's, such as 492151861085; None where it is none."""
    try:
        number = phonenumbers.parse(text.replace("(0)", "").replace("–", "-"), "DE")
    except phonenumbers.NumberParseException:
        return None
    return f"{number.country_code}{number.national_number}"


def _phone(candidate: str) -> int:
    """The length of the longest beginning that is a telephone number with its prefix; 0 where none is."""
    digits = [place for place, sign in enumerate(candidate) if sign.isdigit()][:_MOST_DIGITS]
    begin = candidate.lstrip("(")[:1]
    if begin not in ("+", "0") or len(digits) < _LEAST_DIGITS:
        return 0
    ends = [place + 1 for place in digits if place + 1 == len(candidate) or not candidate[place + 1].isdigit()]
    # Before another prefix the number ends, if it can; otherwise the longest one counts.
    following = [end for end in ends if _PREFIX.match(candidate, end)]
    possible = 0
    for end in (*following, *reversed(ends)):
        part = candidate[:end].replace("(0)", "").replace("–", "-").replace(":", " ")
        if sum(sign.isdigit() for sign in part) < _LEAST_DIGITS or _DATE.fullmatch(part):
            continue
        try:
            number = phonenumbers.parse(part, "DE")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return end
        if not possible and phonenumbers.is_possible_number(number):
            possible = end
    return possible


def _is_announced(text: str, start: int, end: int) -> bool:
    return bool(_BEFORE.search(text[max(0, start - _LOOK_BACK) : start]) or _AFTER.match(text[end : end + 30]))
