"""Where the knowledge comes from while the assistant runs: a folder or an HTTP address.

A change is taken up within seconds. When the new content is broken or the address does not
answer, the last good knowledge stays in use and the reason is logged.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from fnmatch import fnmatch
from pathlib import Path
from typing import Callable, Iterator, Optional, Protocol, Tuple

import requests

from smartcity.knowledge.documents import ContentError
from smartcity.knowledge.loading import load, read_export, read_folder
from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.records import Knowledge
from smartcity.knowledge.search import facts_of, search_of
from smartcity.settings import read_settings

logger = logging.getLogger(__name__)

UNNOTICED = 0.02
"""Seconds that a question waits for a look at the content: enough to see that nothing changed."""
SELDOM = 20.0
"""The pause between two looks, in times of what a look takes of a processor."""
TIMEOUT = (3.05, 10.0)
"""Seconds to connect and to read, for a content source over HTTP."""


class ContentSource(Protocol):
    """Gives the knowledge when it changed since the last call, else None.

    Raises ContentError when the new content is broken, OSError or
    requests.RequestException when it cannot be had.
    """

    def fetch(self) -> Optional[Knowledge]: ...


class FolderSource:
    """content/ on disk; changes show in names, sizes and times of its files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: Optional[Tuple[Tuple[str, int, int], ...]] = None

    def fetch(self) -> Optional[Knowledge]:
        state = tuple(sorted(_files(self.root)))
        if state == self._seen:
            return None
        try:
            knowledge = load(read_folder(self.root))
        except ContentError:
            self._seen = state
            raise
        self._seen = state
        return knowledge


def _files(folder: Path) -> Iterator[Tuple[str, int, int]]:
    """Path, size and time of every YAML file below the folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if fnmatch(entry.name, "*.y*ml"):
                stat = entry.stat()
                yield entry.path, stat.st_size, stat.st_mtime_ns
            if entry.is_dir():
                yield from _files(Path(entry.path))


class HttpSource:
    """A CMS export at an address, asked with its ETag; the last good copy is kept on disk."""

    def __init__(self, address: str, copy: Path) -> None:
        self.address = address
        self.copy = copy
        self._etag: Optional[str] = None
        self._started = False

    def fetch(self) -> Optional[Knowledge]:
        headers = {"If-None-Match": self._etag} if self._etag else {}
        try:
            answer = requests.get(self.address, headers=headers, timeout=TIMEOUT)
            if answer.status_code == 304:
                return None
            answer.raise_for_status()
            answer.encoding = "utf-8"
            knowledge = load(read_export(answer.text, self.address))
        except (requests.RequestException, ContentError):
            if self._started or not self.copy.exists():
                raise
            logger.warning("The content source %s failed; the last good copy is used.", self.address, exc_info=True)
            self._started = True
            return load(read_export(self.copy.read_text("utf-8"), self.copy.name))
        self._started = True
        self.copy.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.copy.with_suffix(".new")
        fresh.write_text(answer.text, "utf-8")
        fresh.replace(self.copy)
        # Last: what could not be taken up is asked for again.
        self._etag = answer.headers.get("ETag")
        return knowledge


class KnowledgeStore:
    """The current knowledge and its names, reloaded when the source changed.

    `interval` is in seconds: how often the source is looked at, at most. The first load raises
    what the source raises; later failures keep the last good knowledge. With `aside` a thread looks,
    so that nobody waits for a slow address or for thousands of files.
    """

    def __init__(
        self,
        source: ContentSource,
        interval: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
        aside: bool = False,
        effort: Callable[[], float] = time.thread_time,
    ) -> None:
        self._aside = aside
        self._effort = effort
        self._source = source
        self._interval = interval
        self._clock = clock
        self._lock = threading.Lock()
        first = source.fetch()
        if first is None:
            raise ValueError("The content source gave nothing at its first call.")
        self._current = _indexed(first)
        self._next = clock() + interval

    @property
    def knowledge(self) -> Knowledge:
        return self.current()[0]

    @property
    def names(self) -> NameIndex:
        return self.current()[1]

    def current(self) -> Tuple[Knowledge, NameIndex]:
        """The knowledge and its name index, from the same moment."""
        if self._clock() >= self._next and self._lock.acquire(blocking=False):
            if self._aside:
                look = threading.Thread(target=self._look, name="content", daemon=True)
                look.start()
                look.join(UNNOTICED)
            else:
                self._look()
        return self._current

    def _look(self) -> None:
        """Take up what is new; the lock is held already."""
        before = self._effort()
        try:
            fresh = self._source.fetch()
            if fresh is not None:
                self._current = _indexed(fresh)
                logger.info("Content was reloaded (version %s).", fresh.version)
        except (ContentError, OSError, requests.RequestException) as error:
            logger.error("The content could not be reloaded; the last good one stays in use.\n%s", error)
        finally:
            # Where a look costs much it is taken seldom.
            self._next = self._clock() + max(self._interval, SELDOM * (self._effort() - before))
            self._lock.release()


def _indexed(knowledge: Knowledge) -> Tuple[Knowledge, NameIndex]:
    """The knowledge with its names; what else is built from it is built now, not at the first question."""
    search_of(knowledge)
    facts_of(knowledge)
    return knowledge, NameIndex(knowledge)


def read_once(place: str) -> Knowledge:
    """The knowledge at a folder or an http(s) address, now. Raises what the source raises."""
    if not place.startswith(("http://", "https://")):
        return load(read_folder(Path(place)))
    answer = requests.get(place, timeout=TIMEOUT)
    answer.raise_for_status()
    answer.encoding = "utf-8"
    return load(read_export(answer.text, place))


_shared: Optional[KnowledgeStore] = None
_shared_lock = threading.Lock()


def shared_store() -> KnowledgeStore:
    """The store of this process, from SMARTCITY_CONTENT (a folder or an http(s) address)."""
    global _shared
    with _shared_lock:
        if _shared is None:
            settings = read_settings()
            place = settings.content
            if place.startswith(("http://", "https://")):
                _shared = KnowledgeStore(
                    HttpSource(place, settings.var / "content-copy.yml"), interval=60.0, aside=True
                )
            else:
                _shared = KnowledgeStore(FolderSource(Path(place)), aside=True)
        return _shared
