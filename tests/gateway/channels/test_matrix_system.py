"""An encrypted Matrix room with the real Rasa behind it: what is stored, and what a forged event leaves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from ...system import RunningSystem
from ..standin import SECRET, running
from .citizen import Citizen
from .conftest import MATRIX_SETTINGS, until
from .homeserver import BOT, Homeserver

pytestmark = pytest.mark.system

ROOM, OTTO = "!secret:example.org", "@otto:example.org"


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[tuple[Homeserver, Citizen, Path]]:
    homeserver = Homeserver()
    var = tmp_path / "var"
    var.mkdir()
    with ExitStack() as stack:
        base = f"http://127.0.0.1:{stack.enter_context(running(homeserver.app))}"
        otto = Citizen(homeserver, base, tmp_path / "citizens", OTTO)
        stack.callback(otto.close)
        environ = {**MATRIX_SETTINGS, "SECRET": SECRET, "PLATFORM_BASE": base}
        system = RunningSystem(var, {f"SMARTCITY_{name}": value for name, value in environ.items()})
        try:
            system.wait_until_healthy()
            yield homeserver, otto, var
        finally:
            left = system.stop()
        assert not left


def _stored(var: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(var / "conversations.db")) as connection:
        rows = connection.execute("SELECT sender_id, data FROM events ORDER BY id").fetchall()
    return [{"sender": sender, **json.loads(data)} for sender, data in rows]


def test_a_question_and_forged_ones(whole: tuple[Homeserver, Citizen, Path]) -> None:
    homeserver, otto, var = whole
    until(lambda: homeserver.one_time_keys[BOT, "KREFELD"], 30)
    homeserver.create(ROOM, OTTO)
    homeserver.member(ROOM, BOT, "invite")
    until(lambda: homeserver.rooms[ROOM].members[BOT] == "join", 30)
    otto.say(ROOM, "Was ist der KRuiser?")
    heard = otto.wait(2)
    assert heard[0].startswith("Guten Tag! Hier antwortet der digitale Assistent") and "KRuiser" in heard[1]
    true = homeserver.events(ROOM, OTTO)[0]
    for forged in (
        {**true, "sender": "@eve:example.org", "event_id": "$relabelled"},
        {**true, "event_id": "$again"},
        {**true, "event_id": "$unknown", "content": {**true["content"], "session_id": "A" * 43}},
        {**true, "event_id": "$clear", "type": "m.room.message", "content": {"msgtype": "m.text", "body": "Gefälscht"}},
    ):
        homeserver.put(ROOM, forged)
    otto.say(ROOM, "Danke")
    otto.wait(3)
    stored = _stored(var)
    assert [event["text"] for event in stored if event["event"] == "user"] == ["Was ist der KRuiser?", "Danke"]
    assert len({event["sender"] for event in stored}) == 1 and stored[0]["sender"].startswith("matrix:")
    told = json.dumps(stored, ensure_ascii=False)
    assert "otto" not in told and "Gefälscht" not in told
    seen = b"\n".join(homeserver.seen)
    assert b"KRuiser" not in seen and not otto.open and not otto.sealed
