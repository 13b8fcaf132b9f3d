"""The check of the sources: one at a time, its findings kept, its failure told."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console.health import sources
from smartcity.console.tables import cursors
from smartcity.knowledge.evidence import Finding
from smartcity.knowledge.records import Source

from ..both import engine as engine

SOURCE = Source("SWK: AGB", "https://www.swk.de/agb", dt.date(2026, 11, 1))
FINDING = Finding("initiative/kruiser/cost", SOURCE, "not found there: 2025")


def test_findings_are_kept_until_the_next_check(engine: Engine) -> None:
    assert sources.last(engine) == sources.Check()
    assert sources.begin(engine)
    assert sources.last(engine).begun
    assert not sources.begin(engine)
    sources.store(engine, [FINDING])
    found = sources.last(engine)
    assert found.begun is None and found.ended
    assert list(found.findings) == [
        {
            "fact": "initiative/kruiser/cost",
            "title": "SWK: AGB",
            "url": "https://www.swk.de/agb",
            "reason": "not found there: 2025",
        }
    ]
    # The next one begins and fails half-way: the findings of the last whole one stay.
    assert sources.begin(engine)

    def fails() -> Iterator[Finding]:
        yield Finding("x/y/z", SOURCE, "half")
        raise OSError("no network")

    with pytest.raises(OSError):
        sources.store(engine, fails())
    after = sources.last(engine)
    assert (after.begun, after.ended, after.findings) == (None, found.ended, found.findings)
    assert after.failed == "OSError: no network"


def test_a_check_that_died_with_its_console_is_given_up(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sources.begin(engine)
    monkeypatch.setattr(sources, "GIVEN_UP", -1)
    assert sources.last(engine).begun is None
    assert sources.begin(engine)


def test_of_several_at_once_one_begins(engine: Engine) -> None:
    began: list[bool] = []
    threads = [threading.Thread(target=lambda: began.append(sources.begin(engine))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(began) == [False] * 7 + [True]


def test_a_tampered_row_breaks_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(cursors).values(name=sources.NAME, value=["?"]))
    assert sources.last(engine) == sources.Check()
