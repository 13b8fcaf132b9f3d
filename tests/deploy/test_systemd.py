"""The units of deploy/systemd: systemd itself accepts them and finds them well walled in."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from smartcity.cli.program import parser

from ..system import PROJECT

UNITS = PROJECT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
MOST_EXPOSED = 2.0
"""systemd's own measure, from 0 to 10; up to 2 it says OK."""


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units in a folder, with a program that exists: systemd looks for it."""
    folder = tmp_path_factory.mktemp("units")
    program = shutil.which("true")
    for path in UNITS.glob("*.*"):
        text = path.read_text("utf-8").replace("/opt/smartcity/.venv/bin/smartcity", str(program))
        (folder / path.name.replace("@.", "@8080.")).write_text(text, "utf-8")
    return folder


def test_systemd_finds_no_fault(units: Path) -> None:
    named = [str(path) for path in sorted(units.iterdir()) if path.suffix in (".service", ".target", ".timer")]
    command = ["systemd-analyze", "verify", "--man=no", *named]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_walled_in(units: Path, name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(units / name.replace("@.", "@8080."))]
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found and float(found.group(1)) <= MOST_EXPOSED, done.stdout + done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_starts_a_command_that_there_is(name: str) -> None:
    ((program, arguments),) = re.findall(r"^ExecStart=(\S+) (.+)$", (UNITS / name).read_text("utf-8"), re.MULTILINE)
    assert program == "/opt/smartcity/.venv/bin/smartcity"
    if arguments != "rasa run":
        parser().parse_args(arguments.split())
