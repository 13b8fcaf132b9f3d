"""Finders of account numbers, card numbers and licence plates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartcity.privacy.spans import CARD, IBAN, PLATE, Span

_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24,
    "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip
"""How long an IBAN of each country is."""
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})[ .\-]?\d[ ]?\d(?=[ .\-]{0,2}[A-Za-z0-9])")
_SEPARATORS = " .-–"
_LEAST_GERMAN = 16
"""Digits after DE from which it is taken for an IBAN with a slip, whatever the checksum."""

_CARD = re.compile(r"(?<![\w,.])[2-6](?:[ \-.]?\d){12,18}(?!\w)")

_NEAR = frozenset(
    "AC BM BN BO BOR BOT CAS COE D DIN DN DO DU DUE E EN ERK ES EU F FR GE GL GLA GM GT GV H HA HAM HB HER HF HH HN "
    "HS HSK HX K KA KI KK KLE KR L LEV LIP LP LÜN M MEP MER METT MG MH MI MK MO MS MZ N NE NEU NOH NU OB OE OL OP P "
    "PB R RE RS RY S SG SI SO ST SU UN VIE W WAN WAF WES WIT WM WÜ".split()
)
"""Districts whose plates are known without a hyphen: the region and great cities."""
_PLATE = re.compile(
    r"(?<![\w\-])([A-ZÄÖÜ]{1,3})(-| - |:| )([A-Z]{1,2})[ \-]{0,2}([1-9]\d{0,3})[ ]?([EH]?)(?![\w])", re.IGNORECASE
)
_JOINED = re.compile(r"(?<![\w\-])([A-ZÄÖÜ]{1,3})-?([A-Z]{1,2})([1-9]\d{0,3})([EH]?)(?!\w)", re.IGNORECASE)
_PLATE_WORD = re.compile(r"kennz|nummernschild|licen[cs]e|number plate|plate", re.IGNORECASE)
_CAR_WORD = re.compile(r"auto|wagen|fahrzeug|pkw|lkw|fahre|parkt|car\b|van\b|roller|motorrad", re.IGNORECASE)
_NORMS = ("DIN", "ISO", "EN")
_LOOK_BACK = 40


def ibans(text: str) -> Iterator[Span]:
    """International account numbers with a right checksum; German ones with a slip too."""
    for match in _IBAN.finditer(text):
        country = match.group(1).upper()
        if country not in _LENGTHS:
            continue
        end, kept = _taken(text, match.start(), _LENGTHS[country])
        whole = not text[end : end + 1].isalnum()
        if whole and len(kept) == _LENGTHS[country] and _right(kept):
            yield Span(match.start(), end, IBAN)
        elif country == "DE":
            end = _digits_until(text, match.start() + 2)
            if sum(sign.isdigit() for sign in text[match.start() : end]) >= _LEAST_GERMAN:
                yield Span(match.start(), end, IBAN)


def cards(text: str) -> Iterator[Span]:
    """Numbers of payment cards whose last digit (Luhn) is right."""
    for match in _CARD.finditer(text):
        digits = [int(sign) for sign in match.group() if sign.isdigit()]
        doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
        if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0:
            yield Span(match.start(), match.end(), CARD)


def plates(text: str) -> Iterator[Span]:
    """German licence plates; the looser the form, the more the words before must say so."""
    for match in _PLATE.finditer(text):
        district, between, letters = match.group(1, 2, 3)
        before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
        named = bool(_PLATE_WORD.search(before))
        upper = district.isupper() and letters.isupper()
        hyphen = "-" in between or ":" in between
        near = district.upper() in _NEAR and district.upper() not in _NORMS
        if named or (hyphen and (upper or near)) or (near and (upper or _CAR_WORD.search(before))):
            yield Span(match.start(), match.end(), PLATE)
    if _PLATE_WORD.search(text) or _CAR_WORD.search(text):
        for match in _JOINED.finditer(text):
            before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
            if _PLATE_WORD.search(before):
                yield Span(match.start(), match.end(), PLATE)


def _taken(text: str, start: int, length: int) -> tuple[int, str]:
    """Where `length` letters and digits, with single separators, end; and these."""
    kept: list[str] = []
    place = start
    while place < len(text) and len(kept) < length:
        sign = text[place]
        if sign.isascii() and sign.isalnum():
            kept.append(sign.upper())
        elif sign not in _SEPARATORS or text[place - 1] in _SEPARATORS:
            break
        place += 1
    return place, "".join(kept)


def _right(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def _digits_until(text: str, start: int) -> int:
    end = place = start
    while place < len(text) and place - start < 40 and (text[place] in _SEPARATORS or text[place].isdigit()):
        place += 1
        if text[place - 1].isdigit():
            end = place
    return end
