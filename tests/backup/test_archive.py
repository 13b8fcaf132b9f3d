"""What a backup refuses, and that a refusal changes nothing."""

from __future__ import annotations

import json
import sqlite3
import tarfile
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from smartcity.backup import BackupError, back_up, restore
from smartcity.settings import Settings, read_settings
from smartcity.watching.upkeep import newest_backup

from ..databases import postgresql_url
from ..ports import free_ports

SECRET = "9b3e7a61d28f4c0b" * 4


def settings_for(folder: Path, **more: str) -> Settings:
    ports = dict(zip(("PORT", "RASA_PORT", "CONSOLE_PORT"), map(str, free_ports(3))))
    values = {"VAR": str(folder / "var"), "CONTENT": "content", "SECRET": SECRET, **ports, **more}
    return read_settings({f"SMARTCITY_{name}": value for name, value in values.items()})


def project(folder: Path) -> Path:
    """A small project with conversations, content and settings."""
    for name, text in {
        "endpoints.yml": "tracker_store: {type: SQL, dialect: sqlite, db: '${SMARTCITY_TRACKER_DB}'}\n",
        ".env": "SMARTCITY_PORT=8080\n",
        "content/themes/energy.yml": "name: Energie\n",
        "data/nlu/hello.yml": "nlu: []\n",
        "models/smartcity-1.tar.gz": "a model",
        "var/trials/data/nlu.yml": "passing",
        "var/training.log": "passing",
        "var/secret": SECRET,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    with sqlite3.connect(folder / "var" / "conversations.db") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, data TEXT)")
        connection.execute("INSERT INTO events (data) VALUES ('Hallo')")
    connection.close()
    return folder


