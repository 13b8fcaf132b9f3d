"""What is deleted is gone everywhere, stays gone, and leaves no byte; what is too old goes by itself."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity import deletions
from smartcity.console import retention, tables
from smartcity.console.database import migrate
from smartcity.console.ingest.known import Known
from smartcity.database import connect, write
from smartcity.privacy import erasures, tracker_store
from smartcity.privacy.erasures import ErasureError, Erasures
from smartcity.settings import read_settings

from .conftest import Place, all_bytes

DAY = 86_400


def _fill(place: Place) -> list[str]:
    """Two conversations with everything that may hang on one; the ids of the first one's answers."""
    _, ids = place.log.turn("web:1", "Zauberwort eins")
    place.log.turn("web:2", "Anderes")
    place.log.rate("web:1", {"message": ids[0], "rating": "down", "comment": "Zauberwort zwei"})
    place.log.rate("web:1", {"message": None, "rating": "2", "comment": "Zauberwort drei"})
    place.reader.read_all()
    turn = place.turns("web:1")[0]["id"]
    with write(place.console) as connection:
        tag = connection.execute(tables.tags.insert().values(name="t")).inserted_primary_key[0]
        connection.execute(tables.turn_tags.insert().values(turn_id=turn, tag_id=tag))
        connection.execute(tables.turns.update().where(tables.turns.c.id == turn).values(note="Zauberwort vier"))
        for state in ("proposed", "declined", "approved", "exported"):
            values = {"turn_id": turn, "kind": "example", "text": f"Satz {state}", "state": state, "made_at": 1}
            connection.execute(tables.proposals.insert().values(**values))
    return ids


def _proposals(place: Place) -> list[tuple[str, Any]]:
    with place.console.connect() as connection:
        return [
            tuple(row) for row in connection.execute(sa.select(tables.proposals.c.state, tables.proposals.c.turn_id))
        ]


def _report(place: Place) -> list[deletions.Deleted]:
    with place.console.connect() as connection:
        return deletions.report(connection, 1)


def test_a_note_removes_everything(place: Place, tmp_path: Path) -> None:
    _fill(place)
    with closing(Erasures(place.settings)) as notes:
        assert notes.note("web:1") == place.pseudonym("web:1")
    assert retention.apply_erasures(place.console) == {"conversations": 1, "turns": 1, "proposals": 4, "drafts": 0}
    assert [turn["said"] for turn in place.turns()] == ["Anderes"]
    assert len(place.conversations()) == 1 and place.count(tables.turn_tags) == 0
    # Whoever asks for it gets every trace removed, what was approved included.
    assert _proposals(place) == []
    with place.console.connect() as connection:
        assert erasures.pending(connection) == []
    (row,) = _report(place)
    assert (row.reason, row.counts) == ("citizen", {"conversations": 1, "turns": 1, "proposals": 4})
    if place.kind == "sqlite":
        place.log.delete("web:1")
        tracker_store.delete_sender(place.log.engine, "web:1")
        assert b"Zauberwort" not in all_bytes(tmp_path) and b"zauberwort" not in all_bytes(tmp_path)


def test_without_merging_the_index_words_would_stay(place: Place, tmp_path: Path) -> None:
    """The test above could not fail otherwise."""
    if place.kind != "sqlite":
        return
    _fill(place)
    with write(place.console) as connection:
        connection.execute(tables.conversations.delete())
    assert b"zauberwort" in (tmp_path / "console.db-wal").read_bytes() + (tmp_path / "console.db").read_bytes()


def test_what_is_noted_is_never_taken_in_again(place: Place) -> None:
    _fill(place)
    with closing(Erasures(place.settings)) as notes:
        notes.note("web:1")
        retention.apply_erasures(place.console)
        # Rasa still has it, and the log is read anew.
        with write(place.console) as connection:
            connection.execute(tables.cursors.delete())
        place.log.turn("web:1", "Und noch etwas")
        place.reader.read_all()
        assert [turn["said"] for turn in place.turns()] == ["Anderes"]
        # Asked for again, it is done again.
        notes.note("web:1")
    with place.console.connect() as connection:
        assert erasures.pending(connection) == [place.pseudonym("web:1")]


def test_a_note_written_while_a_batch_is_read_counts(place: Place) -> None:
    place.log.turn("web:1", "Zauberwort")
    with closing(Erasures(place.settings)) as notes:

        def known() -> Known:
            # Called between reading the log and storing.
            notes.note("web:1")
            return Known()

        reader = place.new_reader()
        reader._known = known
        reader.read_all()
    assert place.turns() == []


