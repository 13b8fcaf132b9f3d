"""The examples of docs/integrating.md do what the page says, against the real gateway."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from smartcity.gateway.api.callbacks import ANSWER_SECONDS, ATTEMPTS, FIRST_PAUSE, LONGEST_PAUSE, MOST_OF_KEY
from smartcity.gateway.api.content import FRESH_SECONDS, KINDS
from smartcity.gateway.api.conversations import LONGEST_USER
from smartcity.gateway.api.keys import PER_MINUTE, SCOPES
from smartcity.gateway.api.records import MOST_KEPT, MOST_OF_CONVERSATION
from smartcity.gateway.exchanges import KEPT_SECONDS

from ..standin import GREETING, StandIn
from .receiver import PAGE

TEXT = PAGE.read_text("utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def _filled(text: str, api: httpx.Client) -> str:
    """The text with the address and the key of the test's gateway."""
    key = api.headers["authorization"].removeprefix("Bearer ")
    return text.replace("http://127.0.0.1:8080", str(api.base_url).rstrip("/")).replace("Bearer KEY", f"Bearer {key}")


def test_the_example_in_python_holds_a_conversation(api: httpx.Client, rasa: StandIn, tmp_path: Path) -> None:
    [example] = [block for block in _blocks("python") if "requests" in block]
    program = tmp_path / "example.py"
    program.write_text(_filled(example, api), "utf-8")
    command = [sys.executable, "-X", "utf8", "-W", "error", str(program)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(str(GREETING["text"])) == 2 and "Quelle: Smart City Themen 2025-12" in done.stdout
    greeting, question = rasa.received
    assert question["text"] == "Gibt es den KRuiser noch?"
    assert rasa.forgotten == [greeting["sender"]]


def test_the_example_in_python_waits_where_it_is_told_to(api: httpx.Client, rasa: StandIn, tmp_path: Path) -> None:
    [example] = [block for block in _blocks("python") if "requests" in block]
    program = tmp_path / "example.py"
    program.write_text(_filled(example, api), "utf-8")
    rasa.status = 500
    running = subprocess.Popen([sys.executable, "-X", "utf8", str(program)], stdout=subprocess.PIPE)
    try:
        while not rasa.received:
            assert running.poll() is None
        rasa.status = 200
        assert running.wait(60) == 0
    finally:
        running.kill()
        running.communicate()
    assert [sent.get("text") for sent in rasa.received] == [None, None, "Gibt es den KRuiser noch?"]


def test_the_key_of_the_example_may_do_all_that_the_examples_do() -> None:
    [block] = [block for block in _blocks("sh") if "api-keys create" in block]
    command = shlex.split(block.splitlines()[0])
    begin, end = command.index("--scopes") + 1, command.index("--callback")
    assert set(command[begin:end]) == set(SCOPES)


def test_the_examples_with_curl_answer(api: httpx.Client, rasa: StandIn) -> None:
    [block] = [block for block in _blocks("sh") if "curl" in block]
    answers: list[Any] = []
    for line in block.splitlines():
        said = _filled(line, api).replace("/ID", f"/{answers[0]['id']}" if answers else "/ID")
        done = subprocess.run(
            [*shlex.split(said), "--noproxy", "*", "--fail-with-body"], capture_output=True, encoding="utf-8"
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        answers.append(json.loads(done.stdout) if done.stdout else None)
    begun, said_back, fetched, rated, deleted, one = answers
    assert begun["messages"] and said_back["messages"] and fetched["exchanges"][1]["key"] == "7f3a-1"
    assert rated is deleted is None and len(rasa.rated) == len(rasa.forgotten) == 1
    assert (one["id"], one["language"]) == ("kruiser", "en")


def test_the_json_that_is_shown_has_the_fields_that_come(api: httpx.Client) -> None:
    fetched, callback = (json.loads(block) for block in _blocks("json"))
    assert set(fetched["exchanges"][0]) == {"exchange", "key", "state", "messages", "error"}
    assert set(callback) == {"conversation", "exchange", "key", "messages", "error"}


def test_the_figures_are_those_of_the_code() -> None:
    assert re.findall(r"^\| `(\w+)` \|", TEXT.split("## With curl")[0], re.MULTILINE) == list(SCOPES)
    assert f"at most {LONGEST_USER} characters" in TEXT
    assert KEPT_SECONDS == 600 and "ten minutes, the last" in TEXT
    assert f"the last {MOST_OF_CONVERSATION} exchanges" in TEXT and f"{MOST_KEPT:,} of all" in TEXT
    assert f"within {ANSWER_SECONDS:g} seconds" in TEXT
    assert ATTEMPTS == 8 and "eight times in all" in TEXT
    pauses = [FIRST_PAUSE * 2**number for number in range(ATTEMPTS - 1)]
    assert f"after {pauses[0]:g}, {pauses[1]:g}, {pauses[2]:g} ... {pauses[-1]:g} seconds" in TEXT
    assert LONGEST_PAUSE == 600 and "up to ten minutes" in TEXT
    assert f"At most {MOST_OF_KEY} callbacks" in TEXT
    assert FRESH_SECONDS == 5 and "at most five seconds old" in TEXT
    assert f"{PER_MINUTE} by default" in TEXT
    assert ", ".join(f"`{kind}`" for kind in KINDS[:2]) in TEXT and f"`{KINDS[2]}`" in TEXT
