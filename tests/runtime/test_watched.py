"""The whole assistant, watched: one id from the request to the action, nothing of anybody in the logs, metrics of every
part, and a Rasa that is frozen and comes back."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

from ..gateway.steps import begin, error_of, say
from ..system import PROJECT, RunningSystem

pytestmark = pytest.mark.system
TOKEN = "t" * 32
PERSON = ("Erika Beispielfrau", "Beispielfrau", "0176 55512345", "55512345", "erika.beispielfrau@example.org")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    backups = tmp_path_factory.mktemp("backups")
    (backups / "smartcity-20260101T023000Z.tar.gz").touch()
    environ = {
        "SMARTCITY_BACKUPS": str(backups),
        "SMARTCITY_CERTIFICATES": "https://127.0.0.1:9",
        "SMARTCITY_LOG_FORMAT": "json",
        "SMARTCITY_METRICS_TOKEN": TOKEN,
        "SMARTCITY_CONSOLE": "on",
        "SMARTCITY_ANSWER_SECONDS": "2",
        "SMARTCITY_TRUSTED_PROXIES": "127.0.0.1",
    }
    running = RunningSystem(tmp_path_factory.mktemp("edge"), environ)
    try:
        running.wait_until_healthy()
        yield running
    finally:
        left = running.stop()
    assert not left


@pytest.fixture
def client(system: RunningSystem) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=system.address, timeout=20, trust_env=False) as client:
        yield client


def _lines(system: RunningSystem) -> list[dict[str, Any]]:
    """The JSON lines of all processes; the manager puts time and name before each."""
    found = (re.search(r"\| (\{.*\})$", line) for line in system.log.read_text("utf-8").splitlines())
    return [json.loads(match[1]) for match in found if match]


def _metrics(address: str) -> str:
    answer = httpx.get(address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10, trust_env=False)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


def _served(system: RunningSystem) -> dict[str, str]:
    return {
        "gateway": _metrics(f"{system.address}/metrics"),
        "rasa": _metrics(f"{system.rasa}/webhooks/internal/metrics"),
        "console": _metrics(f"{system.console}/metrics"),
    }


def _value(text: str, sample: str) -> float:
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_one_id_from_the_request_to_the_rasa_process_and_back(system: RunningSystem, client: httpx.Client) -> None:
    given = "0123456789abcdef0123456789abcdef"
    headers = begin(client)
    answer = say(client, {**headers, "X-Request-Id": given}, text="Was ist der KReathon?")
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] == given, "the trusted proxy's"
    made = say(client, headers, text="Was ist der KReathon?").headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)
    hostile = say(client, {**headers, "X-Request-Id": "Erika Beispiel"}, text="Was ist der KReathon?")
    assert re.fullmatch(r"[0-9a-f]{16}", hostile.headers["x-request-id"])
    assert [line["path"] for line in _lines(system) if line.get("request") == given] == ["/chat/messages"]


def test_no_line_of_any_log_holds_anything_of_a_person(system: RunningSystem, client: httpx.Client) -> None:
    headers = begin(client)
    said = f"Ich bin {PERSON[0]}, {PERSON[2]}, {PERSON[4]}. Bitte rufen Sie an."
    for text in (said, PERSON[0], PERSON[2], PERSON[4], "/greet" + said, "Was kostet der KRuiser?"):
        assert say(client, headers, text=text).status_code == 200
    rating = {"rating": "1", "comment": said}
    assert client.post("/chat/feedback", headers=headers, json=rating).status_code == 204
    client.get(f"/{PERSON[1]}?{PERSON[4]}")
    assert client.delete("/chat/sessions", headers=headers).status_code == 204
    written = system.log.read_text("utf-8")
    assert len(_lines(system)) > 5
    for part in PERSON:
        assert part not in written


def test_metrics_are_for_those_with_the_token(system: RunningSystem) -> None:
    for place in (system.address, f"{system.rasa}/webhooks/internal", system.console):
        for headers in ({}, {"Authorization": "Bearer " + "x" * 32}, {"Authorization": "Bearer"}):
            assert httpx.get(f"{place}/metrics", headers=headers, trust_env=False).status_code == 404


def test_every_part_is_measured(system: RunningSystem, client: httpx.Client) -> None:
    before = _served(system)
    headers = begin(client)
    for text in ("Was ist der KReathon?", "Wie wird das Wetter morgen?", "asdfgh qwertz"):
        assert say(client, headers, text=text).status_code == 200
    error_of(say(client, headers, text=""), 422, "blank")
    after = _served(system)

    def grown(part: str, sample: str) -> float:
        return _value(after[part], sample) - _value(before[part], sample)

    assert grown("gateway", 'smartcity_messages_total{channel="web",language="de"}') == 3
    assert grown("gateway", 'smartcity_conversations_total{channel="web",language="de"}') == 1
    assert grown("gateway", 'smartcity_answers_total{channel="web",outcome="answered"}') >= 1
    assert grown("gateway", 'smartcity_refusals_total{code="blank"}') == 1
    for part in ("gateway", "rasa"):
        assert grown("gateway", f'smartcity_part_seconds_count{{part="{part}"}}') == 4
    for part in ("turn", "lock", "understanding"):
        assert grown("rasa", f'smartcity_part_seconds_count{{part="{part}"}}') == 4
    assert grown("rasa", 'smartcity_part_seconds_count{part="action"}') >= 4
    assert re.search(r'smartcity_model_info\{model="[\w.-]+"\} 1.0', after["rasa"])
    assert re.search(r'smartcity_content_info\{version="\w+"\} 1.0', after["rasa"])
    assert _value(after["gateway"], 'smartcity_up{part="rasa"}') == 1
    assert _value(after["console"], 'smartcity_up{part="tracker_store"}') == 1
    assert _value(after["console"], 'smartcity_up{part="database"}') == 1
    folder = system.settings["SMARTCITY_BACKUPS"]
    assert _value(after["console"], f'smartcity_backup_age_seconds{{folder="{folder}"}}') > 86400
    assert 'smartcity_certificate_seconds_left{at="https://127.0.0.1:9"} 0.0' in after["console"]
    for text in after.values():
        assert "KReathon" not in text and "Wetter" not in text


NAME = re.compile(r"\b(?:smartcity|process)_[a-z_]+\b")


def test_dashboard_and_alerts_name_only_what_is_served(system: RunningSystem) -> None:
    served = "\n".join(_served(system).values())
    names = set(re.findall(r"^([a-z_]+)(?:\{| )", served, re.MULTILINE)) | set(
        re.findall(r"^# TYPE (\S+) ", served, re.MULTILINE)
    )
    names |= {f"{name}_{end}" for name in names for end in ("bucket", "count", "sum", "total")}
    board = json.loads((PROJECT / "deploy/grafana/dashboard.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    rules = yaml.safe_load((PROJECT / "deploy/prometheus/alerts.yml").read_text("utf-8"))
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len(asked) > 10 and len(alerts) > 8
    for alert in alerts:
        assert {"alert", "expr", "labels", "annotations"} <= set(alert)
        asked.append(alert["expr"])
    unknown = {name for expression in asked for name in NAME.findall(expression)} - names
    assert not unknown
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_a_frozen_rasa_is_not_asked_for_long_and_is_asked_again(system: RunningSystem, client: httpx.Client) -> None:
    headers = [begin(client) for _ in range(6)]
    rasa = system.pid("rasa run")
    os.kill(rasa, signal.SIGSTOP)
    try:
        for session in headers[:5]:
            error_of(say(client, session, text="Was ist der KReathon?"), 503, "unavailable")
        assert _value(_metrics(f"{system.address}/metrics"), 'smartcity_breaker_open{to="rasa"}') == 1
        began = time.monotonic()
        error = error_of(say(client, headers[5], text="Und ich?"), 503, "unavailable")
        assert "02151 86-1085" in error["message"]
        quick = time.monotonic() - began
        health = client.get("/health")
        assert (health.status_code, health.json()["parts"]["rasa"]) == (503, "down")
    finally:
        os.kill(rasa, signal.SIGCONT)
    assert quick < 2, "not the time of an answer that does not come"
    end = time.monotonic() + 30
    while (answer := say(client, headers[5], text="Und jetzt?")).status_code != 200 and time.monotonic() < end:
        time.sleep(0.3)
    assert answer.status_code == 200
    assert _value(_metrics(f"{system.address}/metrics"), 'smartcity_breaker_open{to="rasa"}') == 0
