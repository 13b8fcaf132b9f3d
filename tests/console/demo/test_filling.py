"""The demo: enough to try everything, the same for the same seed, marked, and never among real conversations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.database import migrate, open_database
from smartcity.console.demo.filling import DAYS, DemoError, fill, is_demo
from smartcity.console.ingest.follow import open_ingest
from smartcity.console.tables import OUTCOMES, conversations, turn_tags, turns
from smartcity.knowledge.records import Knowledge
from smartcity.knowledge.source import read_once
from smartcity.settings import read_settings

from ..rows import a_conversation

PROJECT = Path(__file__).parents[3]
LAST = dt.date(2026, 11, 25)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return read_once(str(PROJECT / "content"))


def opened(path: Path) -> Engine:
    return open_database(sa.engine.URL.create("sqlite", database=str(path)))


@pytest.fixture(scope="module")
def demo(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = opened(fill(tmp_path_factory.mktemp("demo"), knowledge, LAST))
    yield engine
    engine.dispose()


def rows(engine: Engine, query: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(query))


def test_there_is_enough_of_everything(demo: Engine) -> None:
    talks = rows(demo, sa.select(conversations))
    assert len(talks) >= 300
    assert all(talk.invented for talk in talks)
    assert len({talk.channel for talk in talks}) >= 4
    assert {talk.language for talk in talks} == {"de", "de-simple", "en"}
    days = {clock.in_krefeld(talk.started).date() for talk in talks}
    assert min(days) >= LAST - dt.timedelta(days=DAYS) and max(days) <= LAST
    assert len(days) > 45
    said = rows(demo, sa.select(turns))
    assert {turn.outcome for turn in said} == set(OUTCOMES) - {"failed"}
    assert {turn.feedback for turn in said} == {None, "up", "down"}
    assert {turn.verdict for turn in said} == {None, "right", "partly", "wrong"}
    assert sum(turn.repeated for turn in said) > 10
    assert any(turn.comment for turn in said) and any("<NAME>" in turn.said for turn in said)
    assert rows(demo, sa.select(turn_tags))


def test_answers_are_the_citys_own(demo: Engine, knowledge: Knowledge) -> None:
    answered = rows(demo, sa.select(turns).where(turns.c.outcome == "answered"))
    assert len(answered) > 100
    for turn in answered:
        _, record, aspect = turn.answer.split("/")
        fact = knowledge.initiatives[record].facts[aspect]
        (message,) = turn.answers
        assert message["text"] == fact.text[turn.language]
        assert message["source"]["url"] == fact.sources[0].url
        (entity,) = turn.entities
        name = knowledge.initiatives[record].name[turn.language]
        assert turn.said[entity["start"] : entity["end"]] == name
    for turn in rows(demo, sa.select(turns).where(turns.c.outcome == "unknown")):
        _, record, aspect = turn.answer.split("/")
        assert aspect not in knowledge.initiatives[record].facts


def test_the_same_seed_gives_the_same_and_another_seed_another(
    demo: Engine, knowledge: Knowledge, tmp_path: Path
) -> None:
    everything = sa.select(turns).order_by(turns.c.id)
    first = rows(demo, everything)
    again = opened(fill(tmp_path / "again", knowledge, LAST))
    other = opened(fill(tmp_path / "other", knowledge, LAST, seed=2))
    assert rows(again, everything) == first
    assert rows(other, everything) != first
    # Made anew in the same folder it replaces the old one.
    again.dispose()
    engine = opened(fill(tmp_path / "again", knowledge, LAST, seed=2))
    assert rows(engine, everything) == rows(other, everything)
    engine.dispose()
    other.dispose()


@pytest.mark.parametrize("with_conversation", [True, False])
def test_it_never_touches_another_database(knowledge: Knowledge, tmp_path: Path, with_conversation: bool) -> None:
    engine = opened(tmp_path / "console.db")
    migrate(engine)
    if with_conversation:
        a_conversation(engine)
    assert not is_demo(engine)
    with pytest.raises(DemoError, match=r"console\.db holds something else"):
        fill(tmp_path, knowledge, LAST)
    assert len(rows(engine, sa.select(conversations))) == with_conversation
    engine.dispose()


def test_no_real_conversation_goes_into_it(knowledge: Knowledge, tmp_path: Path) -> None:
    path = fill(tmp_path / "var", knowledge, LAST, count=5)
    settings = read_settings({"SMARTCITY_VAR": str(tmp_path / "var"), "SMARTCITY_DATABASE": f"sqlite:///{path}"})
    with pytest.raises(DemoError, match="real conversations do not go there"):
        open_ingest(settings, PROJECT)


def test_a_file_that_is_no_console_is_left_alone(knowledge: Knowledge, tmp_path: Path) -> None:
    engine = opened(tmp_path / "console.db")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE mine (x INTEGER)"))
    with pytest.raises(DemoError):
        fill(tmp_path, knowledge, LAST)
    assert sa.inspect(engine).has_table("mine")
    engine.dispose()
