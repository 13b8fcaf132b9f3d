"""Judging on both databases: verdict, tags, notes, assignment, and what is kept."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock, turn_list
from smartcity.console.database import write
from smartcity.console.judging import NOTHING, Judgement, JudgementError, judge, keep, tags_in
from smartcity.console.tables import conversations, tags, turn_tags, turns

from ..rows import a_conversation, an_account, stored, turn_ids


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
