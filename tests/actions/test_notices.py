"""Notices of offices: when they are said, beside which answer, and that nothing else changes."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from typing import Any

import pytest
import yaml

from smartcity.knowledge.records import LANGUAGES, OFFICE_ASPECTS
from smartcity.knowledge.source import FolderSource, KnowledgeStore

from .conftest import Say, sayer

SWK = ("office", "swk")
KRUISER = ("initiative", "kruiser")  # asks the office swk
NOTICES: dict[str, dict[str, Any]] = {
    "stromausfall": {"from": "2031-05-02", "until": "2031-05-03"},
    "werktag": {"from": "2031-05-01", "until": "2031-05-02", "offices": ["swk"]},
    "buero": {"from": "2031-05-01", "until": "2031-05-03", "offices": ["smart_city_office", "switchboard"]},
}
"""Made up, for days that are far away."""


def _on(day: int, hour: int = 12) -> dt.datetime:
    """An hour of a day in May 2031 in Krefeld, where it is summer time."""
    return dt.datetime(2031, 5, day, hour, tzinfo=dt.timezone(dt.timedelta(hours=2)))


@pytest.fixture(scope="module")
def noticed(tmp_path_factory: pytest.TempPathFactory) -> Say:
    """An assistant with the city's content and notices of its own."""
    root = tmp_path_factory.mktemp("noticed") / "content"
    shutil.copytree("content", root, ignore=shutil.ignore_patterns("notices"))
    (root / "notices").mkdir()
    for name, fields in NOTICES.items():
        text = {language: f"Hinweis {name} auf {language}." for language in LANGUAGES}
        source = {"title": f"Aushang {name}", "url": f"https://example.org/{name}", "date": 2026, "read": "2026-11-23"}
        data = {"id": name, "text": text, **fields, "sources": {"aushang": source}}
        (root / "notices" / f"{name}.yml").write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    return sayer(KnowledgeStore(FolderSource(root)))


def test_the_greeting_brings_every_notice_of_the_day_in_order(noticed: Say) -> None:
    said = noticed("action_converse", "greet", text="/greet", now=_on(2))
    assert said.answer == "talk/greet"
    assert said.beside == ["notice/buero", "notice/werktag", "notice/stromausfall"]


def test_a_greeting_within_the_conversation_brings_none(noticed: Say) -> None:
    assert noticed("action_converse", "greet", text="Hallo", now=_on(2)).beside == []
    assert noticed("action_converse", "help", text="/help", now=_on(2)).beside == []


def test_without_a_notice_of_the_day_the_greeting_stands_alone(say: Say, noticed: Say) -> None:
    assert noticed("action_converse", "greet", text="/greet", now=_on(4)).beside == []
    assert say("action_converse", "greet", text="/greet").beside == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_is_a_message_of_its_own_with_its_source(noticed: Say, language: str) -> None:
    said = noticed("action_converse", "greet", text="/greet", language=language, now=_on(3))
    answer, first, second = said.messages
    assert (first["text"], second["text"]) == (
        f"Hinweis buero auf {language}.",
        f"Hinweis stromausfall auf {language}.",
    )
    assert first["buttons"] == []
    custom = dict(first["custom"])
    assert re.fullmatch(r"[0-9a-f]{32}", custom.pop("id"))
    assert custom == {
        "language": language,
        "links": [],
        "source": {
            "title": "Aushang buero",
            "url": "https://example.org/buero",
            "as_of": "2026",
            "dated": True,
            "read": "2026-11-23",
        },
        "answer": "notice/buero",
        "known": True,
        "kind": "notice",
    }
    assert answer["custom"]["kind"] == "answer"


@pytest.mark.parametrize("aspect", OFFICE_ASPECTS)
def test_every_answer_of_the_office_brings_its_notices(noticed: Say, aspect: str) -> None:
    said = noticed("action_answer_office", f"office_{aspect}", now=_on(2))
    assert said.answer == f"office/{aspect}"
    assert said.beside == ["notice/buero", "notice/stromausfall"]


