"""Where knowledge comes from while the assistant runs: a folder or a real local HTTP server."""

from __future__ import annotations

import json
import logging
import threading
import time
from pathlib import Path

import pytest
import requests

from smartcity.knowledge import source
from smartcity.knowledge.documents import ContentError
from smartcity.knowledge.loading import export
from smartcity.knowledge.records import Knowledge
from smartcity.knowledge.source import FolderSource, HttpSource, KnowledgeStore

from .folder import INVENTUR, LEIHRAD, ContentFolder
from .server import Page, Server


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Counted:
    """A source that counts how often it is asked and gives what it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.next: Knowledge | Exception | None = Knowledge(version="first")

    def fetch(self) -> Knowledge | None:
        self.asked += 1
        if isinstance(self.next, Exception):
            raise self.next
        return self.next


def _status(knowledge: Knowledge | None) -> str:
    assert knowledge is not None
    return knowledge.initiatives["leihrad"].facts["status"].text["de"]


# The folder


def test_a_folder_is_read_once_until_it_changes(content: ContentFolder) -> None:
    folder = FolderSource(content.root)
    assert _status(folder.fetch()) == "Das Leihrad gibt es."
    assert folder.fetch() is None
    content.edit(LEIHRAD, "Das Leihrad gibt es.", "Das Leihrad gibt's .")
    assert _status(folder.fetch()) == "Das Leihrad gibt's ."
    assert folder.fetch() is None


def test_new_and_removed_files_are_changes(content: ContentFolder) -> None:
    folder = FolderSource(content.root)
    folder.fetch()
    content.write("phrases/more.yml", "bye: {de: A, de-simple: A, en: A}\n")
    fresh = folder.fetch()
    assert fresh is not None and "bye" in fresh.phrases
    (content.root / "phrases/more.yml").unlink()
    fresh = folder.fetch()
    assert fresh is not None and "bye" not in fresh.phrases


def test_the_first_notice_and_its_end_are_changes(content: ContentFolder) -> None:
    notice = content.text(INVENTUR)
    (content.root / INVENTUR).unlink()
    (content.root / "notices").rmdir()
    folder = FolderSource(content.root)
    folder.fetch()
    (content.root / "notices").mkdir()
    content.write(INVENTUR, notice)
    fresh = folder.fetch()
    assert fresh is not None and list(fresh.notices) == ["inventur"]
    (content.root / INVENTUR).unlink()
    fresh = folder.fetch()
    assert fresh is not None and fresh.notices == {}


def test_broken_content_is_told_once_for_each_change(content: ContentFolder) -> None:
    folder = FolderSource(content.root)
    folder.fetch()
    content.edit(LEIHRAD, "state: active", "state: asleep")
    with pytest.raises(ContentError):
        folder.fetch()
    assert folder.fetch() is None
    content.edit(LEIHRAD, "state: asleep", "state: active")
    assert folder.fetch() is not None


def test_a_file_that_could_not_be_read_is_tried_again(content: ContentFolder) -> None:
    folder = FolderSource(content.root)
    folder.fetch()
    path = content.root / "phrases" / "more.yml"
    path.mkdir()  # whoever runs the tests, a folder cannot be read as a file
    for _ in range(2):
        with pytest.raises(OSError):
            folder.fetch()


# The store


def test_the_source_is_asked_at_most_once_an_interval() -> None:
    counted, clock = Counted(), Clock()
    store = KnowledgeStore(counted, interval=2.0, clock=clock)
    clock.now += 1.9
    store.current()
    assert counted.asked == 1
    clock.now += 0.1
    store.current()
    store.current()
    assert counted.asked == 2


def test_a_change_is_taken_up_with_its_names(content: ContentFolder) -> None:
    clock = Clock()
    store = KnowledgeStore(FolderSource(content.root), clock=clock)
    content.edit(LEIHRAD, "Fahrradmieter", "Pedalverleih")
    assert store.names.find("Pedalverleih") == []
    clock.now += 5
    (mention,) = store.names.find("Pedalverleih")
    assert mention.references == (("initiative", "leihrad"),)
    assert "Pedalverleih" in store.knowledge.initiatives["leihrad"].aliases


def test_broken_content_keeps_the_last_good(content: ContentFolder, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    store = KnowledgeStore(FolderSource(content.root), clock=clock)
    good = store.knowledge
    content.edit(LEIHRAD, "state: active", "state: asleep")
    clock.now += 5
    assert store.knowledge is good
    assert "the last good one stays in use" in caplog.text
    assert f"content/{LEIHRAD}:4: 'asleep' is not allowed" in caplog.text
    content.edit(LEIHRAD, "state: asleep", "state: active\nlisted: false")
    clock.now += 5
    assert store.knowledge.initiatives["leihrad"].listed is False


@pytest.mark.parametrize("failure", [OSError("disk"), requests.ConnectionError("net"), ContentError([])])
def test_a_source_that_fails_later_keeps_the_last_good(failure: Exception) -> None:
    counted, clock = Counted(), Clock()
    store = KnowledgeStore(counted, interval=2.0, clock=clock)
    counted.next = failure
    clock.now += 2
    assert store.knowledge.version == "first"
    counted.next = Knowledge(version="second")
    assert store.knowledge.version == "first"
    clock.now += 2
    assert store.knowledge.version == "second"


@pytest.mark.parametrize("failure", [OSError("disk"), requests.ConnectionError("net"), ContentError([])])
def test_a_source_that_fails_at_the_start_says_so(failure: Exception) -> None:
    counted = Counted()
    counted.next = failure
    with pytest.raises(type(failure)):
        KnowledgeStore(counted)


def test_a_source_that_gives_nothing_at_the_start_says_so() -> None:
    counted = Counted()
    counted.next = None
    with pytest.raises(ValueError, match="gave nothing at its first call"):
        KnowledgeStore(counted)


def test_nobody_waits_while_another_reloads() -> None:
    class Slow(Counted):
        def __init__(self) -> None:
            super().__init__()
            self.begun, self.go_on = threading.Event(), threading.Event()

        def fetch(self) -> Knowledge | None:
            if self.asked:
                self.begun.set()
                assert self.go_on.wait(10)
            return super().fetch()

    slow, clock = Slow(), Clock()
    store = KnowledgeStore(slow, interval=2.0, clock=clock)
    slow.next = Knowledge(version="second")
    clock.now += 2
    reloading = threading.Thread(target=store.current)
    reloading.start()
    assert slow.begun.wait(10)
    assert store.knowledge.version == "first"
    slow.go_on.set()
    reloading.join(10)
    assert store.knowledge.version == "second"
    assert slow.asked == 2


def test_a_thread_looks_where_nobody_shall_wait_for_a_slow_source() -> None:
    class Slow(Counted):
        go_on = threading.Event()

        def fetch(self) -> Knowledge | None:
            assert not self.asked or self.go_on.wait(10)
            return super().fetch()

    slow, clock = Slow(), Clock()
    store = KnowledgeStore(slow, interval=2.0, clock=clock, aside=True)
    slow.next = Knowledge(version="second")
    clock.now += 2
    assert [store.knowledge.version for _ in range(3)] == ["first"] * 3
    slow.go_on.set()
    end = time.monotonic() + 10
    while store.knowledge.version == "first" and time.monotonic() < end:
        time.sleep(0.01)
    assert (store.knowledge.version, slow.asked) == ("second", 2)


def test_a_look_that_costs_much_is_taken_seldom() -> None:
    clock, effort = Clock(), Clock()

    class Long(Counted):
        def fetch(self) -> Knowledge | None:
            effort.now += 3
            return super().fetch()

    store = KnowledgeStore(counted := Long(), interval=2.0, clock=clock, effort=effort)
    for _ in range(60):
        clock.now += 2
        assert store.knowledge.version == "first"
    assert counted.asked == 3  # at the start, after two seconds, and after a minute


# HTTP


def _export(content: ContentFolder) -> bytes:
    return json.dumps(export(content.root)).encode()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "var" / "content-copy.yml"


@pytest.fixture
def cms(server: Server, content: ContentFolder) -> Server:
    server.pages["/export"] = Page(_export(content), content_type="application/json", etag='"1"')
    return server


def test_an_address_is_asked_with_its_etag(cms: Server, content: ContentFolder, copy: Path) -> None:
    remote = HttpSource(cms.url("/export"), copy)
    assert _status(remote.fetch()) == "Das Leihrad gibt es."
    assert remote.fetch() is None
    content.edit(LEIHRAD, "Das Leihrad gibt es.", "Das Leihrad fährt.")
    cms.pages["/export"] = Page(_export(content), etag='"2"')
    assert _status(remote.fetch()) == "Das Leihrad fährt."
    assert remote.fetch() is None
    assert cms.seen == [
        ("/export", None, 200),
        ("/export", '"1"', 304),
        ("/export", '"1"', 200),
        ("/export", '"2"', 304),
    ]


def test_umlauts_arrive_whatever_the_declared_type(cms: Server, content: ContentFolder, copy: Path) -> None:
    content.edit(LEIHRAD, "Das Leihrad gibt es.", "Das Leihrad fährt.")
    body = json.dumps(export(content.root), ensure_ascii=False).encode()
    cms.pages["/export"] = Page(body, content_type="text/plain")
    assert _status(HttpSource(cms.url("/export"), copy).fetch()) == "Das Leihrad fährt."


@pytest.mark.parametrize("page", [Page(status=500), Page(status=404), Page(b"<html>Wartung</html>"), Page(b"{}")])
def test_an_address_that_fails_later_says_so_and_recovers(
    cms: Server, content: ContentFolder, copy: Path, page: Page
) -> None:
    clock = Clock()
    store = KnowledgeStore(HttpSource(cms.url("/export"), copy), interval=60.0, clock=clock)
    good, kept = store.knowledge, copy.read_text("utf-8")
    cms.pages["/export"] = page
    clock.now += 60
    assert store.knowledge is good
    assert copy.read_text("utf-8") == kept
    content.edit(LEIHRAD, "Das Leihrad gibt es.", "Das Leihrad fährt.")
    cms.pages["/export"] = Page(_export(content))
    clock.now += 60
    assert _status(store.knowledge) == "Das Leihrad fährt."


@pytest.mark.parametrize("page", [Page(status=503), Page(b"<html>Wartung</html>"), Page(b'{"initiatives/a.yml": {}}')])
def test_the_last_good_copy_serves_at_the_start(
    cms: Server, copy: Path, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    HttpSource(cms.url("/export"), copy).fetch()
    cms.pages["/export"] = page
    again = HttpSource(cms.url("/export"), copy)
    with caplog.at_level(logging.WARNING):
        assert _status(again.fetch()) == "Das Leihrad gibt es."
    assert "the last good copy is used" in caplog.text
    with pytest.raises((requests.RequestException, ContentError)):
        again.fetch()


def test_an_unreachable_address_at_the_start_uses_the_copy(cms: Server, copy: Path) -> None:
    HttpSource(cms.url("/export"), copy).fetch()
    assert _status(HttpSource("http://127.0.0.1:9/export", copy).fetch()) == "Das Leihrad gibt es."


def test_without_a_copy_an_unreachable_address_stops_the_start(copy: Path) -> None:
    with pytest.raises(requests.ConnectionError):
        HttpSource("http://127.0.0.1:9/export", copy).fetch()


def test_the_copy_is_followed_by_what_the_address_says_later(cms: Server, content: ContentFolder, copy: Path) -> None:
    HttpSource(cms.url("/export"), copy).fetch()
    cms.pages["/export"].status, cms.pages["/export"].etag = 500, ""
    again = HttpSource(cms.url("/export"), copy)
    again.fetch()
    content.edit(LEIHRAD, "Das Leihrad gibt es.", "Das Leihrad fährt.")
    cms.pages["/export"] = Page(_export(content), etag='"2"')
    assert _status(again.fetch()) == "Das Leihrad fährt."


def test_what_could_not_be_kept_on_disk_is_asked_for_again(cms: Server, copy: Path) -> None:
    copy.parent.mkdir()
    copy.with_suffix(".new").mkdir()  # nothing can be written there
    remote = HttpSource(cms.url("/export"), copy)
    with pytest.raises(OSError):
        remote.fetch()
    copy.with_suffix(".new").rmdir()
    assert remote.fetch() is not None


def test_an_address_that_does_not_answer_in_time(cms: Server, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    store = KnowledgeStore(HttpSource(cms.url("/export"), copy), interval=60.0, clock=clock)
    good = store.knowledge
    monkeypatch.setattr(source, "TIMEOUT", (0.2, 0.2))
    cms.slow.clear()
    with pytest.raises(requests.Timeout):
        HttpSource(cms.url("/export"), copy.with_name("none.yml")).fetch()
    assert _status(HttpSource(cms.url("/export"), copy).fetch()) == "Das Leihrad gibt es."
    clock.now += 60
    assert store.knowledge is good


def test_there_is_a_time_out() -> None:
    assert all(0 < seconds <= 10 for seconds in source.TIMEOUT)
