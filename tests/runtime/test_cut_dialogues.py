"""Conversations that are cut are answered as whole ones are: all dialogues of the project, said to both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

import sqlalchemy as sa

PROJECT = Path(__file__).parent.parent.parent


def _start(var: Path, *url: str) -> subprocess.Popen[str]:
    # A desk of its own for each: a desk counts the requests from one address.
    own = {"SMARTCITY_VAR": str(var), "SMARTCITY_SMTP_HOST": "mail", "SMARTCITY_OFFICE_MAIL": "buero@beispiel.example"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
    command = [sys.executable, "-W", "ignore", "-m", "tests.runtime.cut_dialogues", "tests/conversations", *url]
    return subprocess.Popen(command, cwd=PROJECT, env={**inherited, **own}, stdout=subprocess.PIPE, text=True)


def _told(process: subprocess.Popen[str]) -> Dict[str, Any]:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    told: Dict[str, Any] = json.loads(output.splitlines()[-1])
    return told


def test_cut_conversations_are_answered_as_whole_ones(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cut.db"
    started = [_start(tmp_path / "whole"), _start(tmp_path / "cut", url)]
    whole, cut = (_told(process) for process in started)
    differences = {name: (whole["heard"][name], said) for name, said in cut["heard"].items()}
    assert {name: pair for name, pair in differences.items() if pair[0] != pair[1]} == {}
    assert whole["heard"].keys() == cut["heard"].keys()
    with sa.create_engine(url).connect() as connection:
        cuts = connection.exec_driver_sql("SELECT count(*) FROM conversation_states").scalar()
        events = connection.exec_driver_sql(
            "SELECT max(count) FROM (SELECT count(*) AS count FROM events GROUP BY sender_id)"
        ).scalar()
    assert cuts > 30, "so few were cut that this says little"
    assert cut["longest"] < events / 2
