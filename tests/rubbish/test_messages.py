"""A sample of the hostile messages of benchmarks/rubbish against the whole assistant: every class, no fault."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ..system import ApiClient

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.rubbish.messages import KINDS, hostile
from benchmarks.rubbish.sending import send

pytestmark = pytest.mark.system
OF_EACH = 10


def test_hostile_messages_are_answered_or_refused_and_leave_nothing_behind(assistant: str, client: ApiClient) -> None:
    outcomes = send(assistant, hostile(OF_EACH * len(KINDS), seed=20), clients=4)
    assert set(outcomes) == set(KINDS)
    assert [fault for outcome in outcomes.values() for fault in outcome.faults] == []
    assert outcomes["1 MB of one letter"].statuses.keys() <= {"413", "ClientOSError", "ServerDisconnectedError"}
    for kind in ("SQL", "templates", "Rasa's payloads", "names without end"):
        assert outcomes[kind].statuses == {"200": OF_EACH}, kind
    for kind in ("broken UTF-8", "pieces", "forged payloads"):
        assert "200" not in outcomes[kind].statuses, kind
    client.open()
    assert client.say("Gibt es den KRuiser noch?")[0]["answer"] == "initiative/kruiser/status"


def test_the_messages_are_the_same_each_time_and_of_every_class() -> None:
    some = list(hostile(2 * len(KINDS), seed=3))
    assert some == list(hostile(2 * len(KINDS), seed=3))
    assert {one.kind for one in some} == set(KINDS)
    assert max(len(one.body) for one in some) > 900_000
