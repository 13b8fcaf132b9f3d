"""What the ingest takes from content: which contact data is public, and the theme of an initiative."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests

from smartcity.knowledge.documents import ContentError
from smartcity.knowledge.records import Knowledge
from smartcity.knowledge.source import shared_store
from smartcity.privacy.published import published
from smartcity.privacy.redaction import NOBODY, Public, redact

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
    ways = [way for office in knowledge.offices.values() for way in (office.phone, office.email)]
    themes = {one.id: one.themes[0] for one in knowledge.initiatives.values() if one.themes}
    return Known(published(knowledge, ways), themes)


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
