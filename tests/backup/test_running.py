"""The assistant runs, is backed up, loses everything and is restored: nobody notices."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from smartcity.console.accounts import by_name
from smartcity.console.database import connect
from smartcity.console.tables import turns
from smartcity.inquiries.desk import Desk
from smartcity.inquiries.office import Office
from smartcity.settings import Settings, read_settings

from ..databases import postgresql_url
from ..inquiries.people import ERNA, OFFICE
from ..system import PROJECT, ApiClient, RunningSystem


def run(system: dict[str, str], *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
    command = [sys.executable, "-m", "smartcity.cli", *arguments]
    environ = {**inherited, **system}
    return subprocess.run(command, cwd=PROJECT, env=environ, input=typed, capture_output=True, text=True, timeout=120)


def wait_for_turns(settings: Settings, count: int) -> None:
    """Until the reader has taken them in."""
    done = run({f"SMARTCITY_{n}": v for n, v in (("VAR", str(settings.var)), ("DATABASE", settings.database))},
               "console", "ingest")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert counted(settings) >= count


def counted(settings: Settings) -> int:
    engine = connect(settings)
    try:
        with engine.connect() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(turns)).scalar_one())
    finally:
        engine.dispose()


def test_everything_is_there_again(tmp_path: Path) -> None:
    """Conversations in SQLite, the application's tables in PostgreSQL."""
    with postgresql_url() as url:
        environ = {
            "SMARTCITY_DATABASE": url,
            "SMARTCITY_CONSOLE": "on",
            "SMARTCITY_VAR": str(tmp_path / "var"),
            "SMARTCITY_OFFICE_MAIL": OFFICE,
        }
        (tmp_path / "var").mkdir()
        settings = read_settings(environ)

        system = RunningSystem(tmp_path / "var", environ)
        try:
            system.wait_until_healthy()
            client = ApiClient(system.address)
            client.open()
            assert "eingestellt" in client.say("Gibt es den KRuiser noch?")[0]["text"]
            assert (
                run(environ, "console", "adduser", "erna", "--role=admin", typed="sehr geheimes wort\n").returncode == 0
            )
            assert run(environ, "api-keys", "create", "app-1", "--scopes=messages").returncode == 0
            desk = Desk(settings)
            desk.note("web:1", **ERNA)
            reference = desk.file("web:1").reference
            desk.close()
            wait_for_turns(settings, 1)
            made = run(system.settings, "backup", str(tmp_path))
            assert made.returncode == 0, made.stderr
            client.say("Hallo")  # what comes after the backup is not in it
        finally:
            system.stop()
        file = Path(made.stdout.strip())
        assert file.stat().st_mode & 0o777 == 0o600

        lose_everything(tmp_path / "var", url)
        done = run(system.settings, "restore", str(file))
        assert done.returncode == 0, done.stderr
        again = run(system.settings, "restore", str(file))
        assert again.returncode == 1 and "--force" in again.stderr, "nothing is replaced unasked"
        assert run(system.settings, "restore", str(file), "--force").returncode == 0

        restarted = RunningSystem(tmp_path / "var", environ)
        try:
            restarted.wait_until_healthy()
            client._http.base_url = restarted.address
            # The session still holds, and 'er' is still the KRuiser.
            assert "5 Cent" in client.say("Und was hat er gekostet?")[0]["text"]
            engine = connect(settings)
            assert by_name(engine, "erna") is not None
            engine.dispose()
            assert "app-1" in run(environ, "api-keys", "list").stdout
            office = Office(settings)
            ((request, row),) = [(office.read(row.id), row) for row in office.lists.page().rows]
            assert row.reference == reference and request is not None and request.name == ERNA["name"]
            assert counted(settings) >= 1
        finally:
            restarted.stop()
            client.close()


def lose_everything(var: Path, url: str) -> None:
    shutil.rmtree(var)
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        schema = connection.execute(sa.text("SELECT current_schema()")).scalar()
        connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
    engine.dispose()
