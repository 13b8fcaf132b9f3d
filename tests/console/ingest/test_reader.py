"""What arrives in the console of what Rasa has written, and what does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity.console import tables
from smartcity.console.ingest import reader as readers
from smartcity.database import write

from .conftest import Place
from .rasa_log import TABLE, row, slot, turn_rows

KRUISER = {"entity": "initiative", "value": "kruiser", "start": 15, "end": 22}


def test_a_turn_arrives_whole(place: Place) -> None:
    source = {
        "title": "Krefeld",
        "url": "https://www.krefeld.de/",
        "as_of": "2026",
        "dated": True,
        "read": "2026-11-23",
    }
    button = {"title": "Gibt es das noch?", "payload": '/ask_status{"initiative": "kruiser"}'}
    answer = {"answer": "initiative/kruiser/cost", "text": "Fünf Cent.", "source": source, "buttons": [button]}
    asked = "Was kostet der Kruiser?"
    sent, ids = place.log.turn("web:1", asked, answer, entities=[KRUISER], first=True, doubt="unclear")
    counts = place.reader.read_all()
    assert (counts.read, counts.skipped) == (10, {})
    (turn,) = place.turns("web:1")
    (conversation,) = place.conversations()
    assert conversation["pseudonym"] == place.pseudonym("web:1") != "web:1"
    assert (conversation["turns"], conversation["language"], conversation["channel"]) == (1, "de", "web")
    assert conversation["started"] == conversation["ended"] == turn["at"]
    expected = {
        "number": 1, "source_id": sent, "channel": "web", "language": "de", "said": "Was kostet der Kruiser?",
        "pressed": False, "intent": "ask_cost", "confidence": 0.9,
        "runner_up": "ask_goals", "runner_up_confidence": 0.05,
        "doubt": "unclear", "entities": [KRUISER], "theme": "mobility", "initiative": "kruiser",
        "action": "action_answer_initiative", "policy": "RulePolicy", "answer": "initiative/kruiser/cost",
        "outcome": "answered", "milliseconds": 30, "feedback": None, "comment": None, "repeated": False,
        "verdict": None,
    }  # fmt: skip
    assert {name: turn[name] for name in expected} == expected
    assert turn["answers"] == [
        {
            "id": ids[0], "kind": "answer", "text": "Fünf Cent.", "language": "de", "source": source, "links": [],
            "buttons": [button], "answer": "initiative/kruiser/cost", "known": True,
        }
    ]  # fmt: skip


def test_nothing_new_is_nothing(place: Place) -> None:
    place.log.turn("web:1", "Hallo")
    place.reader.read_all()
    before = place.turns()
    assert place.reader.read_all().read == 0
    assert place.turns() == before


def test_before_rasa_ever_ran_there_is_nothing(place: Place) -> None:
    TABLE.drop(place.log.engine)
    assert place.new_reader().read_all().read == 0


def test_a_conversation_goes_on(place: Place) -> None:
    for number in range(3):
        place.log.turn("web:1", f"Frage nach Nummer {number}", first=not number)
        place.log.turn("web:2", f"Etwas anderes, {number * 1000}")
        place.reader.read_all()
    assert [turn["number"] for turn in place.turns("web:1")] == [1, 2, 3]
    assert [one["turns"] for one in place.conversations()] == [3, 3]
    ended = max(turn["at"] for turn in place.turns("web:2"))
    assert max(one["ended"] for one in place.conversations()) == ended


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 1000])
def test_batches_of_any_size_give_the_same(place: Place, batch: int) -> None:
    for number in range(6):
        place.log.turn(f"web:{number % 2}", f"Frage {number}?", "initiative/kruiser/cost", "decline")
    place.log.rate("web:0", {"message": None, "rating": "4", "comment": None})
    place.new_reader(batch).read_all()
    got = [(turn["said"], turn["outcome"], len(turn["answers"]), turn["action"]) for turn in place.turns()]
    assert sorted(got) == [(f"Frage {n}?", "unknown", 2, "action_answer_initiative") for n in range(6)]
    assert {one["rating"] for one in place.conversations()} == {4, None}


def test_personal_data_never_arrives(place: Place) -> None:
    text = "ich heiße Anna Muster, Tel. 0171 3920011, was kostet der kruiser"
    at = text.index("kruiser")
    entities = [
        {"entity": "initiative", "value": "kruiser", "start": at, "end": at + 7},
        {"entity": "initiative", "value": "kruiser", "start": 10, "end": 14},
        {"entity": "name", "value": "Anna Muster", "start": 10, "end": 21},
    ]
    answer = {"answer": "office/phone", "text": "Frau Muster, 0171 3920011? Rufen Sie 02151 86-1085 an."}
    _, ids = place.log.turn("web:0171-3920011", text, answer, entities=entities)
    place.log.rate("web:0171-3920011", {"message": ids[0], "rating": "down", "comment": "mail an anna@muster.de"})
    place.log.rate("web:0171-3920011", {"message": None, "rating": "2", "comment": "0171 3920011"})
    place.reader.read_all()
    (turn,) = place.turns()
    assert turn["said"] == "ich heiße <NAME>, Tel. <TELEFON>, was kostet der kruiser"
    (entity,) = turn["entities"]
    assert turn["said"][entity["start"] : entity["end"]] == "kruiser"
    assert turn["answers"][0]["text"] == "Frau <NAME>, <TELEFON>? Rufen Sie 02151 86-1085 an."
    assert turn["comment"] == "mail an <E-MAIL>"
    assert place.conversations()[0]["comment"] == "<TELEFON>"
    with place.console.connect() as connection:
        everything = str([list(connection.execute(sa.select(table))) for table in tables.METADATA.sorted_tables])
    for secret in ("Anna", "Muster", "muster", "0171", "3920011"):
        assert secret not in everything, secret


def test_slots_of_forms_never_arrive(place: Place) -> None:
    place.log.turn("web:1", "Hallo")
    for name in ("person", "email", "last_answer", "offered"):
        place.log.insert([slot("web:1", name, "Anna Geheim", place.log.tick())])
    counts = place.reader.read_all()
    assert counts.skipped == {}
    with place.console.connect() as connection:
        everything = str([list(connection.execute(sa.select(table))) for table in tables.METADATA.sorted_tables])
    assert "Geheim" not in everything


def test_a_pressed_button_is_its_title(place: Place) -> None:
    button = {"title": "Gibt es das noch?", "payload": '/ask_status{"initiative": "kruiser"}'}
    place.log.turn("web:1", "/greet", {"answer": "talk/greet", "buttons": [button]}, intent="greet", first=True)
    place.reader.read_all()
    place.log.turn("web:1", button["payload"], entities=[{"entity": "initiative", "value": "kruiser"}])
    place.log.turn("web:1", '/nowhere{"a": "b"}')
    place.reader.read_all()
    turns = place.turns()
    assert [(turn["said"], turn["pressed"]) for turn in turns] == [
        ("/greet", True), ("Gibt es das noch?", True), ("/nowhere", True),
    ]  # fmt: skip
    assert (turns[0]["intent"], turns[0]["outcome"]) == ("greet", "talk")
    assert turns[1]["initiative"] == "kruiser"


def test_feedback_comes_later_and_may_change(place: Place) -> None:
    _, first = place.log.turn("web:1", "Eins")
    place.log.turn("web:1", "Zwei")
    place.reader.read_all()
    for rating, comment, expected in (("down", "schlecht", "down"), ("up", None, "up"), ("none", None, None)):
        place.log.rate("web:1", {"message": first[0], "rating": rating, "comment": comment})
        place.reader.read_all()
        assert [(turn["feedback"], turn["comment"]) for turn in place.turns()] == [(expected, comment), (None, None)]
    for rating, expected in (("4", 4), (2, 2), ("none", None)):
        place.log.rate("web:1", {"message": None, "rating": rating, "comment": "c"})
        place.reader.read_all()
        assert (place.conversations()[0]["rating"], place.conversations()[0]["comment"]) == (expected, "c")


def test_feedback_on_a_message_of_long_ago(place: Place) -> None:
    _, first = place.log.turn("web:1", "Eins")
    for number in range(readers.LATEST_TURNS + 5):
        place.log.turn("web:1", f"Und {number}")
    place.reader.read_all()
    place.log.rate("web:1", {"message": first[0], "rating": "down", "comment": None})
    place.log.rate("web:1", {"message": "0" * 32, "rating": "down", "comment": None})
    place.log.rate("web:9", {"message": first[0], "rating": "up", "comment": None})
    place.reader.read_all()
    assert [turn["number"] for turn in place.turns() if turn["feedback"]] == [1]
    assert len(place.conversations()) == 1


def test_repeated_questions(place: Place) -> None:
    said = ["Was kostet der Kruiser?", "was kostet der kruiser", "Was kosted der Kruiser", "Wo ist er?", "wo ist er",
            "Danke", "danke"]  # fmt: skip
    for text in said:
        place.log.turn("web:1", text, "talk/thank" if "anke" in text else "initiative/kruiser/cost")
        place.reader.read_all()
    place.log.turn("web:2", said[0])
    place.reader.read_all()
    assert [turn["repeated"] for turn in place.turns("web:1")] == [False, True, True, False, True, False, False]
    assert not place.turns("web:2")[0]["repeated"]


def test_languages_and_channels(place: Place) -> None:
    place.log.turn("telegram:1", "Hallo", {"answer": "talk/greet", "language": "en"}, channel="telegram")
    place.log.turn("telegram:1", "Hallo", {"answer": "talk/greet", "language": "de-simple"}, channel="telegram")
    place.reader.read_all()
    assert [turn["language"] for turn in place.turns()] == ["en", "de-simple"]
    assert [(one["language"], one["channel"]) for one in place.conversations()] == [("de-simple", "telegram")]


def _broken() -> list[dict[str, Any]]:
    """Rows that Rasa, another program or a failing disk may leave behind."""
    good = turn_rows("web:1", "Hallo", at=5.0)[0]
    user, bot = (next(one for one in good if one["type_name"] == kind) for kind in ("user", "bot"))
    rows: list[dict[str, Any]] = []
    for base in (user, bot):
        for data in (
            "",
            "{",
            "null",
            "[]",
            '"text"',
            "{}",
            '{"event": 5}',
            "[" * 100_000,
            "x" * 500_000,
            '{"text": NaN}',
        ):
            rows.append({**base, "data": data})
        rows.append({**base, "data": None})
        whole = json.loads(base["data"])
        for name in list(whole):
            for value in (None, 5, [], {}, "", True, {"a": {"b": []}}, [1], "\x00", "\ud800", 10**400, 1e308):
                rows.append({**base, "data": json.dumps({**whole, name: value})})
        for name in ("parse_data", "data"):
            for inner in whole.get(name) or ():
                for value in (None, 5, [], {}, "", [None], [{"name": None}], {"name": 5}, [5]):
                    rows.append({**base, "data": json.dumps({**whole, name: {**whole[name], inner: value}})})
    for kind in ("", "user", "bot", "slot", "reminder", "x" * 200):
        rows.append({**user, "type_name": kind, "action_name": "feedback", "data": "{}"})
    for timestamp in (None, -1.0, 1e300):
        rows.append({**user, "timestamp": timestamp, "data": user["data"].replace("5.0", "1e999")})
    for value in (5, [], "up", {"message": 5}, {"message": "m", "rating": []}, {"message": None, "rating": "9"},
                  {"message": "m", "rating": "up", "comment": 5}, {"rating": "3", "comment": "\x00"}):  # fmt: skip
        rows.append(slot("web:1", "feedback", value, 5.0))
    rows.append({**user, "sender_id": ""})
    rows.append(row("web:1", "user", 5.0, {**json.loads(user["data"]), "metadata": {"assistant_id": "another"}}))
    return rows


def test_broken_and_foreign_events_stop_nothing(place: Place) -> None:
    rows = _broken()
    if place.kind == "postgresql":
        rows = [one for one in rows if "\x00" not in (one["data"] or "")]
    place.log.turn("web:2", "Vorher")
    place.log.insert(rows)
    place.log.turn("web:2", "Nachher mit \x00 und \ud800 darin")
    counts = place.reader.read_all()
    assert counts.read == len(place.log.ids())
    assert sum(counts.skipped.values()) > 60
    assert {
        "no JSON",
        "no object",
        "no text",
        "no message id",
        "of another assistant",
        "no time",
    } <= counts.skipped.keys()
    assert [turn["said"] for turn in place.turns("web:2")] == ["Vorher", "Nachher mit  und ? darin"]
    with place.console.connect() as connection:
        value = connection.execute(sa.select(tables.cursors.c.value)).scalar()
    assert value["skipped"] == counts.skipped and value["read"] == counts.read


def test_an_endless_text_is_cut(place: Place) -> None:
    place.log.turn("web:1", "a" * 50_000)
    place.log.turn("web:1", "b" * 500_000)
    assert place.reader.read_all().skipped["too long or empty"] == 1
    assert [len(turn["said"]) for turn in place.turns()] == [20_000]


def test_the_same_events_again_change_nothing(place: Place) -> None:
    for number in range(40):
        _, ids = place.log.turn(f"web:{number % 3}", f"Frage {number}", "initiative/kruiser/cost", "list/themes")
        place.log.rate(f"web:{number % 3}", {"message": ids[1], "rating": "down", "comment": "schade"})
    place.reader.read_all()
    before, rows = place.turns(), place.conversations()
    for batch in (3000, 5):
        with write(place.console) as connection:
            connection.execute(tables.cursors.delete())
        place.new_reader(batch).read_all()
        assert place.turns() == before and place.conversations() == rows


def test_staffs_judgement_stays(place: Place) -> None:
    place.log.turn("web:1", "Eins")
    place.reader.read_all()
    with write(place.console) as connection:
        connection.execute(tables.turns.update().values(verdict="wrong", note="anders", reviewed_at=5))
        connection.execute(tables.conversations.update().values(kept=True))
        connection.execute(tables.cursors.delete())
    place.log.turn("web:1", "Zwei")
    place.reader.read_all()
    assert [(turn["verdict"], turn["note"], turn["reviewed_at"]) for turn in place.turns()] == [
        ("wrong", "anders", 5), (None, None, None),
    ]  # fmt: skip
    assert place.conversations()[0]["kept"] and place.conversations()[0]["turns"] == 2


def test_a_broken_cursor_begins_anew(place: Place) -> None:
    place.log.turn("web:1", "Eins")
    place.reader.read_all()
    before = place.turns()
    for value in (None, 5, [], {}, {"last": "x"}, {"last": 1, "anchors": 5, "gaps": [], "read": 0, "skipped": {}}):
        with write(place.console) as connection:
            connection.execute(tables.cursors.update().values(value=value))
        place.reader.read_all()
        assert place.turns() == before


def test_two_readers_at_once_double_nothing(place: Place) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for number in range(60):
        place.log.turn(f"web:{number % 7}", f"Frage {number}")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: place.new_reader(20).read_all(), range(3)))
    place.new_reader(20).read_all()
    assert sorted(turn["said"] for turn in place.turns()) == sorted(f"Frage {number}" for number in range(60))
