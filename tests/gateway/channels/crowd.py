"""Many senders on three platforms at once, with gateways that are ended and started again meanwhile."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from smartcity.gateway.channels.records import Letter

from .conftest import until
from .echo import Echo
from .platforms import Platforms
from .posts import meta, sms, telegram, telegram_message, twilio, whatsapp, whatsapp_message

PEOPLE = 100
PROJECT = Path(__file__).parents[3]
SECONDS = 120.0
FIRST = 1000
"""Who the first person is on their platform."""


class Process:
    """A gateway in a process of its own."""

    def __init__(self, environ: Mapping[str, str], port: int) -> None:
        self._environ = {**os.environ, **{f"SMARTCITY_{name}": value for name, value in environ.items()}}
        self._environ["SMARTCITY_PORT"] = str(port)
        self.address = f"http://127.0.0.1:{port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "smartcity.cli", "gateway"]
        self._process = subprocess.Popen(command, cwd=PROJECT, env=self._environ, stdout=subprocess.DEVNULL)

    def end(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        self._process.wait(60)


@dataclass
class Crowd:
    processes: list[Process]
    echo: Echo
    platforms: Platforms
    messages: int = 3
    """That each person sends."""

    def talk(self, disturb: Callable[[], None]) -> None:
        """Let everybody send their messages while the processes are disturbed."""
        disturbing = threading.Thread(target=disturb)
        disturbing.start()
        with ThreadPoolExecutor(30) as pool:
            list(pool.map(self._post, range(PEOPLE)))
        disturbing.join()

    def end_at_random(self, how: signal.Signals, times: int, left_to_others: bool = False) -> None:
        """End a process in the midst of sending and start it again, the last time only if nobody else is there."""
        whole = PEOPLE * (self.messages + 1)
        for number in range(times):
            goal = len(self.platforms.sent) + random.randint(20, max(21, whole // (times + 1)))
            until(lambda goal=goal: len(self.platforms.sent) > min(goal, whole - 60), SECONDS)  # type: ignore[misc]
            time.sleep(random.random() * 0.05)
            process = self.processes[number % len(self.processes)]
            process.end(how)
            if number < times - 1 or not left_to_others:
                process.start()

    def settle(self, letters: Callable[[], list[Letter]]) -> Outcome:
        """Wait until everything is answered or told as uncertain."""
        expected = PEOPLE * self.messages

        def settled() -> bool:
            outcome = Outcome(self, letters())
            return len(outcome.answered | outcome.uncertain) >= expected

        until(settled, SECONDS)
        return Outcome(self, letters())

    def _post(self, number: int) -> None:
        """Send a person's messages as the platform would: again until they were taken, and some twice."""
        clients = [httpx.Client(base_url=one.address, timeout=10, trust_env=False) for one in self.processes]
        try:
            for count in range(self.messages):
                send = _sender(number, f"{number}/{count}")
                while not _taken(send, random.choice(clients)):
                    time.sleep(0.1)
                if number % 7 == 0:
                    _taken(send, random.choice(clients))
        finally:
            for client in clients:
                client.close()


class Outcome:
    """What became of all messages; a message is (person, number)."""

    def __init__(self, crowd: Crowd, letters: list[Letter]) -> None:
        self._messages = crowd.messages
        sent = [(int(one.to) - FIRST, one.text) for one in list(crowd.platforms.sent)]
        self.answers = [(person, _number(text, person)) for person, text in sent if text.startswith("Antwort auf ")]
        self.greeted = Counter(person for person, text in sent if not text.startswith("Antwort auf "))
        self.answered = set(self.answers)
        self.asked = Counter((said["sender"], said["text"]) for said in crowd.echo.received)
        self.letters = letters
        contents = [json.dumps(json.loads(letter.content or "{}"), ensure_ascii=False) for letter in letters]
        self.uncertain = {
            (int(found[0]), int(found[1]))
            for content in contents if "Antwort auf " in content
            for found in [content.partition("Antwort auf ")[2].partition('"')[0].split("/")]
        }  # fmt: skip

    def check(self, killed: int) -> None:
        """Everybody has got their own answers in order, none twice, and none is lost that nobody tells of."""
        assert Counter(self.answers).most_common(1)[0][1] == 1, "none twice"
        for person in range(PEOPLE):
            mine = [number for one, number in self.answers if one == person]
            assert mine == sorted(mine), "in order"
        everything = {(person, number) for person in range(PEOPLE) for number in range(self._messages)}
        assert everything - self.answered <= self.uncertain, "none lost but what is told of"
        reasons = Counter(letter.reason for letter in self.letters)
        assert {reason.partition(":")[0] for reason in reasons} <= {"uncertain"}, reasons
        # Being sent just when a process was killed: at most the lanes of three platforms.
        assert len(self.letters) <= killed * 3 * 16
        assert set(self.asked.values()) == {1}, "Rasa hears every message once"
        assert set(self.greeted.values()) == {1}, "the first contact once"


def _number(text: str, person: int) -> int:
    whose, number = text.removeprefix("Antwort auf ").split("/")
    assert int(whose) == person, "each gets its own"
    return int(number)


def _sender(number: int, text: str) -> Callable[[httpx.Client], httpx.Response]:
    """A call that sends the same message each time."""
    if number % 3 == 0:
        update = telegram_message(text, person=FIRST + number)
        return lambda client: telegram(client, update)
    if number % 3 == 1:
        body = whatsapp(whatsapp_message(text, person=str(FIRST + number)))
        return lambda client: meta(client, "whatsapp", body)
    fields = sms(text, From=str(FIRST + number))
    return lambda client: twilio(client, fields)


def _taken(send: Callable[[httpx.Client], httpx.Response], client: httpx.Client) -> bool:
    try:
        return send(client).status_code == 200
    except httpx.HTTPError:
        return False
