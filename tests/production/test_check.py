"""`smartcity config check`, and the refusal of every process to start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.production.check import report
from smartcity.settings import SETTINGS, SettingError, read_settings

from ..system import PROJECT
from .test_rules import SECRET, situation

PROCESSES = ("run", "gateway", "actions", "rasa run", "console serve", "console ingest --follow", "inquiries send")


def run(arguments: str, var: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
    environ = {f"SMARTCITY_{name}": value for name, value in {"VAR": str(var), **settings}.items()}
    return subprocess.run(
        [sys.executable, "-m", "smartcity.cli", *arguments.split()],
        cwd=PROJECT,
        env={**inherited, **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("command", PROCESSES)
def test_no_process_starts_with_unsafe_settings(command: str, tmp_path: Path) -> None:
    done = run(command, tmp_path, ENV="production", LIMITS="off", SECRET="changeme" * 5)
    assert done.returncode == 1
    assert "SMARTCITY_LIMITS" in done.stderr and "SMARTCITY_SECRET" in done.stderr and "Remedy: " in done.stderr
    assert "changeme" not in done.stdout + done.stderr


def test_the_check_tells_all_and_fails_where_production_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    done = run("config check", tmp_path, LIMITS="off", SECRET=SECRET, PORT="8181")
    assert done.returncode == 0 and "SMARTCITY_PORT: 8181" in done.stdout
    assert "SMARTCITY_SECRET: (set, not shown)" in done.stdout and SECRET not in done.stdout
    unsafe = done.stdout.partition("Unsafe")[2]
    assert "SMARTCITY_LIMITS" in unsafe and "SMARTCITY_SECRET" not in unsafe
    assert run("config check --production", tmp_path, LIMITS="off").returncode == 1
    assert run("config check", tmp_path, ENV="production", LIMITS="off").returncode == 1
    assert run("config check", tmp_path, ENV="production").returncode == 0


_WORD = st.text("abcdefghijkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789", min_size=12, max_size=30).map("Q0".__add__)
"""Begins as no text of ours does."""


@given(word=_WORD)
def test_no_secret_gets_into_the_report(tmp_path_factory: pytest.TempPathFactory, word: str) -> None:
    key = (word + "x" * 43)[:43] + "="
    given_ = {
        **{setting.name: word for setting in SETTINGS if setting.hidden},
        "SECRET": word * 3,
        "TELEGRAM_TOKEN": f"123:{word}",
        "INQUIRY_KEYS": key,
        "DATABASE": f"postgresql://name:{word}@db.example.org/name",
        "REDIS": f"redis://:{word}@redis.example.org",
        "PUBLIC_URL": f"http://name:{word}@chat.example.org",
        "CONTENT": f"http://name:{word}@cms.example.org/export?token={word}",
        "MATRIX_HOMESERVER": f"http://name:{word}@matrix.example.org",
        "OIDC_ISSUER": f"http://name:{word}@login.example.org",
        "ORIGINS": f"http://name:{word}@a.example.org,https://b.example.org",
    }
    text = "\n".join(report(situation(tmp_path_factory.getbasetemp(), given_)))
    assert "Unsafe" in text and word not in text


@given(word=_WORD, setting=st.sampled_from(SETTINGS))
def test_no_secret_gets_into_the_refusal_of_a_value(word: str, setting: object) -> None:
    variable = getattr(setting, "variable")
    for text in (f"ftp://name:{word}@example.org/\n", f"https://name:{word}@example.org/a/b?c={word}\n,\n"):
        try:
            read_settings({variable: text})
        except SettingError as error:
            assert word not in str(error)
