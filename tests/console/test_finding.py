"""Filters, queues, paging and judging on both databases, against rows that are counted by hand."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock, queues, turn_list
from smartcity.console.database import migrate, open_database, write
from smartcity.console.filters import COLUMNS, FIELDS, PERIODS, Filters
from smartcity.console.judging import NOTHING, Judgement, JudgementError, judge, keep, tags_in
from smartcity.console.tables import OUTCOMES, conversations, tags, turn_tags, turns
from smartcity.console.turn_list import PAGE, choices, page_of

from ..databases import KINDS, database_url
from .rows import a_conversation, an_account, stored, turn_ids

NOW = clock.now()


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with database_url(request.param, tmp_path) as url:
        engine = open_database(sa.engine.make_url(url))
        migrate(engine)
        yield engine
        engine.dispose()


def _said(engine: Engine, query: str, account: int | None = None) -> list[str]:
    """What was said in the turns that an address finds; the count agrees."""
    filters = Filters.of(dict(parse_qsl(query, keep_blank_values=True)))
    page = page_of(engine, filters, "", account)
    assert page.count == len(page.turns)
    return [row["said"] for row in page.turns]


def count(engine: Engine, filters: Filters) -> int:
    return page_of(engine, filters).count


@pytest.fixture
def four(engine: Engine) -> dict[str, int]:
    """Four turns that differ in everything."""
    reviewer = an_account(engine, "reviewer")
    day = 24 * 60 * 60 * 1000
    noon = int(dt.datetime(2026, 11, 10, 12, 30, tzinfo=clock.KREFELD).timestamp() * 1000)
    rows: list[dict[str, Any]] = [
        {
            "said": "Straßenbahn nach Hüls",
            "intent": "ask_time",
            "theme": "mobility",
            "initiative": "tram",
            "at": noon,
            "action": "action_answer",
            "confidence": 0.9,
            "outcome": "answered",
            "feedback": "up",
        },
        {
            "said": "Where is the CodingSchool?",
            "intent": "ask_place",
            "theme": "education",
            "initiative": "codingschool",
            "action": "action_place",
            "confidence": 0.45,
            "outcome": "unknown",
            "language": "en",
            "at": noon + day,
        },
        {
            "said": "100% kaputt_",
            "intent": None,
            "confidence": None,
            "theme": None,
            "initiative": None,
            "at": noon + 2 * day,
            "action": "action_resolve_doubt",
            "outcome": "not_understood",
            "feedback": "down",
            "channel": "telegram",
            "comment": "Der Automat war grün",
        },
        {
            "said": "Ein Mensch bitte",
            "intent": "ask_person",
            "confidence": 1.0,
            "outcome": "handed_over",
            "at": NOW,
            "repeated": True,
            "note": "anrufen",
            "theme": "office",
            "initiative": None,
            "action": "action_contact",
        },
    ]
    ids = {}
    for name, row in zip("abcd", rows):
        ids[name] = turn_ids(engine, a_conversation(engine, [row], ended=row["at"]))[0]
    judge(engine, [ids["a"]], Judgement(verdict="partly", more_tags=("Fahrplan", "Bus, Bahn")), reviewer)
    judge(engine, [ids["d"]], Judgement(assigned=str(reviewer)), reviewer)
    return {**ids, "reviewer": reviewer}


A, B, C, D = "Straßenbahn nach Hüls", "Where is the CodingSchool?", "100% kaputt_", "Ein Mensch bitte"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [D, C, B, A]),
        ("channel=telegram", [C]),
        ("language=en", [B]),
        ("intent=ask_place", [B]),
        ("theme=mobility", [A]),
        ("initiative=codingschool", [B]),
        ("action=action_contact", [D]),
        ("least=45&most=90", [B, A]),
        ("least=90,5 %", [D]),
        ("most=45", [B]),
        ("outcome=handed_over", [D]),
        ("outcome=failed", []),
        ("feedback=up", [A]),
        ("feedback=down", [C]),
        ("feedback=none", [D, B]),
        ("verdict=partly", [A]),
        ("verdict=wrong", []),
        ("verdict=none", [D, C, B]),
        ("reviewed=yes", [A]),
        ("reviewed=no", [D, C, B]),
        ("tag=Fahrplan", [A]),
        ("tag=fehlt", []),
        ("assigned=none", [C, B, A]),
        ("assigned=999999", []),
        ("from=2026-11-11", [D, C, B]),
        ("to=2026-11-11", [B, A]),
        ("from=2026-11-10T12:30&to=2026-11-10T12:30", [A]),
        ("from=2026-11-10T12:31&to=2026-11-12T12:29", [B]),
        ("from=2026-11-12 12:30&to=2026-11-12 12:30", [C]),
        ("hour=12&to=2026-11-13", [C, B, A]),
        ("hour=11&to=2026-11-13", []),
        ("period=1d", [D]),
        ("period=1d&from=2026-11-12", [D, C]),
        ("text=hüls", [A]),
        ("text=Straßenb", [A]),
        ("text=automat", [C]),
        ("text=anruf", [D]),
        ("text=codingschool where", [B]),
        ("text=fehlt", []),
        ("text=!!!", []),
        ("text=hüls&language=en", []),
        ("queue=not_understood", [C]),
        ("queue=low_confidence", [B]),
        ("queue=asked_back", []),
        ("queue=down", [C]),
        ("queue=handed_over", [D]),
        ("queue=repeated", [D]),
        ("queue=unknown", [B]),
        ("queue=failed", []),
        ("queue=unreviewed", [D, C, B]),
        ("queue=unreviewed&channel=telegram&feedback=down&from=2026-11-01&text=kaputt", [C]),
    ],
)
def test_each_filter(query: str, found: list[str], engine: Engine, four: dict[str, int]) -> None:
    assert _said(engine, query) == found


def test_assigned_to_me(engine: Engine, four: dict[str, int]) -> None:
    assert _said(engine, "assigned=me", four["reviewer"]) == [D]
    assert _said(engine, f"assigned={four['reviewer']}") == [D]
    assert _said(engine, "assigned=me", four["reviewer"] + 1) == []


def test_every_field_is_tried_above() -> None:
    tried = {name for mark in test_each_filter.pytestmark for query, _ in mark.args[1] for name, _ in parse_qsl(query)}
    assert tried == set(FIELDS)


TEXTS = [
    '"',
    "'",
    '" OR "',
    "a*",
    "*",
    "NEAR(a b)",
    "said: x",
    "a AND",
    "NOT",
    "-a",
    "(",
    "a\0b",
    "^a",
    "{a}",
    "🙂",
    "%",
    "_",
    "\\",
    "a" * 5000,
    "; DROP TABLE turns; --",
    "x:*",
    "a & | !",
    "<->",
    "\ud800",
    "ＡＢ",
    "٣",
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_text_is_a_fault(text: str, engine: Engine, four: dict[str, int]) -> None:
    for name in FIELDS:
        filters = Filters.of({name: text})
        page_of(engine, filters)
    assert count(engine, Filters()) == 4


def test_what_cannot_be_read_is_told_and_filters_nothing(engine: Engine, four: dict[str, int]) -> None:
    query = {
        "from": "yesterday",
        "to": "31.12.2026",
        "least": "-1",
        "most": "viel",
        "queue": "x",
        "period": "3d",
        "outcome": "x",
        "feedback": "x",
        "verdict": "x",
        "reviewed": "x",
        "assigned": "0",
    }
    filters = Filters.of(query)
    assert set(filters.wrong) == set(query)
    assert count(engine, filters) == 4


def test_a_period_begins_at_midnight_in_krefeld() -> None:
    for name, days in PERIODS.items():
        start, end = Filters.of({"period": name}).span()
        assert start is not None and end is None
        first = clock.in_krefeld(start)
        assert (first.hour, first.minute) == (0, 0)
        assert (clock.today() - first.date()).days == (days or 0) - 1


def test_filters_make_the_same_address_again() -> None:
    query = {"text": "a & b", "from": "2026-11-10T12:30", "intent": "x", "page": "older.1.1", "evil": "1"}
    filters = Filters.of(query)
    assert dict(parse_qsl(filters.query)) == {"from": "2026-11-10T12:30", "text": "a & b", "intent": "x"}
    assert filters.path(intent=None, queue="down").startswith("/search?from=")
    assert Filters.of(dict(parse_qsl(filters.query))) == filters
    assert Filters().path() == "/search"


# -- queues


def test_queues_are_counted_within_the_period(engine: Engine, four: dict[str, int]) -> None:
    everything = queues.counts(engine, None, None)
    assert everything == {
        "not_understood": 1,
        "low_confidence": 1,
        "asked_back": 0,
        "down": 1,
        "handed_over": 1,
        "repeated": 1,
        "unknown": 1,
        "failed": 0,
        "unreviewed": 3,
    }
    today = queues.counts(engine, clock.start_of(clock.today()), None)
    assert {name for name, number in today.items() if number} == {"handed_over", "repeated", "unreviewed"}
    assert not any(queues.counts(engine, None, 1000).values())


def test_what_is_reviewed_leaves_every_queue(engine: Engine, four: dict[str, int]) -> None:
    judge(engine, [four[name] for name in "bcd"], Judgement(reviewed=True), four["reviewer"])
    assert not any(queues.counts(engine, None, None).values())
    judge(engine, [four["c"]], Judgement(reviewed=False), four["reviewer"])
    assert queues.counts(engine, None, None)["not_understood"] == 1


def test_counting_ends_somewhere(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    a_conversation(engine, [{}] * 5)
    monkeypatch.setattr(queues, "MOST", 3)
    monkeypatch.setattr("smartcity.console.turn_ids.MOST", 3)
    assert queues.counts(engine, None, None)["unreviewed"] == 4
    assert count(engine, Filters()) == 4


def test_failures_of_a_turn_are_its_queues(engine: Engine, four: dict[str, int]) -> None:
    """What is marked in a transcript and what is listed are the same."""
    for row in stored(engine, turns):
        listed = {
            name
            for name in queues.FAILURES
            if row["id"] in [one["id"] for one in page_of(engine, Filters.of({"queue": name})).turns]
        }
        if row["reviewed_at"] is None:
            assert set(queues.failures_of(row)) == listed


def test_the_next_failure_is_the_newest_older_one_elsewhere(engine: Engine) -> None:
    times = [NOW - number * 1000 for number in range(5)]
    made = [
        a_conversation(engine, [{"outcome": "answered" if number == 2 else "failed", "at": at}], ended=at)
        for number, at in enumerate(times)
    ]
    ids = [turn_ids(engine, number)[0] for number in made]
    assert queues.next_failure(engine, times[0], ids[0], made[0]) == (made[1], ids[1])
    assert queues.next_failure(engine, times[1], ids[1], made[1]) == (made[3], ids[3])
    judge(engine, [ids[3]], Judgement(reviewed=True), an_account(engine, "reviewer"))
    assert queues.next_failure(engine, times[1], ids[1], made[1]) == (made[4], ids[4])
    assert queues.next_failure(engine, times[4], ids[4], made[4]) is None


# -- paging


PAGED = [
    "",
    "text=kruiser",
    "text=kru&channel=web",
    "intent=ask_status",
    "tag=t",
    "tag=t&language=de",
    "text=krui&tag=t",
]
BOUNDS: list[dict[str, int]] = [
    {},
    {"MOST": 2, "NEWEST": 60},
    {"MOST": 2, "NEWEST": 20, "FURTHEST": 90},
    {"MOST": 60, "NEWEST": 20, "FURTHEST": 90},
    {"MOST": 9, "NEWEST": 5, "COMMON": 1000},
]
"""What counts as few, and as common: every way of finding is gone."""


def test_pages_show_each_turn_once_there_and_back(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    # Several turns of one moment: the time alone is no key.
    rows = [{"at": NOW - number // 33 * 1000} for number in range(132)]
    made = turn_ids(engine, a_conversation(engine, rows, ended=NOW))
    judge(engine, made, Judgement(more_tags=("t",)), an_account(engine))
    others = [{"said": "anders", "intent": "x", "channel": "api", "at": NOW - number * 99} for number in range(20)]
    a_conversation(engine, others, ended=NOW)
    for bounds, query in itertools.product(BOUNDS, PAGED):
        with monkeypatch.context() as patch:
            for name, value in bounds.items():
                patch.setattr(f"smartcity.console.turn_ids.{name}", value)
            wanted = made if query else [row["id"] for row in stored(engine, turns)]
            _walk(engine, Filters.of(dict(parse_qsl(query))), wanted, bounds.get("MOST", 250))


def _walk(engine: Engine, filters: Filters, wanted: list[int], most: int) -> None:
    """To the last page and back."""
    pages = [page_of(engine, filters)]
    assert pages[0].newer is None, filters
    while pages[-1].older:
        pages.append(page_of(engine, filters, pages[-1].older))
    assert {page.count for page in pages} == {min(len(wanted), most + 1)}, filters
    seen = [row["id"] for page in pages for row in page.turns]
    assert sorted(seen) == sorted(wanted), filters
    assert {len(page.turns) for page in pages[:-1]} == {PAGE}, filters
    back = [pages[-1]]
    while back[-1].newer:
        back.append(page_of(engine, filters, back[-1].newer))
    assert [row["id"] for page in reversed(back) for row in page.turns] == seen, filters


def test_a_new_turn_moves_no_page(engine: Engine) -> None:
    a_conversation(engine, [{}] * (PAGE + 5), ended=NOW)
    older = page_of(engine, Filters()).older
    assert older
    before = [row["id"] for row in page_of(engine, Filters(), older).turns]
    a_conversation(engine, [{}] * 3, ended=NOW + 1000)
    assert [row["id"] for row in page_of(engine, Filters(), older).turns] == before


@pytest.mark.parametrize(
    "cursor", ["x", "older.a.b", "older.1", "older.1.99999999999999999999", "sideways.1.1", "older.-1.1"]
)
def test_a_key_that_is_none_shows_the_first_page(cursor: str, engine: Engine) -> None:
    a_conversation(engine)
    assert len(page_of(engine, Filters(), cursor).turns) == 1


def test_choices_are_the_values_that_there_are(engine: Engine, four: dict[str, int]) -> None:
    found = choices(engine)
    assert set(found) == {*COLUMNS, "tag"}
    assert found["intent"] == ["ask_person", "ask_place", "ask_time"]
    assert found["channel"] == ["telegram", "web"]
    assert found["tag"] == ["Bus, Bahn", "Fahrplan"]


def test_queues_use_their_indices(engine: Engine) -> None:
    """Without sorting and without a look at other rows: in PostgreSQL, whatever it would choose for so few."""
    conversation = a_conversation(engine)
    (row,) = stored(engine, turns)
    rows = [
        {**row, "id": number, "number": number, "source_id": str(number), "at": number, "confidence": number % 50 / 50,
         "conversation_id": conversation, "outcome": OUTCOMES[number % len(OUTCOMES)], "repeated": number % 20 == 0,
         "feedback": (None, None, None, "up", "down")[number % 5], "reviewed_at": None if number % 10 == 0 else number}
        for number in range(10_000, 13_000)
    ]  # fmt: skip
    with write(engine) as connection:
        connection.execute(sa.insert(turns), rows)
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if not is_sqlite:
            connection.exec_driver_sql("ANALYZE turns")
            for way in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        for name in queues.QUEUES:
            query = (
                sa.select(turns.c.id)
                .where(queues.condition(name), turns.c.at >= 5)
                .order_by(turns.c.at.desc(), turns.c.id.desc())
                .limit(PAGE)
            )
            text = query.compile(engine, compile_kwargs={"literal_binds": True})
            asked = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{text}")
            plan = " ".join(row[-1] for row in asked)
            if is_sqlite:
                assert "COVERING INDEX ix_turns_" in plan and "TEMP B-TREE" not in plan, (name, plan)
            else:
                assert "Index" in plan and "Sort" not in plan, (name, plan)
            assert "ix_turns_open" in plan or "ix_turns_unreviewed" in plan, (name, plan)


# -- judging


def test_every_part_of_a_judgement(engine: Engine) -> None:
    reviewer, other = an_account(engine, "reviewer"), an_account(engine, "editor")
    one, two, three = turn_ids(engine, a_conversation(engine, [{}] * 3))
    before = stored(engine, turns, id=three)
    wanted = Judgement("wrong", None, str(other), " merken ", more_tags=("a", "b"))
    assert sorted(judge(engine, [one, two, 999999], wanted, reviewer)) == [one, two]
    for number in (one, two):
        (row,) = stored(engine, turns, id=number)
        assert (row["verdict"], row["assigned_to"], row["note"], row["reviewed_by"]) == (
            "wrong",
            other,
            "merken",
            reviewer,
        )
        assert abs(row["reviewed_at"] - clock.now()) < 60_000
    assert stored(engine, turns, id=three) == before
    assert turn_list.tags_of(engine, [one, two, three]) == {one: ["a", "b"], two: ["a", "b"]}

    judge(engine, [one], Judgement(tags=("b", "c")), reviewer)
    judge(engine, [two], Judgement(more_tags=("c", "b")), reviewer)
    assert turn_list.tags_of(engine, [one, two]) == {one: ["b", "c"], two: ["a", "b", "c"]}
    judge(engine, [one, two], Judgement(tags=()), reviewer)
    assert stored(engine, turn_tags) == stored(engine, tags) == [], "a tag that nothing has goes"

    judge(engine, [one], Judgement(NOTHING, False, NOTHING, ""), reviewer)
    (row,) = stored(engine, turns, id=one)
    assert {row[name] for name in ("verdict", "note", "assigned_to", "reviewed_by", "reviewed_at")} == {None}


def test_a_verdict_may_stay_open(engine: Engine) -> None:
    (one,) = turn_ids(engine, a_conversation(engine))
    judge(engine, [one], Judgement("wrong", reviewed=False), an_account(engine))
    assert stored(engine, turns, id=one)[0]["reviewed_at"] is None


@pytest.mark.parametrize(
    ("judgement", "reason"),
    [
        (Judgement("splendid"), "no_verdict"),
        (Judgement(assigned="999999"), "no_account"),
        (Judgement(assigned="x"), "no_account"),
        (Judgement(assigned="9" * 30), "no_account"),
    ],
)
def test_a_judgement_that_cannot_be_changes_nothing(judgement: Judgement, reason: str, engine: Engine) -> None:
    (one,) = turn_ids(engine, a_conversation(engine))
    before = stored(engine, turns)
    with pytest.raises(JudgementError, match=reason):
        judge(engine, [one], judgement, an_account(engine))
    with pytest.raises(JudgementError, match="how_many"):
        judge(engine, [], Judgement("right"), an_account(engine))
    with pytest.raises(JudgementError, match="how_many"):
        judge(engine, list(range(1, 502)), Judgement("right"), an_account(engine))
    assert stored(engine, turns) == before


def test_nothing_is_assigned_to_who_is_disabled(engine: Engine) -> None:
    (one,) = turn_ids(engine, a_conversation(engine))
    with pytest.raises(JudgementError):
        judge(engine, [one], Judgement(assigned=str(an_account(engine, "editor", disabled=True))), an_account(engine))


def test_tags_are_divided_by_commas() -> None:
    assert tags_in(" a,  b   c ,,a, " + "x" * 100) == ("a", "b c", "x" * 64)
    assert tags_in(" , ") == ()


def test_conversations_are_kept_and_let_go(engine: Engine) -> None:
    number = a_conversation(engine)
    assert keep(engine, number, True) and stored(engine, conversations)[0]["kept"]
    assert keep(engine, number, False) and not stored(engine, conversations)[0]["kept"]
    assert not keep(engine, number + 1, True)


def test_an_account_that_goes_leaves_its_judgements(engine: Engine) -> None:
    from smartcity.console.tables import accounts

    reviewer = an_account(engine)
    (one,) = turn_ids(engine, a_conversation(engine))
    judge(engine, [one], Judgement("right"), reviewer)
    with write(engine) as connection:
        connection.execute(sa.delete(accounts))
    (row,) = stored(engine, turns)
    assert row["verdict"] == "right" and row["reviewed_by"] is None


def test_every_outcome_has_a_place() -> None:
    assert set(OUTCOMES) - set(queues.FAILURES) == {"answered", "talk"}