def test_another_office_has_its_own_notices(noticed: Say) -> None:
    said = noticed("action_answer_initiative", "ask_contact", SWK, now=_on(1))
    assert said.answer == "office/swk"
    assert said.beside == ["notice/werktag"]


def test_the_contact_of_an_initiative_brings_the_notices_of_its_office(noticed: Say) -> None:
    said = noticed("action_answer_initiative", "ask_contact", KRUISER, now=_on(1))
    assert said.answer == "initiative/kruiser/contact"
    assert said.beside == ["notice/werktag"]


def test_other_answers_bring_none(noticed: Say) -> None:
    assert noticed("action_answer_initiative", "ask_cost", KRUISER, now=_on(2)).beside == []
    assert noticed("action_answer_theme", "theme_mobility", now=_on(2)).beside == []


@pytest.mark.parametrize(
    ("now", "beside"),
    [
        (_on(1, 0) - dt.timedelta(seconds=1), []),
        (_on(1, 0), ["notice/buero"]),
        (_on(3, 23), ["notice/buero", "notice/stromausfall"]),
        (_on(4, 0) - dt.timedelta(seconds=1), ["notice/buero", "notice/stromausfall"]),
        (_on(4, 0), []),
        (dt.datetime(2031, 4, 30, 21, 59, tzinfo=dt.timezone.utc), []),
        (dt.datetime(2031, 4, 30, 22, 0, tzinfo=dt.timezone.utc), ["notice/buero"]),
        (dt.datetime(2031, 5, 3, 22, 0, tzinfo=dt.timezone.utc), []),
    ],
)
def test_days_begin_and_end_as_in_krefeld(noticed: Say, now: dt.datetime, beside: list[str]) -> None:
    assert noticed("action_answer_office", "office_phone", now=now).beside == beside


def test_in_winter_the_day_begins_an_hour_later(say: Say) -> None:
    def beside(day: int, hour: int, *names: tuple[str, str]) -> list[str]:
        now = dt.datetime(2024, 12, day, hour, tzinfo=dt.timezone.utc)
        return say("action_answer_initiative", "ask_contact", *names, now=now).beside

    # What the city really announced for 23 to 31 December 2024.
    closed = ["notice/zwischen_den_jahren_2024"]
    assert [beside(22, 22), beside(22, 23), beside(31, 22), beside(31, 23)] == [[], closed, closed, []]
    assert beside(27, 12, SWK) == []


def test_the_conversation_remembers_the_answer_alone(noticed: Say) -> None:
    with_notice = noticed("action_answer_office", "office_phone", now=_on(2))
    without = noticed("action_answer_office", "office_phone", now=_on(4))
    assert with_notice.beside and not without.beside
    assert with_notice.slots == without.slots
    assert with_notice.slots["last_answer"]["answer"] == "office/phone"
    again = noticed("action_repeat", "repeat", slots=with_notice.slots, now=_on(2))
    assert (again.answer, again.beside) == ("office/phone", [])
    source = noticed("action_tell_source", "ask_source", slots=with_notice.slots, now=_on(2))
    assert "Aushang" not in source.text


def test_every_message_has_an_id_of_its_own_that_is_not_remembered(noticed: Say) -> None:
    said = [noticed("action_answer_office", "office_phone", now=_on(2)) for _ in range(2)]
    ids = [message["custom"]["id"] for one in said for message in one.messages]
    assert len(set(ids)) == len(ids) == 6
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)
    assert "id" not in said[0].slots["last_answer"]


def test_a_button_that_is_chosen_in_words_brings_the_notices_too(noticed: Say) -> None:
    said = noticed("action_affirm", "affirm", slots={"yes": "/office_phone"}, now=_on(2))
    assert (said.answer, said.beside) == ("office/phone", ["notice/buero", "notice/stromausfall"])
