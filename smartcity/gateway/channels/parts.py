"""A message as lines and parts: links and source as text, splits at sentences, choices with numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smartcity.gateway.channels.words import say

_JOINERS = "\u200d\ufe0f\ufe0e"
_BREAKS = (re.compile(r"\n+"), re.compile(r"[.!?…:][\"“”»')]*\s+"), re.compile(r"\s+"))
"""Where a text may be split, best first: a line, a sentence, a word."""
_MARKS = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_MARKUP = re.compile(r"(?<![^\W_])[*_~`]+(?=\S)|(?<=\S)[*_~`]+(?![^\W_])|`+")
_ADDRESS = re.compile(r"(https?://\S+)")
SHARE = 0.5
"""A break is taken from the last half of what fits, so that parts do not become tiny."""


@dataclass(frozen=True)
class Line:
    """A line of text, with the address that it leads to."""

    text: str
    url: str | None = None


Show = Callable[[Line], str]
Fits = Callable[[str], bool]


def lines(message: Mapping[str, Any]) -> list[Line]:
    """Text, links and source of a public message."""
    found = [Line(message["text"])] if message["text"].strip() else []
    found += [Line(link["title"], link["url"]) for link in message["links"]]
    source = message["source"]
    if source:
        found.append(Line(_source(source, message["language"]), source["url"]))
    return found


def plain(line: Line) -> str:
    """The line without markup: 'title: address'."""
    if line.url is None:
        return line.text
    address = bare(line.url)
    return address if line.text in ("", address, line.url) else f"{line.text}: {address}"


def bare(url: str) -> str:
    """The address as one reads it: of mailto: and tel: only what follows."""
    return re.sub(r"^(mailto|tel):", "", url, flags=re.IGNORECASE)


def pack(found: Sequence[Line], show: Show, fits: Fits) -> list[str]:
    """The lines, shown, in as few parts as fit."""
    parts: list[str] = []
    current = ""
    for line in found:
        shown = show(line)
        joined = f"{current}\n{shown}" if current else shown
        if fits(joined):
            current = joined
            continue
        if current:
            parts.append(current)
        if fits(shown):
            current = shown
            continue
        pieces = [show(Line(piece)) for piece in split(line.text, lambda text: fits(show(Line(text))))]
        if line.url is not None and fits(show(Line("", line.url))):
            pieces.append(show(Line("", line.url)))
        *whole, current = pieces or [""]
        parts += whole
    return [*parts, current] if current else parts


def split(text: str, fits: Fits) -> list[str]:
    """The text in pieces that fit; only white space at the breaks is lost."""
    pieces = []
    rest = text.strip()
    while rest and not fits(rest):
        end = _longest(rest, fits)
        cut = _break(rest, end)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [piece for piece in [*pieces, rest] if piece]


def _longest(text: str, fits: Fits) -> int:
    """How many characters from the beginning fit, at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[:middle]):
            low = middle
        else:
            high = middle - 1
    return low


def _break(text: str, end: int) -> int:
    for pattern in _BREAKS:
        ends = [found.end() for found in pattern.finditer(text[: end + 1]) if found.start() <= end]
        ends = [min(found, end) for found in ends if found > end * SHARE]
        if ends:
            return ends[-1]
    cut = end
    # Not between a letter and the accent or joiner that belongs to it.
    while cut > 1 and (unicodedata.combining(text[cut]) or text[cut] in _JOINERS or text[cut - 1] in _JOINERS):
        cut -= 1
    return cut if cut > 1 else end


def without_markup(text: str) -> str:
    """The text for WhatsApp and Slack, which have no way to escape their markup: signs that begin or end it
    become look-alikes. Addresses stay as they are."""
    pieces = _ADDRESS.split(text)
    pieces[::2] = [_MARKUP.sub(lambda found: found.group().translate(_MARKS), piece) for piece in pieces[::2]]
    return re.sub(r"^(\s*)>", r"\1›", "".join(pieces), flags=re.MULTILINE)


def shortened(title: str, longest: int) -> str:
    """The title with at most so many characters."""
    return title if len(title) <= longest else title[: longest - 1].rstrip() + "…"


def numbered(buttons: Sequence[Mapping[str, str]], first: int, language: str) -> list[Line]:
    """The choices as lines of text with numbers, below a sentence that says what to do."""
    if not buttons:
        return []
    choices = [Line(f"{number}. {button['title']}") for number, button in enumerate(buttons, first)]
    return [Line(say("choose_number", language)), *choices]


def references(buttons: Sequence[Mapping[str, str]]) -> list[str]:
    return [button["payload"] for button in buttons]


def _source(source: Mapping[str, Any], language: str) -> str:
    title, as_of, read = source["title"], source["as_of"], source["read"]
    if source["dated"] and as_of:
        return say("source_dated", language, title=title, date=_date(as_of))
    if read or as_of:
        return say("source_read", language, title=title, date=_date(read or as_of))
    return say("source", language, title=title)


def _date(text: str) -> str:
    """'2025', '12/2025' or '3.12.2025', as a German reads it."""
    year, *rest = text.split("-")
    if not rest:
        return year
    if len(rest) == 1:
        return f"{rest[0]}/{year}"
    return f"{rest[1].lstrip('0')}.{rest[0].lstrip('0')}.{year}"
