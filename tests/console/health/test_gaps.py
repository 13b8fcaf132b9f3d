"""What is asked for in vain, counted by hand."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.corrections.proposals import Proposals
from smartcity.console.database import write
from smartcity.console.figures.period import Period
from smartcity.console.health.gaps import gaps, topics

from ..both import engine as engine
from ..rows import a_conversation, an_account

ABSENT = {"outcome": "unknown", "answer": "initiative/kruiser/cost"}


def test_facts_that_content_lacks(engine: Engine) -> None:
    a_conversation(engine, [ABSENT, ABSENT])
    a_conversation(engine, [ABSENT, {"outcome": "unknown", "answer": "office/room"}, {"outcome": "answered"}])
    a_conversation(engine, [{**ABSENT, "at": clock.now() - 90 * clock.DAY}])
    with engine.connect() as connection:
        found = gaps(connection, Period.of("", "", "day"))
    assert [(gap.answer, gap.times, gap.conversations) for gap in found] == [
        ("initiative/kruiser/cost", 3, 2),
        ("office/room", 1, 1),
    ]
    assert [gap.parts for gap in found] == [("initiative", "kruiser", "cost"), ("office", "room", "")]


def test_topics_that_staff_proposed(engine: Engine) -> None:
    from pathlib import Path

    anna = an_account(engine, "reviewer")
    with write(engine) as connection:
        proposals = Proposals(connection, Path())
        kept = proposals.propose("topic", "Gibt es ein Lastenrad?", anna)
        declined = proposals.get(proposals.propose("topic", "Quatsch", anna))
        assert declined
        proposals.decline(declined, anna, "nein")
        assert [topic["id"] for topic in topics(connection)] == [kept]
