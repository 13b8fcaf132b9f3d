"""Whether every accepted message was answered, none twice, and none is missing from Rasa's log or the console."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Sequence

import sqlalchemy as sa

from benchmarks.faults.citizen import Talk
from benchmarks.load.checking import Logged, read_log
from benchmarks.load.recording import Recorded
from smartcity.gateway.sessions import sender_of_token
from smartcity.privacy.pseudonyms import Pseudonyms
from smartcity.settings import read_settings

READER_SECONDS = 90.0
OPENING = "/greet"


@dataclass
class Judgement:
    """Counts of messages, and what is wrong in words."""

    sent: int = 0
    answered: int = 0
    refused: int = 0
    again: int = 0
    """Messages that were answered only when they were sent again."""
    twice: List[str] = field(default_factory=list)
    missing: List[str] = field(default_factory=list)
    wrong: List[str] = field(default_factory=list)


def judge(talks: Sequence[Talk], scripts: Sequence[Recorded], secret: str, tracker: str) -> Judgement:
    """Hold what citizens saw against the recording and against Rasa's log."""
    found = Judgement()
    settings = read_settings({"SMARTCITY_SECRET": secret})
    senders = [str(sender_of_token(settings, talk.token)) for talk in talks]
    log = read_log(tracker, senders)
    for talk, sender in zip(talks, senders, strict=True):
        _judge_one(talk, scripts[talk.script], log[sender], found)
    return found


def _judge_one(talk: Talk, script: Recorded, log: Sequence[Logged], found: Judgement) -> None:
    times = Counter(entry.said for entry in log if entry.said != OPENING)
    undisturbed = True
    for place, said in enumerate(talk.said):
        found.sent += 1
        count = times[said.text]
        if count > 1:
            found.twice.append(f"{said.text!r} stands {count} times in the log, sent {said.tries} times")
        if said.answers is None:
            found.refused += 1
            undisturbed = False
            continue
        found.answered += 1
        found.again += said.tries > 1
        ids = [identifier for _, identifier in said.answers]
        if not any(entry.answers == ids for entry in log if entry.said == said.text):
            found.missing.append(f"{said.text!r}: what was answered is not in the log ({count} times said there)")
        expected = script.answers[place]
        undisturbed = undisturbed and count == 1
        if undisturbed and [answer for answer, _ in said.answers] != [str(one) for one in expected]:
            found.wrong.append(f"{said.text!r}: answered {said.answers}, recorded {expected}")


def console_lacks(
    talks: Sequence[Talk], secret: str, tracker: str, console: str, seconds: float = READER_SECONDS
) -> Optional[str]:
    """What the console's tables lack of Rasa's log once the reader has had time; None when nothing."""
    settings = read_settings({"SMARTCITY_SECRET": secret})
    senders = [str(sender_of_token(settings, talk.token)) for talk in talks]
    wanted = {sender: sum(e.said != OPENING for e in log) for sender, log in read_log(tracker, senders).items()}
    pseudonyms = Pseudonyms(settings)
    end = time.monotonic() + seconds
    while True:
        held = _turns(console)
        lacking = {s: n for s, n in wanted.items() if n and held.get(pseudonyms.of(s), 0) < n}
        if not lacking:
            return None
        if time.monotonic() > end:
            return f"{len(lacking)} of {len(wanted)} conversations incomplete after {seconds:g} s"
        time.sleep(1)


def _turns(console: str) -> Dict[str, int]:
    query = "SELECT c.pseudonym, count(*) FROM conversations c JOIN turns t ON t.conversation_id = c.id GROUP BY 1"
    engine = sa.create_engine(console)
    try:
        with engine.connect() as connection:
            return {str(name): int(count) for name, count in connection.execute(sa.text(query))}
    finally:
        engine.dispose()
