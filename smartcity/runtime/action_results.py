"""A validator of action results that is built once.

Where: rasa.core.actions.action.RemoteAction._validate_action_result calls jsonschema.validate,
which checks the schema itself, builds a validator, and tries each of some twenty event shapes on
each event, at every custom action. What: one validator for each event name, built once, and slots,
which are nearly all events, are looked at by hand; whatever does not fit goes through Rasa's own
schema, so that its errors stay the same. Effect: benchmarks/runtime.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict


@lru_cache(maxsize=1)
def _validators() -> Dict[str, Any]:
    """Validator by event name, and Rasa's whole one under ''."""
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    found = {"": kind(schema)}
    event = schema["properties"]["events"]["items"]
    common = {key: value for key, value in event.items() if key != "oneOf"}
    for shape in event["oneOf"]:
        name = shape["properties"]["event"].get("const")
        if name:
            found[name] = kind({"allOf": [common, shape]})
    return found


def _fits(result: Any) -> bool:
    if not isinstance(result, dict):
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    if not isinstance(events, list) or not isinstance(responses, list):
        return False
    validators = _validators()
    for event in events:
        if _is_plain_slot(event):
            continue
        validator = validators.get(event.get("event") or "?") if isinstance(event, dict) else None
        if validator is None or not validator.is_valid(event):
            return False
    return all(isinstance(response, dict) for response in responses)


def _is_plain_slot(event: Any) -> bool:
    """Whether this is what our actions give most: a slot, without anything that the schema would have to look at."""
    return (
        type(event) is dict
        and event.get("event") == "slot"
        and "value" in event
        and type(event.get("name")) is str
        and event.get("timestamp") is None
        and event.get("metadata") is None
    )


def validate(result: Dict[str, Any]) -> bool:
    """True when the result has the shape that Rasa expects; else raises jsonschema.ValidationError."""
    if _fits(result):
        return True
    from jsonschema.exceptions import best_match

    error = best_match(_validators()[""].iter_errors(result))
    if error is not None:
        error.message += ". The action server's answer does not have the shape that Rasa expects."
        raise error
    return True


def compile_validation() -> None:
    """Let RemoteAction use the validators that are built once."""
    from rasa.core.actions.action import RemoteAction

    setattr(RemoteAction, "_validate_action_result", staticmethod(validate))
