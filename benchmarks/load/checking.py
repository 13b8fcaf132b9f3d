"""Whether every answer is right: what citizens got, held against the recording and against Rasa's own log."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Sequence

import sqlalchemy as sa

from benchmarks.load.recording import Recorded
from smartcity.gateway.sessions import sender_of_token
from smartcity.privacy.tracker_store import EVENTS
from smartcity.settings import read_settings

_SLASHES = str.maketrans("∕", "/")
SHOWN = 5


@dataclass
class Verdict:
    """What was checked, and every fault in words."""

    conversations: int = 0
    turns: int = 0
    refused: int = 0
    faults: List[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        self.conversations += other.conversations
        self.turns += other.turns
        self.refused += other.refused
        self.faults += other.faults


@dataclass
class Logged:
    """One turn of Rasa's log: what was said, and the ids of the messages that it answered."""

    said: str
    answers: List[str] = field(default_factory=list)


def check(
    held: Sequence[Dict[str, Any]], recorded: Sequence[Recorded], secret: str, trackers: Sequence[str]
) -> Verdict:
    """Hold what the generator got against recording and logs. Turns that were refused may stand in a log once."""
    verdict = Verdict()
    settings = read_settings({"SMARTCITY_SECRET": secret})
    senders = [sender_of_token(settings, one["token"]) if one["token"] else None for one in held]
    log: Dict[str, List[Logged]] = defaultdict(list)
    for tracker in trackers:
        for known, turns in read_log(tracker, [sender for sender in senders if sender]).items():
            log[known] += turns
    for one, sender in zip(held, senders, strict=True):
        verdict.conversations += 1
        verdict.turns += len(one["turns"])
        verdict.refused += sum("answers" not in turn for turn in one["turns"])
        if sender:
            name = f"{recorded[one['number']].name} ({sender})"
            verdict.faults += [f"{name}: {fault}" for fault in _faults(one, recorded[one["number"]], log[sender])]
    return verdict


def _faults(one: Dict[str, Any], recorded: Recorded, log: List[Logged]) -> Iterable[str]:
    answered = [turn for turn in one["turns"] if "answers" in turn]
    for place, turn in enumerate(one["turns"][1:]):
        if "answers" in turn:
            ids = [answer for answer, _ in turn["answers"]]
            if ids != recorded.answers[place]:
                yield f"turn {place + 1} was answered {ids}, recorded {recorded.answers[place]}"
    # A refusal ends a conversation here, so that at most its last turn may stand in the log without an answer.
    if len(log) - len(answered) not in ((0,) if len(answered) == len(one["turns"]) else (0, 1)):
        yield f"{len(answered)} of {len(one['turns'])} turns were answered, the log holds {len(log)}"
        return
    for place, (turn, logged) in enumerate(zip(answered, log, strict=False)):
        if [identifier for _, identifier in turn["answers"]] != logged.answers:
            yield f"turn {place}: the answers are not those of the log"
        if turn["text"] is not None and turn["text"] != logged.said:
            yield f"turn {place}: {turn['text']!r} stands in the log as {logged.said!r}"
    said = [identifier for entry in log for identifier in entry.answers]
    if len(said) != len(set(said)):
        yield "a message stands in the log twice"


def read_log(tracker: str, senders: Sequence[str]) -> Dict[str, List[Logged]]:
    """The turns of these conversations, in the order of Rasa's log."""
    found: Dict[str, List[Logged]] = defaultdict(list)
    engine = sa.create_engine(tracker)
    with engine.connect() as connection:
        for place in range(0, len(senders), 500):
            wanted = EVENTS.c.sender_id.in_(list(senders[place : place + 500]))
            kinds = EVENTS.c.type_name.in_(("user", "bot"))
            columns = (EVENTS.c.sender_id, EVENTS.c.type_name, EVENTS.c.data)
            for sender, kind, data in connection.execute(
                sa.select(*columns).where(wanted, kinds).order_by(EVENTS.c.id)
            ):
                _note(found[sender], kind, json.loads(data))
    engine.dispose()
    return found


def _note(turns: List[Logged], kind: str, data: Dict[str, Any]) -> None:
    if kind == "user":
        turns.append(Logged(str(data.get("text") or "").translate(_SLASHES)))
    elif turns:
        identifier = ((data.get("data") or {}).get("custom") or {}).get("id")
        turns[-1].answers.append(str(identifier))
    else:
        turns.append(Logged("", ["an answer before any message"]))


def shown(faults: Sequence[str]) -> str:
    """The first of them, and how many there are."""
    return "\n".join([*faults[:SHOWN], *([f"... {len(faults)} in all"] if len(faults) > SHOWN else [])])
