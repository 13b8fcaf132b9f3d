"""What should be looked at in content/, with the file and the line to edit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Sequence, Tuple

import requests

from smartcity.knowledge.documents import ContentError, Document, Problem
from smartcity.knowledge.loading import Bundle, load, read_folder
from smartcity.knowledge.records import Fact, Initiative, Knowledge, Source
from smartcity.knowledge.source import read_once

OLD_DAYS = 365


@dataclass(frozen=True)
class OldFact:
    """A fact that can age, whose best source's as-of date is older than a year."""

    fact: str
    """Such as initiative/kruiser/cost."""
    text: str
    as_of: str
    dated: bool
    """False where the page has no date and the day of reading counts."""
    source: Source
    place: str
    """File and line."""


@dataclass(frozen=True)
class PastNotice:
    """A notice that is over."""

    id: str
    text: str
    until: dt.date
    place: str


class Places:
    """Files and lines of facts, where content is a folder; else the place that it comes from."""

    def __init__(self, place: str, bundle: Optional[Bundle]) -> None:
        self._place = place
        self._documents: Dict[Tuple[str, str], Document] = {}
        for kind in ("initiative", "theme", "office", "notice"):
            for document in (bundle or {}).get(kind, ()):
                self._documents[kind, document.data["id"]] = document

    def of(self, kind: str, record: str, *path: str) -> str:
        """`content/initiatives/kruiser.yml:31`, the nearest place that there is."""
        document = self._documents.get((kind, record))
        return f"{document.file}:{document.line(path)}" if document else self._place

    def file(self, kind: str, record: str) -> str:
        """The file of a record; of one that does not exist yet, where it belongs."""
        document = self._documents.get((kind, record))
        return document.file if document else f"{self._place}/{kind}s/{record}.yml"


@dataclass(frozen=True)
class ContentHealth:
    """What was found; `problems` instead of all else when the content cannot be read."""

    problems: Sequence[Problem] = ()
    unreachable: str = ""
    """Why a CMS could not be asked."""
    old: Sequence[OldFact] = ()
    past: Sequence[PastNotice] = ()
    knowledge: Optional[Knowledge] = None
    places: Optional[Places] = None


_last: Tuple[Any, ContentHealth] = (None, ContentHealth())


def look_at(place: str, today: dt.date) -> ContentHealth:
    """Read the content at a folder or an address, and tell what should be looked at. Never raises for bad content.

    A folder is read again only when a file changed.
    """
    global _last
    if place.startswith(("http://", "https://")):
        return _look_at(place, today)
    key = (place, today, _state(Path(place)))
    if _last[0] != key:
        _last = (key, _look_at(place, today))
    return _last[1]


def _state(folder: Path) -> Tuple[Tuple[str, int, int], ...]:
    found = []
    for path in sorted(folder.rglob("*.y*ml")):
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((str(path), stat.st_size, stat.st_mtime_ns))
    return tuple(found)


def _look_at(place: str, today: dt.date) -> ContentHealth:
    bundle: Optional[Bundle] = None
    try:
        if place.startswith(("http://", "https://")):
            knowledge = read_once(place)
        else:
            bundle = read_folder(Path(place))
            knowledge = load(bundle)
    except ContentError as error:
        return ContentHealth(problems=error.problems)
    except (OSError, requests.RequestException) as error:
        return ContentHealth(unreachable=f"{type(error).__name__}: {error}"[:300])
    places = Places(place, bundle)
    old = sorted(_old(knowledge, places, today), key=lambda fact: (fact.as_of, fact.fact))
    past = [
        PastNotice(notice.id, notice.text["de"], notice.until, places.of("notice", notice.id, "until"))
        for notice in knowledge.notices.values()
        if notice.until < today
    ]
    return ContentHealth(old=old, past=past, knowledge=knowledge, places=places)


def facts_of(knowledge: Knowledge) -> Iterator[Tuple[str, str, str, Fact]]:
    """(kind, id, aspect, fact) of everything that the assistant may say."""
    for shelf in (knowledge.initiatives, knowledge.themes, knowledge.offices):
        for topic in shelf.values():
            for aspect, fact in topic.facts.items():
                yield topic.kind, topic.id, aspect, fact
            if isinstance(topic, Initiative) and topic.notice:
                yield topic.kind, topic.id, "notice", topic.notice


def _old(knowledge: Knowledge, places: Places, today: dt.date) -> Iterator[OldFact]:
    for kind, record, aspect, fact in facts_of(knowledge):
        source = fact.sources[0]
        if not fact.lasting and (today - latest_day(source.as_of)).days > OLD_DAYS:
            path = ("notice",) if aspect == "notice" else ("facts", aspect)
            yield OldFact(
                f"{kind}/{record}/{aspect}",
                fact.text["de"],
                source.as_of,
                source.date is not None,
                source,
                places.of(kind, record, *path),
            )


def latest_day(as_of: str) -> dt.date:
    """The last day that an ISO year, month or day can mean."""
    parts = [int(part) for part in as_of.split("-")]
    if len(parts) == 3:
        return dt.date(*parts)
    year, month = (parts[0], parts[1]) if len(parts) == 2 else (parts[0], 12)
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return following - dt.timedelta(days=1)