def test_the_note_waits_while_the_console_is_down(tmp_path: Path) -> None:
    """The gateway may write it before the console's tables were ever made."""
    settings = read_settings({"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": "s" * 40})
    with closing(Erasures(settings)) as notes:
        notes.note("web:1")
    engine = connect(settings)
    migrate(engine)
    with engine.connect() as connection:
        assert len(erasures.pending(connection)) == 1


def test_a_note_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "console.db").mkdir()
    settings = read_settings({"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": "s" * 40})
    with pytest.raises(ErasureError, match="nothing was deleted"):
        Erasures(settings).note("web:1")
    nowhere = read_settings({"SMARTCITY_DATABASE": "postgresql://nobody@127.0.0.1:1/x", "SMARTCITY_SECRET": "s" * 40})
    with pytest.raises(ErasureError):
        Erasures(nowhere).note("web:1")


def test_old_notes_go(place: Place) -> None:
    long_ago = int((time.time() - (erasures.KEPT_DAYS + 1) * DAY) * 1000)
    with write(place.console) as connection:
        for name, done in (("old", long_ago), ("undone", None), ("new", int(time.time() * 1000))):
            connection.execute(erasures.erasures.insert().values(pseudonym=name, at=long_ago, done=done))
    retention.purge(place.console, 180)
    with place.console.connect() as connection:
        assert erasures.noted(connection, ["old", "undone", "new"]) == {"undone", "new"}


def test_retention_of_the_console(place: Place) -> None:
    for number in range(3):
        place.log.turn(f"web:{number}", f"Frage {number}")
    place.reader.read_all()
    first = place.conversations()[0]
    with write(place.console) as connection:
        connection.execute(
            tables.conversations.update().where(tables.conversations.c.id == first["id"]).values(kept=True)
        )
    now = int(time.time() * 1000)
    assert not any(retention.purge(place.console, 180, now).values())
    assert _report(place) == []
    later = now + 181 * DAY * 1000
    gone = {"conversations": 2, "turns": 2, "kept": 1}
    assert retention.purge(place.console, 180, later) == {**gone, "proposals": 0}
    (conversation,) = place.conversations()
    (turn,) = place.turns()
    assert conversation["pseudonym"] is None and conversation["kept"]
    assert (
        conversation["started"] % (DAY * 1000) == 0 == conversation["ended"] % (DAY * 1000) == turn["at"] % (DAY * 1000)
    )
    assert (turn["said"], turn["source_id"], turn["answers"][0]["id"]) == ("Frage 0", f"kept-{turn['id']}", None)
    assert retention.purge(place.console, 180, later)["kept"] == 0
    assert [(row.reason, row.counts) for row in _report(place)] == [("retention", gone)]


def test_retention_of_rasas_store(place: Place) -> None:
    now = time.time()
    log = place.log
    for sender, ages in {"web:old": (9, 8), "web:long": (30, 1), "web:new": (0, 0)}.items():
        for age in ages:
            log._now = now - age * DAY
            log.turn(sender, f"Vor {age} Tagen")
    assert tracker_store.purge(log.engine, 7, now) == {"conversations": 1, "events": 12}
    with log.engine.connect() as connection:
        senders = set(connection.execute(sa.select(tracker_store.EVENTS.c.sender_id)).scalars())
    # Whole conversations only: a rest would have no beginning.
    assert senders == {"web:long", "web:new"}
    assert tracker_store.purge(log.engine, 7, now) == {"conversations": 0, "events": 0}


def test_retention_leaves_no_byte(place: Place, tmp_path: Path) -> None:
    if place.kind != "sqlite":
        return
    place.log._now = time.time() - 9 * DAY
    place.log.turn("web:1", "Zauberwort")
    place.reader.read_all()
    tracker_store.purge(place.log.engine, 7)
    assert b"Zauberwort" not in (tmp_path / "conversations.db").read_bytes()
    assert b"Zauberwort" in all_bytes(tmp_path)
    retention.purge(place.console, 1)
    assert b"auberwort" not in all_bytes(tmp_path)


def test_the_audit_goes_by_its_age(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "DEEDS_AT_ONCE", 2)
    now = int(time.time() * 1000)
    with write(place.console) as connection:
        for age in (731, 731, 732, 900, 1000, 729, 0):
            row = {"at": now - age * DAY * 1000, "who": "Zauberwort" if age > 730 else "Kim", "deed": "signin"}
            connection.execute(tables.audit.insert().values(**row))
    assert retention.purge_audit(place.console, 730, now) == {"audit": 5}
    assert place.count(tables.audit) == 2
    assert [(row.reason, row.counts) for row in _report(place)] == [("retention", {"audit": 5})]
    assert retention.purge_audit(place.console, 730, now) == {"audit": 0}
    if place.kind == "sqlite":
        assert b"Zauberwort" not in all_bytes(place.settings.var)
