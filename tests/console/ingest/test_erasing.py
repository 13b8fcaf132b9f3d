"""What is deleted is gone everywhere, stays gone, and leaves no byte; what is too old goes by itself."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity import deletions
from smartcity.cli import main
from smartcity.console import retention, tables
from smartcity.console.commands import delete as delete_command
from smartcity.console.database import migrate
from smartcity.console.ingest import follow
from smartcity.console.ingest.known import Known
from smartcity.database import connect, open_database, write
from smartcity.privacy import erasures, tracker_store
from smartcity.privacy.erasures import ErasureError, Erasures
from smartcity.settings import read_settings

from .conftest import Place
from .rasa_log import RasaLog

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


def _all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


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
        assert b"Zauberwort" not in _all_bytes(tmp_path) and b"zauberwort" not in _all_bytes(tmp_path)


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
    assert b"Zauberwort" in _all_bytes(tmp_path)
    retention.purge(place.console, 1)
    assert b"auberwort" not in _all_bytes(tmp_path)


# The commands, in a project of their own


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with Rasa's configuration, and var/ with two conversations."""
    store = "tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: ${SMARTCITY_TRACKER_DB}\n"
    (tmp_path / "endpoints.yml").write_text(store)
    (tmp_path / "config.yml").write_text("assistant_id: smart-city-krefeld\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMARTCITY_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("SMARTCITY_SECRET", "s" * 40)
    monkeypatch.delenv("SMARTCITY_TRACKER_DB", raising=False)
    log = RasaLog(open_database(sa.engine.make_url(f"sqlite:///{tmp_path}/var/conversations.db")))
    log.turn("web:1", "Zauberwort")
    log.turn("web:2", "Anderes")
    log.engine.dispose()
    return tmp_path


def _said() -> list[str]:
    engine = connect(read_settings())
    with engine.connect() as connection:
        return list(connection.execute(sa.select(tables.turns.c.said)).scalars())


def test_ingest_and_delete_by_hand(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["console", "ingest"]) == 0
    assert capsys.readouterr().out == "12 events read.\n"
    assert sorted(_said()) == ["Anderes", "Zauberwort"]
    assert main(["privacy", "delete", "web:1"]) == 0
    assert "1 turns and 0 proposals in the console, 6 events of Rasa" in capsys.readouterr().out
    assert b"auberwort" not in _all_bytes(project / "var")
    assert main(["privacy", "delete", "web:1"]) == 1
    pseudonym = follow.open_ingest(read_settings()).reader._pseudonyms.of("web:2")
    assert main(["privacy", "delete", pseudonym]) == 0
    assert _said() == []
    assert main(["console", "ingest"]) == 0
    assert _said() == []
    capsys.readouterr()
    assert main(["privacy", "report"]) == 0
    out = capsys.readouterr().out
    assert out.count("staff") == 1 and "12 events" in out and "2 conversations, 2 turns" in out


def test_delete_tells_where_what_was_handed_over_still_stands(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["console", "ingest"]) == 0
    (project / "data" / "nlu").mkdir(parents=True)
    (project / "tests" / "conversations").mkdir(parents=True)
    examples = (
        "version: '3.1'\nnlu:\n  - intent: greet\n    examples: |\n      - Guten Tag\n      - wat kost Zauberwort\n"
    )
    (project / "data" / "nlu" / "corrections.yml").write_text(examples)
    test = "- name: Zauberwort\n  turns: []\n"
    (project / "tests" / "conversations" / "corrections.yml").write_text(f"# Tests\n{test}")
    engine = connect(read_settings())
    with write(engine) as connection:
        turn = connection.execute(sa.select(tables.turns.c.id).where(tables.turns.c.said == "Zauberwort")).scalar()
        for kind, text, state in (
            ("example", "wat kost Zauberwort", "exported"),
            ("conversation", test, "exported"),
            ("example", "patch that nobody applied", "exported"),
            ("topic", "Zauberwort", "exported"),
            ("example", "Guten Tag", "approved"),
        ):
            values = {"turn_id": turn, "kind": kind, "text": text, "state": state, "made_at": 1}
            connection.execute(tables.proposals.insert().values(**values))
    capsys.readouterr()
    assert main(["privacy", "delete", "web:1"]) == 0
    told = capsys.readouterr().out
    assert "5 proposals" in told and "auberwort" not in told
    assert [line.split(": ")[1].split(". ")[0] for line in told.splitlines()[1:]] == [
        "data/nlu/corrections.yml:6",
        "tests/conversations/corrections.yml",
    ]
    assert b"auberwort" not in _all_bytes(project / "var")


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
        assert b"Zauberwort" not in _all_bytes(place.settings.var)


def test_delete_by_the_token_of_a_chat(project: Path) -> None:
    from smartcity.gateway.sessions import Sessions

    session, token = Sessions(read_settings()).begin("https://a.example", "de")
    log = RasaLog(open_database(sa.engine.make_url(f"sqlite:///{project}/var/conversations.db")))
    log.turn(f"web:{session.id}", "Mit Token")
    assert main(["console", "ingest"]) == 0
    assert main(["privacy", "delete", token]) == 0
    assert "Mit Token" not in _said()
    assert delete_command(read_settings(), "nobody") == 1


def test_purge_by_hand(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = RasaLog(open_database(sa.engine.make_url(f"sqlite:///{project}/var/conversations.db")))
    log._now = time.time() - 8 * DAY
    log.turn("web:3", "Alt")
    assert main(["console", "ingest"]) == 0
    with write(connect(read_settings())) as connection:
        proposal = {"kind": "example", "text": "x", "state": "declined", "made_at": 1, "closed_at": 1}
        connection.execute(tables.proposals.insert().values(**proposal))
        connection.execute(tables.trials.insert().values(state="done", share=1, made_at=1, ended_at=1))
        connection.execute(tables.audit.insert().values(at=1, who="Kim", deed="signin"))
    capsys.readouterr()
    assert main(["privacy", "purge"]) == 0
    told = capsys.readouterr().out
    assert "1 conversations with 6 events of Rasa (older than 7 days)" in told
    assert "1 proposals and 1 trials (closed more than 180 days ago" in told
    assert "1 lines of the audit (older than 730 days)" in told
    assert sorted(_said()) == ["Alt", "Anderes", "Zauberwort"]
    assert main(["privacy", "report", "--days", "1"]) == 0
    (line,) = capsys.readouterr().out.splitlines()[1:]
    gone = "1 tracker, 6 events, 1 proposals, 1 trials, 1 audit"
    assert line.split(maxsplit=2)[1:] == ["retention", gone]


def test_the_reader_follows_erases_and_purges(project: Path) -> None:
    log = RasaLog(open_database(sa.engine.make_url(f"sqlite:///{project}/var/conversations.db")))
    log._now = time.time() - 8 * DAY
    log.turn("web:old", "Alt")
    log._now = time.time()
    stop = threading.Event()
    reader = threading.Thread(target=follow.follow, args=(read_settings(), stop))
    reader.start()
    try:
        _wait(lambda: sorted(_said()) == ["Alt", "Anderes", "Zauberwort"])
        log.turn("web:5", "Später")
        _wait(lambda: "Später" in _said())
        with closing(Erasures(read_settings())) as notes:
            notes.note("web:5")
        _wait(lambda: "Später" not in _said())
        with log.engine.connect() as connection:
            senders = set(connection.execute(sa.select(tracker_store.EVENTS.c.sender_id)).scalars())
        assert senders == {"web:1", "web:2", "web:5"}
    finally:
        stop.set()
        reader.join(10)
    assert not reader.is_alive()


def test_a_fault_is_survived(project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(follow, "TROUBLE_SECONDS", 0.05)
    (project / "endpoints.yml").rename(project / "away.yml")
    stop = threading.Event()
    reader = threading.Thread(target=follow.follow, args=(read_settings(), stop))
    reader.start()
    try:
        _wait(lambda: "TrackerStoreError" in caplog.text)
        time.sleep(0.3)
        assert caplog.text.count("The reader stopped short") == 1
        (project / "away.yml").rename(project / "endpoints.yml")
        _wait(lambda: (project / "var" / "console.db").exists() and len(_said()) == 2)
    finally:
        stop.set()
        reader.join(10)


def _wait(condition: Any) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            if condition():
                return
        except sa.exc.OperationalError:
            pass  # not migrated yet
        time.sleep(0.05)
    raise AssertionError("it did not come about in time")


def test_the_tracker_store_that_endpoints_yml_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings({"SMARTCITY_VAR": str(tmp_path)})
    file = tmp_path / "endpoints.yml"

    def url(text: str) -> Any:
        file.write_text(text)
        return tracker_store.tracker_url(settings, file)

    monkeypatch.setenv("POSTGRES_PASSWORD", "geheim")
    monkeypatch.delenv("POSTGRESQL_SCHEMA", raising=False)
    found = url(
        "tracker_store: {type: SQL, dialect: postgresql, url: db.example.org, port: 5433, db: smartcity, "
        "username: me, password: '${POSTGRES_PASSWORD}'}"
    )
    assert found.render_as_string(hide_password=False) == "postgresql://me:geheim@db.example.org:5433/smartcity"
    monkeypatch.setenv("POSTGRESQL_SCHEMA", "other")
    assert url("tracker_store: {type: sql, dialect: postgresql, url: h}").query == {"options": "-csearch_path=other"}
    assert url("tracker_store: {type: SQL, url: 'postgresql://h/d'}").host == "h"
    assert url("tracker_store: {type: SQL, db: '${SMARTCITY_TRACKER_DB}'}").database.endswith("conversations.db")
    for broken in ("", "tracker_store: {type: redis}", "tracker_store: x", "[", "tracker_store:"):
        with pytest.raises(tracker_store.TrackerStoreError):
            url(broken)