@pytest.fixture(autouse=True)
def _of_this_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of Rasa in the same process leave its variable behind."""
    monkeypatch.delenv("SMARTCITY_TRACKER_DB", raising=False)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return project(tmp_path / "old")


@pytest.fixture
def file(old: Path, tmp_path: Path) -> Path:
    return back_up(settings_for(old), tmp_path / "backup.tar.gz", project=old)


def new(tmp_path: Path) -> Path:
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "endpoints.yml").write_bytes((tmp_path / "old" / "endpoints.yml").read_bytes())
    return folder


def test_everything_but_what_passes_comes_back(file: Path, tmp_path: Path) -> None:
    folder = new(tmp_path)
    restore(settings_for(folder), file, project=folder)
    kept = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert kept == {
        "endpoints.yml", ".env", "content/themes/energy.yml", "data/nlu/hello.yml", "models/smartcity-1.tar.gz",
        "var/secret", "var/conversations.db",
    }  # fmt: skip
    with sqlite3.connect(folder / "var" / "conversations.db") as connection:
        assert connection.execute("SELECT data FROM events").fetchall() == [("Hallo",)]
    assert (folder / "var").stat().st_mode & 0o077 == 0


def test_a_backup_is_for_its_owner_alone_and_replaces_none(file: Path, old: Path, tmp_path: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupError, match="is there already"):
        back_up(settings_for(old), file, project=old)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_only_so_many_are_kept(old: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for day in range(1, 4):
        (shelf / f"smartcity-2026010{day}T023000Z.tar.gz").touch()
    made = back_up(settings_for(old), shelf, keep=2, project=old)
    assert sorted(path.name for path in shelf.iterdir()) == ["smartcity-20260103T023000Z.tar.gz", made.name]
    newest = newest_backup(shelf)
    assert newest and newest.timestamp() == pytest.approx(time.time(), abs=60), "what watches knows the names"


def changed(file: Path, member: str, text: bytes | None, added: str = "") -> Path:
    """A copy of the backup with another text in a member, without it, or with one more."""
    copy = file.with_name("changed.tar.gz")
    with tarfile.open(file) as source, tarfile.open(copy, "w:gz") as target:
        for info in source:
            content = source.extractfile(info)
            assert content is not None
            data = content.read()
            if info.name == member:
                if text is None:
                    continue
                data = text
            import io

            info.size = len(data)
            target.addfile(info, io.BytesIO(data))
        if added:
            extra = tarfile.TarInfo(added)
            target.addfile(extra)
    return copy


@pytest.mark.parametrize(
    ("member", "text", "added", "told"),
    [
        ("content/themes/energy.yml", b"name: Energio\n", "", "is not what was backed up"),
        ("databases/conversations.db", None, "", "is missing"),
        ("manifest.json", b"{}", "", "cannot be read as a backup"),
        ("manifest.json", json.dumps({"format": 99}).encode(), "", "format is 99"),
        ("", b"", "../outside", "does not belong"),
        ("", b"", "/etc/outside", "does not belong"),
    ],
)
def test_a_damaged_or_foreign_file_changes_nothing(
    file: Path, tmp_path: Path, member: str, text: bytes | None, added: str, told: str
) -> None:
    folder = new(tmp_path)
    with pytest.raises(BackupError, match=told):
        restore(settings_for(folder), changed(file, member, text, added), force=True, project=folder)
    assert {p.name for p in folder.rglob("*") if p.is_file()} == {"endpoints.yml"}
    assert not (tmp_path / "outside").exists()


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    folder = project(tmp_path / "old")
    (tmp_path / "letter").write_text("Liebe Erna")
    with pytest.raises(BackupError, match="cannot be read"):
        restore(settings_for(folder), tmp_path / "letter", project=folder)


def test_what_is_there_is_left_alone_and_the_same_is_no_hindrance(file: Path, tmp_path: Path) -> None:
    folder = new(tmp_path)
    (folder / "content" / "themes").mkdir(parents=True)
    newer = folder / "content" / "themes" / "energy.yml"
    newer.write_text("name: Energie und Klima\n", "utf-8")
    with pytest.raises(BackupError, match=r"energy\.yml.*--force"):
        restore(settings_for(folder), file, project=folder)
    assert newer.read_text("utf-8") == "name: Energie und Klima\n" and not (folder / "var" / "secret").exists()
    restore(settings_for(folder), file, force=True, project=folder)
    assert newer.read_text("utf-8") == "name: Energie\n"


def test_the_same_is_not_written_again(file: Path, tmp_path: Path) -> None:
    folder = new(tmp_path)
    restore(settings_for(folder), file, project=folder)
    same, other = folder / "content" / "themes" / "energy.yml", folder / "data" / "nlu" / "hello.yml"
    other.write_text("nlu: [1]\n", "utf-8")
    before = {path: path.stat().st_ino for path in (same, other)}
    restore(settings_for(folder), file, force=True, project=folder)
    assert same.stat().st_ino == before[same] and other.stat().st_ino != before[other]
    assert other.read_text("utf-8") == "nlu: []\n"


def test_where_nothing_may_be_written_nothing_is_changed(file: Path, tmp_path: Path) -> None:
    folder = new(tmp_path)
    # Nobody may write below a file, not even root.
    (folder / "content").write_text("no folder", "utf-8")
    with pytest.raises(BackupError, match=r"may not write .*content/themes/energy\.yml.*Nothing was changed"):
        restore(settings_for(folder), file, force=True, project=folder)
    assert not (folder / "var" / "conversations.db").exists() and not (folder / "data").exists()


def test_another_secret_is_refused(file: Path, tmp_path: Path) -> None:
    folder = new(tmp_path)
    with pytest.raises(BackupError, match="SMARTCITY_SECRET"):
        restore(settings_for(folder, SECRET="0c4f82d16a7e3b95" * 4), file, force=True, project=folder)


def test_another_kind_of_database_is_refused(file: Path, tmp_path: Path) -> None:
    folder = new(tmp_path)
    (folder / "endpoints.yml").write_text("tracker_store: {type: SQL, dialect: postgresql, db: x}\n", "utf-8")
    with pytest.raises(BackupError, match="restore with the settings of the backup"):
        restore(settings_for(folder), file, force=True, project=folder)


def test_while_it_runs_nothing_is_restored(file: Path, tmp_path: Path) -> None:
    folder = new(tmp_path)
    settings = settings_for(folder)
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", settings.port))
        listener.listen()
        with pytest.raises(BackupError, match="stop the assistant first"):
            restore(settings, file, project=folder)


def test_a_copy_is_whole_while_others_write(old: Path, tmp_path: Path) -> None:
    """Two rows are always written together: a copy never holds one without the other."""
    database, stop = old / "var" / "conversations.db", threading.Event()

    def write() -> None:
        connection = sqlite3.connect(database, timeout=30)
        while not stop.is_set():
            with connection:
                connection.execute("INSERT INTO events (data) VALUES ('one')")
                connection.execute("INSERT INTO events (data) VALUES ('two')")
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [back_up(settings_for(old), tmp_path / f"{n}.tar.gz", project=old) for n in range(5)]
    finally:
        stop.set()
        writer.join()
    for file in files:
        with tarfile.open(file) as tar:
            tar.extract("databases/conversations.db", tmp_path / "out", filter="data")
        with sqlite3.connect(tmp_path / "out" / "databases" / "conversations.db") as copy:
            (ones, twos) = copy.execute("SELECT sum(data = 'one'), sum(data = 'two') FROM events").fetchone()
        assert ones == twos


def test_conversations_and_the_application_in_one_database_of_postgresql(old: Path, tmp_path: Path) -> None:
    with postgresql_url() as url:
        (old / "endpoints.yml").write_text(
            f"tracker_store:\n  type: SQL\n  dialect: postgresql\n  url: '{url}'\n", "utf-8"
        )
        engine = sa.create_engine(url, future=True)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE events (id serial PRIMARY KEY, data text)"))
            connection.execute(sa.text("INSERT INTO events (data) VALUES ('Hallo')"))
        file = back_up(settings_for(old, DATABASE=url), tmp_path / "both.tar.gz", project=old)
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE events SET data = 'Tschüs'"))
        with pytest.raises(BackupError, match="tables in PostgreSQL"):
            restore(settings_for(old, DATABASE=url), file, project=old)
        manifest = restore(settings_for(old, DATABASE=url), file, force=True, project=old)
        assert [told["name"] for told in manifest["databases"]][:1] == ["application"]
        assert "conversations" not in [told["name"] for told in manifest["databases"]]
        with engine.begin() as connection:
            assert connection.execute(sa.text("SELECT data FROM events")).scalar() == "Hallo"
            connection.execute(sa.text("INSERT INTO events (data) VALUES ('next')"))
        engine.dispose()
