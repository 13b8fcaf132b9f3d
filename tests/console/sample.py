"""A few conversations in which everything occurs that a page can show; invented, for pictures and for axe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock, views
from smartcity.console.database import write
from smartcity.console.judging import Judgement, judge
from smartcity.console.tables import turns

from .rows import a_conversation, an_account, an_answer, turn_ids

HOUR = 60 * 60 * 1000


def fill(engine: Engine) -> dict[str, int]:
    """Insert them; ids of what tests and pictures go to."""
    now = clock.now()
    reviewer = an_account(engine, "reviewer", name="j.winter", shown="Jana Winter")
    an_account(engine, "editor", name="m.okafor", shown="Mika Okafor")
    an_account(engine, "", name="neu@krefeld.example", shown="Neue Kollegin", subject="https://idp.example 17")
    an_account(engine, "reader", name="a.alt", shown="A. Alt", disabled=True)
    main = a_conversation(engine, _everything(), ended=now - HOUR, rating=2, comment="Das war nicht <NAME> Frage.")
    first, *_, last = turn_ids(engine, main)
    judge(engine, [first], Judgement(verdict="right", tags=("Mobilität", "gut")), reviewer)
    judge(engine, [last], Judgement(note="Nachfragen, ob es das noch gibt.", assigned=str(reviewer)), reviewer)
    invented = a_conversation(engine, [{"said": "Hallo", "outcome": "talk"}], invented=True, kept=True, ended=now - 2)
    for number, (said, values) in enumerate(_lines()):
        a_conversation(engine, [{"said": said, **values}], ended=now - (number + 2) * HOUR, channel="telegram")
    views.save(engine, reviewer, "KRuiser, nicht verstanden", "outcome=not_understood&initiative=kruiser", True)
    with write(engine) as connection:
        # What no ingest would write, and somebody with the database could.
        broken = turn_ids(engine, main)[2]
        connection.execute(sa.update(turns).where(turns.c.id == broken).values(doubt="unclear"))
    return {"main": main, "first": first, "last": last, "invented": invented, "reviewer": reviewer}


def _everything() -> list[Mapping[str, Any]]:
    return [
        {"said": "Gibt es den KRuiser noch?", "feedback": "up"},
        {
            "said": "Was kosted das mit dem Bus auf bestellung",
            "intent": "ask_cost",
            "confidence": 0.41,
            "runner_up": "ask_joining",
            "runner_up_confidence": 0.37,
            "doubt": "unclear",
            "entities": [],
            "outcome": "asked_back",
            "answer": "conversation/which",
            "answers": [
                an_answer(
                    "Meinen Sie eines davon?\n\n- **Kosten**\n- **Mitmachen**",
                    source=None,
                    links=[],
                    buttons=[{"title": "Kosten"}, {"title": "Mitmachen"}, {"title": "Etwas anderes"}],
                )
            ],
        },
        {
            "said": "Wo parke ich mein Einhorn?",
            "intent": "not_understood",
            "confidence": 0.22,
            "runner_up": "ask_place",
            "runner_up_confidence": 0.2,
            "entities": [],
            "theme": None,
            "initiative": None,
            "outcome": "not_understood",
            "feedback": "down",
            "comment": "Ich heiße <NAME> und wollte doch nur parken.",
            "repeated": True,
            "answer": "conversation/not_understood",
            "answers": [an_answer("Das habe ich nicht verstanden.", source=None, links=[], known=False)],
        },
        {
            "said": "Mit einem Menschen sprechen",
            "pressed": True,
            "intent": "ask_person",
            "confidence": 1.0,
            "runner_up": None,
            "entities": [],
            "outcome": "handed_over",
            "answer": "office/smart-city/contact",
            "answers": [
                an_answer(
                    "Sie erreichen das Büro so:\n\n1. Telefon: 02151 86-0\n2. [Schreiben](mailto:smartcity@krefeld.de)"
                ),
                an_answer("Das Büro ist heute geschlossen.", kind="notice", source=None, links=[], buttons=[]),
            ],
        },
        {"said": "Ist das barrierefrei?", "outcome": "unknown", "intent": "ask_accessibility", "confidence": 0.88},
        {"said": "Hallo??", "outcome": "failed", "answers": [], "answer": None, "intent": None, "confidence": None},
    ]


def _lines() -> list[tuple[str, Mapping[str, Any]]]:
    return [
        ("wie komm ich zum Zentrum für digitale Lernwelten", {"intent": "ask_place", "initiative": "lernwelten"}),
        ("blabla", {"outcome": "not_understood", "intent": "not_understood", "confidence": 0.3, "initiative": None}),
        ("CodingSchool anmelden", {"intent": "ask_joining", "confidence": 0.71, "initiative": "codingschool"}),
        ("Parkausweis verlängern", {"outcome": "unknown", "intent": "ask_service", "feedback": "down"}),
        ("Ich möchte mit jemandem reden", {"outcome": "handed_over", "intent": "ask_person"}),
        ("Welche Projekte gibt es zum Klima?", {"intent": "theme_environment", "theme": "environment"}),
    ]
