"""`smartcity demo` and `smartcity sources check --store`, as a person calls them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from smartcity.cli import main
from smartcity.console.database import open_database
from smartcity.console.health import sources
from smartcity.console.tables import conversations
from smartcity.settings import SETTINGS

PROJECT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)
    monkeypatch.setenv("SMARTCITY_VAR", str(tmp_path / "var"))
    monkeypatch.chdir(PROJECT)


def test_the_demo_lies_apart_and_says_how_to_look_at_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    told = capsys.readouterr().out
    command = re.search(r"SMARTCITY_VAR=(\S+) SMARTCITY_DATABASE=sqlite:///(\S+) smartcity console serve", told)
    assert command
    assert Path(command[1]) == tmp_path / "var" / "demo"
    engine = open_database(sa.engine.make_url(f"sqlite:///{command[2]}"))
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(conversations)).scalar_one() >= 300
    engine.dispose()
    assert not (tmp_path / "var" / "console.db").exists()


def test_it_refuses_the_folder_of_a_real_console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    var = tmp_path / "var"
    var.mkdir()
    (var / "console.db").write_bytes(b"")
    assert main(["demo", str(var)]) == 1
    assert "holds something else than a demo" in capsys.readouterr().err


def test_findings_of_the_command_line_reach_the_console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Against addresses on which nothing listens: every fact is a finding, and each is kept."""
    content = tmp_path / "content"
    for path in sorted((PROJECT / "content").rglob("*.yml")):
        target = content / path.relative_to(PROJECT / "content")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(re.sub(r"https?://[^\s,\"'}]+", "https://127.0.0.1:9/", path.read_text("utf-8")), "utf-8")
    assert main(["sources", "check", str(content), "--store"]) == 1
    told = re.search(r"(\d+) finding\(s\)", capsys.readouterr().out)
    assert told and int(told[1]) > 50
    engine = open_database(sa.engine.make_url(f"sqlite:///{tmp_path / 'var' / 'console.db'}"))
    kept = sources.last(engine)
    assert len(kept.findings) == int(told[1])
    assert kept.ended and kept.begun is None
    assert sources.begin(engine)
    assert main(["sources", "check", str(content), "--store"]) == 1
    assert "Another check of the sources is under way" in capsys.readouterr().err
    engine.dispose()
