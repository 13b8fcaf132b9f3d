"""No event lost, none doubled: killed at random moments while Rasa writes; ids that come again; ids that come late."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from smartcity.console import tables
from smartcity.console.ingest import cursor as cursors
from smartcity.console.ingest.cursor import Cursor
from smartcity.database import write

from .conftest import Place
from .rasa_log import TABLE, turn_rows

PROJECT = Path(__file__).parent.parent.parent.parent
KILLS = 40
SENDERS = 7


def _kept(place: Place) -> list[tuple[Any, ...]]:
    """What was taken in, without what the order of arrival decides."""
    rows = [
        (turn["pseudonym"], turn["source_id"], turn["said"], turn["outcome"], turn["action"], turn["feedback"],
         turn["milliseconds"], tuple(answer["id"] for answer in turn["answers"]), turn["number"])
        for turn in place.turns()
    ]  # fmt: skip
    return sorted(rows)


def _from_the_beginning(place: Place) -> list[tuple[Any, ...]]:
    """The reference: the same log, read in one go into empty tables."""
    with write(place.console) as connection:
        connection.execute(tables.conversations.delete())
        connection.execute(tables.cursors.delete())
    place.new_reader(100_000).read_all()
    return _kept(place)


def test_killed_at_random_moments_while_rasa_writes(place: Place) -> None:
    chance = random.Random(7)
    done = threading.Event()
    said: Counter[str] = Counter()

    def talk() -> None:
        number = 0
        while not done.is_set() or number < 400:
            sender = f"web:{chance.randrange(SENDERS)}"
            _, ids = place.log.turn(sender, f"Frage {number}", "initiative/kruiser/cost", "list/themes")
            if number % 5 == 0:
                place.log.rate(sender, {"message": ids[0], "rating": "down", "comment": None})
            said[sender] += 1
            number += 1
            time.sleep(0.005)

    writer = threading.Thread(target=talk)
    writer.start()
    command = [
        sys.executable,
        "-m",
        "tests.console.ingest.killed",
        place.tracker_url,
        place.console_url,
        str(KILLS),
        "7",
    ]
    try:
        killed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    finally:
        done.set()
        writer.join()
    assert killed.stdout == "killed\n", killed.stderr
    assert place.count(tables.turns) > 20
    place.reader.read_all()
    kept = _kept(place)
    assert Counter(turn["pseudonym"] for turn in place.turns()) == {
        place.pseudonym(sender): count for sender, count in said.items()
    }
    assert kept == _from_the_beginning(place)


def test_ids_that_come_again_are_noticed(place: Place) -> None:
    """SQLite gives the ids of deleted rows again when they were the highest; PostgreSQL does not."""
    chance = random.Random(3)
    alive: list[str] = []
    for number in range(150):
        sender = f"web:{number}"
        place.log.turn(sender, f"Frage {number}")
        alive.append(sender)
        if chance.random() < 0.6:
            place.new_reader(chance.choice((15, 40, 3000))).read_all()
        for _ in range(chance.choice((0, 0, 1, 1, 4))):
            if alive:
                # Mostly the newest, which makes room at the end; sometimes all.
                gone = alive.pop() if chance.random() < 0.8 else alive.pop(chance.randrange(len(alive)))
                place.log.delete(gone)
        if number == 75:
            while alive:
                place.log.delete(alive.pop())
    for number in range(3):
        place.log.turn(f"web:last{number}", "Zuletzt")
        alive.append(f"web:last{number}")
    if place.kind == "sqlite":
        assert place.log.ids()[-1] < 150 * 6
    place.reader.read_all()
    said = {turn["pseudonym"] for turn in place.turns()}
    assert {place.pseudonym(sender) for sender in alive} <= said
    assert len({turn["source_id"] for turn in place.turns()}) == len(place.turns())


def test_the_same_number_of_rows_at_the_same_ids_is_noticed(place: Place) -> None:
    """The hardest case: everything is deleted and as much is written before the reader looks again."""
    place.log.turn("web:1", "Eins")
    place.reader.read_all()
    place.log.delete("web:1")
    place.log.turn("web:2", "Zwei")
    if place.kind == "sqlite":
        assert place.log.ids()[0] == 1
    place.reader.read_all()
    assert [turn["said"] for turn in place.turns()] == ["Eins", "Zwei"]


def test_ids_that_come_late_are_waited_for(place: Place) -> None:
    """PostgreSQL: a transaction that began first and ends last; its ids are lower than those that were read."""
    if place.kind == "sqlite":
        return  # there is one writer at a time
    place.log.turn("web:1", "Eins")
    with place.log.engine.begin() as slow, place.log.engine.begin() as given_up:
        slow.execute(TABLE.insert(), turn_rows("web:2", "Langsam", at=5.0)[0])
        given_up.execute(TABLE.insert(), turn_rows("web:4", "Aufgegeben", at=6.0)[0])
        place.log.turn("web:3", "Schnell")
        place.reader.read_all()
        assert [turn["said"] for turn in place.turns()] == ["Eins", "Schnell"]
        place.log.turn("web:1", "Und weiter")
        place.new_reader().read_all()
        # However long it takes: time alone closes no gap.
        _age_gaps(place)
        place.new_reader().read_all()
        assert _gaps(place)
        given_up.rollback()
    place.reader.read_all()
    assert sorted(turn["said"] for turn in place.turns()) == ["Eins", "Langsam", "Schnell", "Und weiter"]
    # Nothing of ours runs that could fill what is left; whatever else runs on the server, other tests', is waited for.
    end = time.monotonic() + 60
    while _gaps(place) and time.monotonic() < end:
        _age_gaps(place)
        place.reader.read_all()
        time.sleep(0.1)
    assert not _gaps(place)


def test_a_late_transaction_that_comes_in_pieces(place: Place) -> None:
    if place.kind == "sqlite":
        return
    with place.log.engine.begin() as one, place.log.engine.begin() as other:
        for number in range(4):
            one.execute(TABLE.insert(), turn_rows("web:1", f"Eins {number}", at=5.0 + number)[0])
            other.execute(TABLE.insert(), turn_rows("web:2", f"Zwei {number}", at=5.0 + number)[0])
        place.log.turn("web:3", "Schnell")
        place.reader.read_all()
        other.commit()
        place.reader.read_all()
        assert len(place.turns("web:2")) == 4
    place.reader.read_all()
    assert [turn["said"] for turn in place.turns("web:1")] == [f"Eins {number}" for number in range(4)]
    assert [turn["number"] for turn in place.turns("web:1")] == [1, 2, 3, 4]


def test_anchors_stay_few_and_reach_far_back() -> None:
    cursor = Cursor()
    for number in range(1, 5000):
        cursor.move(number * 10, str(number))
    assert len(cursor.anchors) <= cursors.MOST_ANCHORS
    assert cursor.anchors[0][0] < 1000 and cursor.anchors[-1] == (49990, "4999")


def _gaps(place: Place) -> list[Any]:
    with place.console.connect() as connection:
        return list(connection.execute(sa.select(tables.cursors.c.value)).scalar()["gaps"])


def _age_gaps(place: Place) -> None:
    with write(place.console) as connection:
        value = connection.execute(sa.select(tables.cursors.c.value)).scalar()
        value["gaps"] = [
            [first, last, since - 2 * cursors.GAP_SECONDS, xid] for first, last, since, xid in value["gaps"]
        ]
        connection.execute(tables.cursors.update().values(value=value))
