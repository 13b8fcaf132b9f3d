"""`smartcity console serve` and `adduser` as real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ..ports import free_ports
from ..system import PROJECT, RunningSystem

PASSWORD = "vier Wörter ohne Sinn"


def _environ(var: Path, more: Mapping[str, str] = {}) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
    return {**inherited, "SMARTCITY_VAR": str(var), "PYTHONUNBUFFERED": "1", **more}


def _adduser(var: Path, *arguments: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "smartcity.cli", "console", "adduser", *arguments],
        cwd=PROJECT,
        env=_environ(var),
        input=password + "\n",
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def _serving(var: Path, port: int) -> Iterator[Path]:
    """The console in a process of its own, when it answers; the file with what it prints."""
    log = var / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "smartcity.cli", "console", "serve"],
            cwd=PROJECT,
            env=_environ(var, {"SMARTCITY_CONSOLE_PORT": str(port)}),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield log
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def test_serve_prints_address_and_code_until_there_is_an_admin(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with _serving(tmp_path, port) as log:
        page = httpx.get(f"http://127.0.0.1:{port}/", follow_redirects=True, trust_env=False)
        assert "Erstes Konto anlegen" in page.text
        assert "server" not in page.headers
    output = log.read_text("utf-8")
    assert f"http://127.0.0.1:{port}/" in output
    code = re.search(r"set-up code (\S+)", output)
    assert code and (tmp_path / "console-setup-code").read_text() == code[1] + "\n"

    made = _adduser(tmp_path, "Kim", "--role", "admin", "--shown", "Kim Beispiel")
    assert made.returncode == 0 and "'kim' may now sign in as admin" in made.stdout, made.stderr
    address = f"http://127.0.0.1:{port}"
    with _serving(tmp_path, port) as log, httpx.Client(base_url=address, trust_env=False) as http:
        token = re.search(r'name="csrf" value="(\w+)"', http.get("/signin").text)
        assert token
        fields = {"csrf": token[1], "name": "kim", "password": PASSWORD}
        answer = http.post("/signin", data=fields, headers={"origin": address})
        assert answer.status_code == 303
        assert "Kim Beispiel" in http.get("/").text
        assert "smartcity console adduser" in http.get("/audit").text
    assert "code" not in log.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        (("kim", "--role", "admin"), "short", "too short"),
        (("kim", "--role", "admin"), "passwort12345", "easy to guess"),
        (("k m", "--role", "admin"), PASSWORD, "name is not possible"),
        (("kim", "--role", "emperor"), PASSWORD, "invalid choice"),
        (("kim",), PASSWORD, "--role"),
    ],
)
def test_an_account_that_cannot_be(arguments: tuple[str, ...], password: str, said: str, tmp_path: Path) -> None:
    refused = _adduser(tmp_path, *arguments, password=password)
    assert refused.returncode != 0 and said in refused.stderr


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    assert _adduser(tmp_path, "kim", "--role", "reader").returncode == 0
    again = _adduser(tmp_path, "KIM", "--role", "admin")
    assert again.returncode == 1 and "taken" in again.stderr


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with _serving(tmp_path, port):
        second = subprocess.run(
            [sys.executable, "-m", "smartcity.cli", "console", "serve"],
            cwd=PROJECT,
            env=_environ(tmp_path, {"SMARTCITY_CONSOLE_PORT": str(port)}),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert second.returncode == 1
    assert "SMARTCITY_CONSOLE_PORT" in second.stderr and "Traceback" not in second.stderr


@pytest.mark.system
def test_run_starts_it_and_prints_its_address_and_code(tmp_path: Path) -> None:
    system = RunningSystem(tmp_path, {"SMARTCITY_CONSOLE": "on"})
    try:
        system.wait_until_healthy()
        end = time.monotonic() + 60
        while "The staff's console" not in system.log.read_text("utf-8") and time.monotonic() < end:
            time.sleep(0.2)
        told = re.search(r"The staff's console: (\S+)\n.*set-up code (\S+)", system.log.read_text("utf-8"))
        assert told and told[1] == system.console + "/"
        assert told[2] == (tmp_path / "console-setup-code").read_text().strip()
        assert "Einrichtungs-Code" in httpx.get(told[1], follow_redirects=True, trust_env=False).text
    finally:
        assert system.stop() == []
