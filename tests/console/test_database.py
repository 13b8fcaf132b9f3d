"""The database as the migrations make it: what tables.py says, in both databases, with full text."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from smartcity import deletions
from smartcity.console import tables
from smartcity.console.database import _MIGRATIONS, connect, migrate, open_database, write
from smartcity.console.filters import Filters
from smartcity.console.turn_list import page_of
from smartcity.privacy import erasures
from smartcity.settings import read_settings

from ..databases import KINDS, database_url


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with database_url(request.param, tmp_path) as url:
        engine = open_database(sa.engine.make_url(url))
        yield engine
        engine.dispose()


def _turn(connection: Any, number: int, said: str, **more: Any) -> int:
    conversation = {"channel": "web", "language": "de", "started": 1, "ended": 2}
    key = connection.execute(tables.conversations.insert().values(**conversation)).inserted_primary_key[0]
    turn = {"conversation_id": key, "number": number, "source_id": str(number), "at": number, "channel": "web"}
    turn |= {"language": "de", "said": said, "outcome": "answered", **more}
    return int(connection.execute(tables.turns.insert().values(**turn)).inserted_primary_key[0])


def _known(_object: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    # The full-text index, which SQLAlchemy has no words for.
    return not (name or "").startswith("turns_text") and name not in (
        "words",
        "ix_turns_words",
        "alembic_version",
        "sqlite_sequence",
    )


def test_migrations_and_tables_agree(engine: Any) -> None:
    migrate(engine)
    with engine.connect() as connection:
        options = {"include_object": _known, "compare_server_default": False, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.METADATA) == []


def test_migrating_again_changes_nothing(engine: Any) -> None:
    migrate(engine)
    with write(engine) as connection:
        _turn(connection, 1, "Hallo")
    migrate(engine)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.turns)).scalar() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_all_parts_start_at_once_on_an_empty_database(kind: str, tmp_path: Path) -> None:
    """In processes of their own: migrations, tables of requests, notes of erasure."""
    parts = (
        "from smartcity.console.database import connect, migrate; work = lambda: migrate(connect(settings))",
        "from smartcity.inquiries.desk import Desk; work = lambda: Desk(settings).draft('web:1')",
        "from smartcity.privacy.erasures import Erasures; work = lambda: Erasures(settings).note('web:1')",
    )
    with database_url(kind, tmp_path) as url:
        environ = {**os.environ, "SMARTCITY_DATABASE": url, "SMARTCITY_VAR": str(tmp_path / "var")}
        program = "import sys; from smartcity.settings import read_settings; settings = read_settings(); {}; {}; work()"
        # Each is ready first; then all go at once.
        ready = "print(flush=True); sys.stdin.readline()"
        started = [
            subprocess.Popen(
                [sys.executable, "-c", program.format(part, ready)], env=environ, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for part in parts * 2
        ]  # fmt: skip
        for process in started:
            assert process.stdout is not None
            process.stdout.readline()
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        failures = [told for process in started for told in [process.communicate(timeout=60)[1]] if process.returncode]
        assert failures == []
        engine = open_database(sa.engine.make_url(url))
        migrate(engine)
        assert {"turns", "inquiries", "inquiry_mails", "erasures"} <= set(sa.inspect(engine).get_table_names())
        engine.dispose()


def test_processes_that_start_at_once_migrate_once(engine: Any) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: migrate(engine), range(6)))
    assert "turns" in sa.inspect(engine).get_table_names()


def test_a_note_of_erasure_may_be_there_first(engine: Any) -> None:
    """The gateway may start before the console ever did."""
    erasures.METADATA.create_all(engine)
    with write(engine) as connection:
        connection.execute(erasures.erasures.insert().values(pseudonym="p", at=1))
    test_migrations_and_tables_agree(engine)
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.erasures.c.pseudonym)).scalar() == "p"


def test_the_report_of_deletions_may_be_there_first(engine: Any) -> None:
    """The mailer may delete before the console ever ran."""
    deletions.METADATA.create_all(engine)
    with write(engine) as connection:
        deletions.note(connection, "retention", {"drafts": 1, "mails": 0})
        deletions.note(connection, "retention", {"mails": 0})
    test_migrations_and_tables_agree(engine)
    with engine.connect() as connection:
        assert list(connection.execute(sa.select(tables.deletions.c.counts)).scalars()) == [{"drafts": 1}]


def test_what_was_closed_before_is_counted_from_its_decision(engine: Any) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    rows = (("declined", 5), ("exported", None), ("approved", 6), ("proposed", None))
    with write(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for state, decided in rows:
            statement = sa.text(
                "INSERT INTO proposals (kind, text, entities, state, made_at, decided_at) "
                "VALUES ('example', 'x', '[]', :state, 3, :decided)"
            )
            connection.execute(statement, {"state": state, "decided": decided})
    migrate(engine)
    with engine.connect() as connection:
        query = sa.select(tables.proposals.c.state, tables.proposals.c.closed_at)
        assert dict(connection.execute(query).all()) == {
            "declined": 5, "exported": 3, "approved": None, "proposed": None,
        }  # fmt: skip


def test_words_are_found_and_forgotten(engine: Any) -> None:
    migrate(engine)
    with write(engine) as connection:
        one = _turn(connection, 1, "Was kostet der KRUISER in Hüls?")
        two = _turn(connection, 2, "Hallo", comment="Der Kruiser war zu spät")
        three = _turn(connection, 3, "Fahrplan", note="offen")

    def found(text: str) -> list[int]:
        # A space is no text at all.
        return sorted(row["id"] for row in page_of(engine, Filters.of({"text": text or "!"})).turns)

    assert found("kruiser") == [one, two]
    assert found("kruiser kostet") == [one]
    assert found("krui") == [one, two]
    assert found("hüls kost") == [one]
    assert found("offen") == [three]
    assert found("Straßenbahn") == [] == found('" OR * ) (') == found("")
    assert found("kruiser' | 'x\" AND (NEAR") == []
    with write(engine) as connection:
        connection.execute(tables.turns.update().where(tables.turns.c.id == one).values(said="weg", note="neu"))
        connection.execute(tables.turns.delete().where(tables.turns.c.id == two))
    assert found("kruiser") == []
    assert found("neu") == [one]


def test_what_belongs_to_a_conversation_goes_with_it(engine: Any) -> None:
    migrate(engine)
    with write(engine) as connection:
        turn = _turn(connection, 1, "Hallo")
        tag = connection.execute(tables.tags.insert().values(name="t")).inserted_primary_key[0]
        connection.execute(tables.turn_tags.insert().values(turn_id=turn, tag_id=tag))
        connection.execute(tables.conversations.delete())
        for table in (tables.turns, tables.turn_tags):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0


def test_an_id_is_never_given_again(engine: Any) -> None:
    migrate(engine)
    with write(engine) as connection:
        first = _turn(connection, 1, "Hallo")
        connection.execute(tables.conversations.delete())
        assert _turn(connection, 1, "Hallo") > first


def test_sqlite_is_for_its_owner_and_overwrites_what_it_deletes(tmp_path: Path) -> None:
    engine = connect(read_settings({"SMARTCITY_VAR": str(tmp_path / "var")}))
    migrate(engine)
    files = sorted((tmp_path / "var").iterdir())
    assert [file.name for file in files] == ["console.db", "console.db-shm", "console.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    with engine.connect() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                   ("journal_mode", "foreign_keys", "secure_delete")}  # fmt: skip
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1}


def test_the_address_of_another_database_counts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/elsewhere.db"
    migrate(connect(read_settings({"SMARTCITY_VAR": str(tmp_path / "var"), "SMARTCITY_DATABASE": url})))
    assert (tmp_path / "elsewhere.db").exists() and not (tmp_path / "var").exists()
