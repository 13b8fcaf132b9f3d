"""The records that content/ holds, as immutable values."""

from __future__ import annotations

import datetime as dt
import heapq
from dataclasses import dataclass, field
from functools import cached_property
from typing import Dict, List, Mapping, Optional, Tuple

FIRST = 8
"""Initiatives that `Knowledge.knowing` gives at most: five buttons, and three that the words fit."""

LANGUAGES = ("de", "de-simple", "en")
"""German, Leichte Sprache (BCP 47 variant `simple`) and English."""

ASPECTS = (
    "about",
    "goals",
    "status",
    "operator",
    "place",
    "time",
    "cost",
    "joining",
    "audience",
    "requirements",
    "accessibility",
    "function",
    "data",
    "contact",
    "figures",
)
"""What can be asked of an initiative or a theme."""

OFFICE_ASPECTS = (
    "responsible",
    "phone",
    "email",
    "room",
    "address",
    "appointment",
    "visit",
    "hours",
    "idea",
    "complaint",
    "accessibility",
)
"""What can be asked of an office."""

STATES = ("active", "ended", "unclear")

Text = Mapping[str, str]
"""One text a language of `LANGUAGES`."""


@dataclass(frozen=True)
class Source:
    """Where a fact stands: a page, its printed date and the day on which it was read."""

    title: str
    url: str
    read: dt.date
    date: Optional[str] = None
    """ISO year, month or day as printed on (or inferred from) the page; None where it has none."""
    low_quality: bool = False

    @property
    def as_of(self) -> str:
        """ISO date that the statement can be held to: the page's own, else the day it was read."""
        return self.date or self.read.isoformat()

    @property
    def year(self) -> Optional[int]:
        return int(self.date[:4]) if self.date else None


@dataclass(frozen=True)
class Link:
    title: Text
    url: str


@dataclass(frozen=True)
class Fact:
    """One aspect's answer with the sources that support it, best first."""

    text: Text
    sources: Tuple[Source, ...]
    lasting: bool = False
    """True for what does not age: an event of the past, a reason, a definition."""
    links: Tuple[Link, ...] = ()
    evidence: Tuple[str, ...] = ()
    """Words that must stand on the source pages, for `smartcity sources check`."""


@dataclass(frozen=True)
class Topic:
    """What initiatives, themes and offices share."""

    kind: str
    id: str
    name: Text
    facts: Mapping[str, Fact]
    aliases: Tuple[str, ...] = ()
    generic: Tuple[str, ...] = ()
    """Everyday words that can mean this topic; several topics may share one."""


@dataclass(frozen=True)
class Initiative(Topic):
    themes: Tuple[str, ...] = ()
    state: str = "active"
    ask: str = ""
    """Id of the office to ask for what is not known here."""
    notice: Optional[Fact] = None
    """One sentence said before every other answer when the initiative ended or its state is unclear."""
    listed: bool = True


@dataclass(frozen=True)
class Theme(Topic):
    order: int = 0


@dataclass(frozen=True)
class Office(Topic):
    url: Optional[str] = None
    phone: Optional[str] = None
    email: Optional[str] = None
    sources: Tuple[Source, ...] = ()
    """Where name, address and numbers stand."""


@dataclass(frozen=True)
class Service:
    """Another service of the city: not answered here, only pointed to."""

    id: str
    name: Text
    aliases: Tuple[str, ...]
    doors: Tuple[str, ...]
    """Ids of the offices that help, best first."""


@dataclass(frozen=True)
class Notice:
    """What offices announce for some days, such as that they are closed."""

    id: str
    text: Text
    from_: dt.date
    until: dt.date
    """The last day on which it is shown."""
    sources: Tuple[Source, ...]
    """The pages that support it, best first."""
    offices: Tuple[str, ...] = ()
    """Ids of the offices that it concerns; none means all."""

    def concerns(self, office_id: str) -> bool:
        return not self.offices or office_id in self.offices


@dataclass(frozen=True, eq=False)
class Knowledge:
    """All that the assistant may say, at one moment."""

    initiatives: Mapping[str, Initiative] = field(default_factory=dict)
    themes: Mapping[str, Theme] = field(default_factory=dict)
    offices: Mapping[str, Office] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    phrases: Mapping[str, Text] = field(default_factory=dict)
    notices: Mapping[str, Notice] = field(default_factory=dict)
    """In the order of their beginning, with those that are over or yet to come."""
    version: str = ""
    """Digest of the content that this was read from."""

    def topic(self, kind: str, topic_id: str) -> Optional[Topic]:
        """The initiative, theme or office with this id, or None."""
        shelf: Mapping[str, Topic] = {
            "initiative": self.initiatives,
            "theme": self.themes,
            "office": self.offices,
        }.get(kind, {})
        return shelf.get(topic_id)

    def notices_on(self, day: dt.date, office_id: Optional[str] = None) -> Tuple[Notice, ...]:
        """The notices of a day, those of one office when it is given."""
        return tuple(
            notice
            for notice in self.notices.values()
            if notice.from_ <= day <= notice.until and (office_id is None or notice.concerns(office_id))
        )

    def initiatives_of(self, theme_id: str) -> Tuple[Initiative, ...]:
        """The listed initiatives of a theme: first at home there, then running ones first."""
        return self._of_themes.get(theme_id, ())

    @cached_property
    def listed(self) -> Tuple[Initiative, ...]:
        """The listed initiatives of all themes, each once, theme by theme."""
        return tuple({i.id: i for theme_id in self.themes for i in self.initiatives_of(theme_id)}.values())

    def knowing(self, aspect: str, theme_id: Optional[str] = None) -> Tuple[Initiative, ...]:
        """The first listed initiatives, of a theme or of all: those that know the aspect, of these the running ones."""
        first = self._first.get((theme_id, aspect))
        if first is None:
            found = self.listed if theme_id is None else self.initiatives_of(theme_id)
            ranked = heapq.nsmallest(FIRST, found, key=lambda i: (aspect not in i.facts, i.state == "ended"))
            first = self._first[theme_id, aspect] = tuple(ranked)
        return first

    @cached_property
    def _first(self) -> Dict[Tuple[Optional[str], str], Tuple[Initiative, ...]]:
        return {}

    @cached_property
    def _of_themes(self) -> Mapping[str, Tuple[Initiative, ...]]:
        found: Dict[str, List[Initiative]] = {}
        for initiative in self.initiatives.values():
            for theme_id in initiative.themes if initiative.listed else ():
                found.setdefault(theme_id, []).append(initiative)
        return {
            theme_id: tuple(
                sorted(some, key=lambda i: (i.themes[0] != theme_id, STATES.index(i.state), i.name["de"].casefold()))
            )
            for theme_id, some in found.items()
        }
