"""What a finder of personal data gives: places in a text, each of one kind."""

from __future__ import annotations

from typing import NamedTuple

E_MAIL = "E-MAIL"
PHONE = "TELEFON"
IBAN = "IBAN"
CARD = "KARTE"
PLATE = "KENNZEICHEN"
ADDRESS = "ADRESSE"
NAME = "NAME"
BIRTH = "GEBURTSDATUM"
KINDS = (E_MAIL, PHONE, IBAN, CARD, PLATE, ADDRESS, NAME, BIRTH)
"""A placeholder is the kind in angle brackets: <E-MAIL>."""


class Span(NamedTuple):
    """A place of personal data in a text, from `start` to before `end`."""

    start: int
    end: int
    kind: str
