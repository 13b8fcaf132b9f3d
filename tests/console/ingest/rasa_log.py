"""Rasa's table of events, filled as Rasa fills it: the rows of a turn with one insert, in the shapes of Rasa 3.6.21."""

from __future__ import annotations

import json
import secrets
import time
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from smartcity.database import write
from smartcity.runtime import stand_ins

stand_ins.install()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from rasa.core.tracker_store import SQLTrackerStore

ASSISTANT = "smart-city-krefeld"
TABLE = SQLTrackerStore.SQLEvent.__table__
METADATA = {"model_id": "0" * 32, "assistant_id": ASSISTANT}

Rows = list[dict[str, Any]]


class RasaLog:
    def __init__(self, engine: Any) -> None:
        self.engine = engine
        SQLTrackerStore.Base.metadata.create_all(engine)
        self._now = time.time() - 1000

    def turn(self, sender: str, text: str, *answers: str | Mapping[str, Any], **more: Any) -> tuple[str, list[str]]:
        """One turn; the message's id and the answers' ids."""
        rows, source, ids = turn_rows(sender, text, *answers, at=self.tick(), **more)
        self.insert(rows)
        return source, ids

    def rate(self, sender: str, value: Any) -> None:
        """Feedback, and the empty slot after it."""
        at = self.tick()
        self.insert([slot(sender, "feedback", value, at), slot(sender, "feedback", None, at)])

    def insert(self, rows: Rows) -> None:
        with write(self.engine) as connection:
            connection.execute(TABLE.insert(), rows)

    def delete(self, sender: str) -> None:
        with write(self.engine) as connection:
            connection.execute(TABLE.delete().where(TABLE.c.sender_id == sender))

    def ids(self) -> list[int]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(TABLE.c.id).order_by(TABLE.c.id)).scalars())

    def tick(self) -> float:
        self._now += 1
        return self._now


def turn_rows(
    sender: str,
    text: str,
    *answers: str | Mapping[str, Any],
    at: float | None = None,
    intent: str = "ask_cost",
    entities: Iterable[Mapping[str, Any]] = (),
    language: str = "de",
    channel: str = "web",
    first: bool = False,
    doubt: str | None = None,
    source: str | None = None,
) -> tuple[Rows, str, list[str]]:
    """The rows of a turn, the message's id and the answers' ids; an answer is its id or a whole `custom`."""
    at = time.time() if at is None else at
    source = source or secrets.token_hex(16)
    rows: Rows = []
    if first:
        rows += [
            slot(sender, "session_started_metadata", {"language": language}, at),
            row(sender, "action", at, {"name": "action_session_start", "policy": None, "confidence": 1.0}),
            row(sender, "session_started", at, {}),
            row(sender, "action", at, {"name": "action_listen", "policy": None, "confidence": None}),
        ]
    ranking = [{"name": intent, "confidence": 0.9}, {"name": "ask_goals", "confidence": 0.05}]
    parsed = {
        "intent": ranking[0], "entities": [{"extractor": "MentionExtractor", **one} for one in entities], "text": text,
        "message_id": source, "metadata": {"language": language}, "parts": [], "language": language,
        "intent_ranking": ranking, "familiarity": 1.0, **({"doubt": doubt} if doubt else {}),
    }  # fmt: skip
    said = {"text": text, "parse_data": parsed, "input_channel": channel, "message_id": source}
    rows.append(row(sender, "user", at, {**said, "metadata": {**METADATA, "language": language}}))
    rows.append(row(sender, "user_featurization", at + 0.01, {"use_text_for_featurization": False}))
    action = {"name": "action_answer_initiative", "policy": "RulePolicy", "confidence": 1.0}
    rows.append(row(sender, "action", at + 0.02, action))
    ids = []
    for number, answer in enumerate(answers or ("initiative/kruiser/cost",)):
        given: Mapping[str, Any] = {"answer": answer} if isinstance(answer, str) else answer
        custom = {
            "language": language, "links": [], "source": None, "known": True, "kind": "answer",
            "id": secrets.token_hex(16), **given,
        }  # fmt: skip
        buttons = custom.pop("buttons", None)
        ids.append(custom["id"])
        data = {"elements": None, "quick_replies": None, "buttons": buttons, "attachment": None, "custom": custom}
        text_back = custom.pop("text", f"Antwort {given.get('answer')}")
        rows.append(row(sender, "bot", at + 0.03 + number / 100, {"text": text_back, "data": data}))
    rows.append(slot(sender, "last_answer", {"text": text, "answer": "x"}, at + 0.08))
    rows.append(row(sender, "action", at + 0.09, {"name": "action_listen", "policy": "RulePolicy", "confidence": 1.0}))
    return rows, source, ids


def slot(sender: str, name: str, value: Any, at: float) -> dict[str, Any]:
    return row(sender, "slot", at, {"name": name, "value": value})


def row(sender: str, kind: str, at: float, data: Mapping[str, Any]) -> dict[str, Any]:
    whole = {"event": kind, "timestamp": at, "metadata": METADATA, **data}
    return {
        "sender_id": sender, "type_name": kind, "timestamp": at,
        "intent_name": (data.get("parse_data") or {}).get("intent", {}).get("name"), "action_name": data.get("name"),
        "data": json.dumps(whole),
    }  # fmt: skip
