"""What the ingest takes from content: which contact data is public, and the theme of an initiative."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import requests

from smartcity.knowledge.documents import ContentError
from smartcity.knowledge.records import Knowledge
from smartcity.knowledge.source import shared_store
from smartcity.privacy.redaction import NOBODY, Public, personal, redact

logger = logging.getLogger(__name__)

MOST_ANSWERS = 4000
"""Answers whose redacted text is kept in memory."""


@dataclass(frozen=True)
class Known:
    """Public contact data, and for each initiative its first theme."""

    public: Public = NOBODY
    themes: Mapping[str, str] = field(default_factory=dict)
    _answers: dict[str, str] = field(default_factory=dict)

    def redact_answer(self, text: str) -> str:
        """An answer of the assistant, redacted. They come from content, so the same ones come again and again."""
        found = self._answers.get(text)
        if found is None:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            found = self._answers[text] = redact(text, self.public).text
        return found


def known_of(knowledge: Knowledge) -> Known:
    """Whatever in content looks personal is what the city has published: it stays readable."""
    public: set[str] = set()
    for text in set(_texts(knowledge)):
        public.update(text[span.start : span.end] for span in personal(text))
    for office in knowledge.offices.values():
        public.update(way for way in (office.phone, office.email) if way)
    themes = {one.id: one.themes[0] for one in knowledge.initiatives.values() if one.themes}
    return Known(Public(public), themes)


class CurrentKnown:
    """What content says now; read anew when it changes. Without content nothing is public."""

    def __init__(self, knowledge: Callable[[], Knowledge] | None = None) -> None:
        self._knowledge = knowledge or (lambda: shared_store().knowledge)
        self._version: str | None = None
        self._known = Known()
        self._warned = False

    def __call__(self) -> Known:
        try:
            knowledge = self._knowledge()
        except (ContentError, OSError, ValueError, requests.RequestException) as error:
            if not self._warned:
                logger.warning("Content cannot be read (%s); its contact data is redacted.", type(error).__name__)
            self._warned = True
            return self._known
        self._warned = False
        if knowledge.version != self._version:
            self._known, self._version = known_of(knowledge), knowledge.version
        return self._known


def _texts(value: Any) -> Iterator[str]:
    """All texts within records, mappings and sequences."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _texts(getattr(value, one.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _texts(one)
