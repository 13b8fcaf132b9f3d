"""Single repairs, measured alone: python -m benchmarks.runtime.repairs prints milliseconds as JSON."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict

TURNS = 50
RESULT: Dict[str, Any] = {
    "events": [
        {"event": "slot", "timestamp": None, "name": name, "value": "initiative/kruiser"}
        for name in (
            "language",
            "chosen_language",
            "topic",
            "aspect",
            "offered",
            "yes",
            "listed",
            "lost",
            "last_answer",
        )
    ],
    "responses": [
        {
            "text": "Das Angebot ist beendet.",
            "buttons": [{"title": "Mobilität", "payload": "/theme_mobility"}],
            "custom": {"answer": "initiative/kruiser/status", "known": True, "links": [], "language": "de"},
            "elements": [],
            "template": None,
            "response": None,
            "image": None,
            "attachment": None,
        }
    ],
}
"""An action server's answer of the size that ours gives."""


def milliseconds(call: Callable[[], object]) -> float:
    """Processor time of one call, the mean of several after a first one."""
    call()
    begun = time.process_time()
    for _ in range(TURNS):
        call()
    return (time.process_time() - begun) * 1000 / TURNS


def measure() -> Dict[str, float]:
    """Processor milliseconds of validating one action's result, by name of the way."""
    from smartcity.runtime import action_results, stand_ins

    stand_ins.install()
    from rasa.core.actions.action import RemoteAction
    from rasa.utils.endpoints import EndpointConfig

    action = RemoteAction("action_answer_initiative", EndpointConfig("http://127.0.0.1/"))
    return {
        "schema built at every action (stock)": milliseconds(lambda: action._validate_action_result(RESULT)),
        "schema built once (repaired)": milliseconds(lambda: action_results.validate(RESULT)),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
