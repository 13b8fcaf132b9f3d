"""The project that the console corrects: its folder, its content, its trials. Read when a page first asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests
from starlette.requests import Request

from smartcity.console.corrections.trials import Trials
from smartcity.console.ingest.known import CurrentKnown, Known
from smartcity.knowledge.documents import ContentError
from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.records import Knowledge
from smartcity.knowledge.source import ContentSource, FolderSource, HttpSource, KnowledgeStore


def root(request: Request) -> Path:
    """The folder with config.yml, domain.yml and data/: where the console was started."""
    found: Path = getattr(request.app.state, "root", Path())
    return found


def known(request: Request) -> tuple[Knowledge, NameIndex]:
    """The content and its names as they are now.

    Raises ContentError, OSError or requests.RequestException while they never could be read.
    """
    return _store(request.app.state).current()


def _store(state: Any) -> KnowledgeStore:
    if not hasattr(state, "knowledge"):
        place = state.settings.content
        source: ContentSource = (
            HttpSource(place, state.settings.var / "content-copy.yml") if "://" in place else FolderSource(Path(place))
        )
        state.knowledge = KnowledgeStore(source, interval=60.0 if "://" in place else 2.0)
    store: KnowledgeStore = state.knowledge
    return store


def public(request: Request) -> Known:
    """What content says is public, for redaction; nothing while content cannot be read."""
    state = request.app.state
    if not hasattr(state, "public"):
        state.public = CurrentKnown(lambda: _store(state).current()[0])
    current: CurrentKnown = state.public
    return current()


def name_of(request: Request, kind: str, value: str, language: str) -> str:
    """The name of an initiative or a theme in German or English; any other value, and where content is away, itself."""
    if kind not in ("initiative", "theme"):
        return value
    try:
        topic = known(request)[0].topic(kind, value)
    except (ContentError, OSError, requests.RequestException):
        return value
    return topic.name["en" if language == "en" else "de"] if topic else value


def trials(request: Request) -> Trials:
    """The trials of this console."""
    state = request.app.state
    if not hasattr(state, "trials"):
        state.trials = Trials(state.engine, state.settings, root(request))
    found: Trials = state.trials
    return found
