"""Processes and the database fail at every step: a request is there whole or not at all; the citizen is told which."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from smartcity.runtime.model import train_when_stale
from smartcity.settings import Settings, read_settings

from ..ports import free_ports
from ..system import PROJECT, START_SECONDS

pytestmark = pytest.mark.system
STEPS = ("Mehr Licht am Rhein", "Erika Mustermann", "erika{}@beispiel.example")
"""Answers until the summary of a message."""


class Rasa:
    """Rasa alone, as a process that can be killed; with actions in it or beside it."""

    def __init__(self, var: Path, actions: str = "inprocess") -> None:
        rasa_port, actions_port, mail_port = free_ports(3)
        self.environ = {
            "SMARTCITY_RASA_PORT": str(rasa_port),
            "SMARTCITY_ACTIONS": actions,
            "SMARTCITY_ACTIONS_PORT": str(actions_port),
            "SMARTCITY_VAR": str(var),
            "SMARTCITY_OFFICE_MAIL": "buero@beispiel.example",
            "SMARTCITY_SMTP_HOST": "127.0.0.1",
            "SMARTCITY_SMTP_PORT": str(mail_port),
        }
        self.settings: Settings = read_settings(self.environ)
        train_when_stale(self.settings)
        self._log = var / "rasa.log"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{rasa_port}/webhooks/internal",
            headers={"Authorization": f"Bearer {self.settings.secret_for('internal')}"},
            timeout=30,
            trust_env=False,
        )

    def start(self, name: str) -> None:
        command = ["rasa", "run"] if name == "rasa" else ["actions"]
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("SMARTCITY_")}
        with self._log.open("ab") as output:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "smartcity.cli", *command],
                cwd=PROJECT,
                env={**inherited, **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        """Return when Rasa and the actions answer."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with suppress(httpx.HTTPError):
                told = self._http.get("/health").json()
                if (told["rasa"], told["actions"]) == ("ok", "ok"):
                    return
            time.sleep(0.2)
        raise RuntimeError(self._log.read_text("utf-8", "replace")[-2000:])

    def kill(self, name: str) -> None:
        process = self._processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        for name in list(self._processes):
            self.kill(name)
        self._http.close()

    def say(self, sender: str, text: str) -> list[dict[str, Any]]:
        """The answers; none where there was no whole turn."""
        try:
            answer = self._http.post("/webhook", json={"sender": sender, "text": text, "language": "de"})
        except httpx.HTTPError:
            return []
        lines = [json.loads(line) for line in answer.text.splitlines() if line]
        return [line["message"] for line in lines if "message" in line] if {"done": True} in lines else []

    def press(self, sender: str, payload: str) -> list[dict[str, Any]]:
        answer = self._http.post("/webhook", json={"sender": sender, "payload": payload, "language": "de"})
        return [line["message"] for line in map(json.loads, answer.text.splitlines()) if "message" in line]

    def to_summary(self, sender: str) -> None:
        """Begin a message to the office and answer all that is asked."""
        said = self.press(sender, '/inquiry_continue{"step": "begin_message"}')
        for step in STEPS:
            assert said[0]["answer"].startswith("inquiry/")
            said = self.say(sender, step.format(sender[-1]))
        assert [message["answer"] for message in said] == ["inquiry/summary"]

    def filed(self) -> int:
        with closing(sqlite3.connect(self.settings.var / "console.db")) as connection:
            return int(connection.execute("SELECT count(*) FROM inquiries").fetchone()[0])


@contextmanager
def _running(var: Path, actions: str = "inprocess") -> Iterator[Rasa]:
    rasa = Rasa(var, actions)
    try:
        rasa.start("rasa")
        if actions == "http":
            rasa.start("actions")
        rasa.wait()
        yield rasa
    finally:
        rasa.stop()


def _answers(messages: list[dict[str, Any]]) -> list[str]:
    return [message["answer"] for message in messages]


def test_rasa_is_killed_while_it_files(tmp_path: Path) -> None:
    """At several moments of the last turn; then the citizen says 'ja' again and gets one reference, for one request."""
    moments = (0.0, 0.01, 0.03, 0.3)
    with _running(tmp_path) as rasa:
        for number, seconds in enumerate(moments, 1):
            sender = f"web:killed{number}"
            rasa.to_summary(sender)
            confirming = threading.Thread(target=rasa.say, args=(sender, "ja"))
            confirming.start()
            time.sleep(seconds)
            rasa.kill("rasa")
            confirming.join()
            before = rasa.filed()
            assert before in (number - 1, number)
            rasa.start("rasa")
            rasa.wait()
            # Where the turn itself had ended, 'ja' is no answer to a form any more, and the state tells.
            said = rasa.say(sender, "ja")
            if _answers(said) != ["inquiry/filed"]:
                assert before == number
                said = rasa.say(sender, "Was ist mit meiner Anfrage?")
                assert _answers(said) == ["inquiry/state"]
            assert "KR-" in said[0]["text"]
            assert rasa.filed() == number


def test_rasa_is_killed_after_each_answer(tmp_path: Path) -> None:
    """The form goes on where it was; at most the last answer is given again."""
    with _running(tmp_path) as rasa:
        sender = "web:answers1"
        rasa.press(sender, '/inquiry_continue{"step": "begin_message"}')
        for step in STEPS[:2]:
            rasa.say(sender, step)
            rasa.kill("rasa")
            rasa.start("rasa")
            rasa.wait()
        assert _answers(rasa.say(sender, STEPS[2].format(1))) == ["inquiry/summary"]
        assert _answers(rasa.say(sender, "ja")) == ["inquiry/filed"]
        assert rasa.filed() == 1


def test_the_action_server_is_killed_at_each_step(tmp_path: Path) -> None:
    with _running(tmp_path, "http") as rasa:
        sender = "web:actions1"
        rasa.press(sender, '/inquiry_continue{"step": "begin_message"}')
        for step, then in zip((*STEPS, "ja"), ("name", "contact", "summary", "filed"), strict=True):
            rasa.kill("actions")
            assert not rasa.say(sender, step.format(1)), "no answer: the gateway says that it did not work"
            rasa.start("actions")
            rasa.wait()
            assert _answers(rasa.say(sender, step.format(1))) == [f"inquiry/{then}"]
        assert rasa.filed() == 1


def test_the_database_of_requests_is_away(tmp_path: Path) -> None:
    """The citizen is told that nothing was sent, and tries again."""
    with _running(tmp_path) as rasa:
        sender = "web:database1"
        rasa.press(sender, '/inquiry_continue{"step": "begin_message"}')
        with _locked(tmp_path / "console.db"):
            (told,) = rasa.say(sender, STEPS[0])
            assert told["answer"] == "inquiry/unavailable"
            assert "nichts" in told["text"] and "02151 86-1085" in told["text"]
        said = rasa.say(sender, STEPS[0])
        assert _answers(said) == ["inquiry/name"]
        for step in STEPS[1:]:
            said = rasa.say(sender, step.format(9))
        with _locked(tmp_path / "console.db"):
            (told,) = rasa.say(sender, "ja")
            assert told["answer"] == "inquiry/summary"
            assert "noch nicht beim Büro" in told["text"]
            assert told["buttons"][0]["title"] == "Noch einmal versuchen"
        assert rasa.filed() == 0
        assert _answers(rasa.press(sender, told["buttons"][0]["payload"])) == ["inquiry/filed"]
        assert rasa.filed() == 1


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Nobody else can write to the database meanwhile."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
