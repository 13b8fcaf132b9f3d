"""Reading, deleting and purging by hand, and the reader that does so by itself, in a project of their own."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity.cli import main
from smartcity.console import tables
from smartcity.console.commands import delete as delete_command
from smartcity.console.ingest import follow
from smartcity.database import connect, open_database, write
from smartcity.privacy import tracker_store
from smartcity.privacy.erasures import Erasures
from smartcity.settings import read_settings

from .conftest import all_bytes
from .rasa_log import RasaLog

DAY = 86_400


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
    assert b"auberwort" not in all_bytes(project / "var")
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
    assert b"auberwort" not in all_bytes(project / "var")


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
