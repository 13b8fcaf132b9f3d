"""Held-out dialogues, said turn by turn to the running system.

tests/understanding/dialogues.yml is a list of

    - name: Price, then place
      language: de                          # de (default), de-simple, en
      turns:
        - say: was kostet das swcar
          answer: initiative/swcar/cost     # or a list of ids of which one must come
        - say: und wo ist es und wer macht das
          all: [initiative/swcar/place, initiative/swcar/operator]   # every one, in this order
        - say: die zweite                   # without a label the turn is said, but not judged
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, List, Mapping, Optional, Sequence, Tuple

import httpx
import yaml

from benchmarks.understanding.scoring import BETWEEN, GREETING, OUT_OF_SCOPE, Item, is_right

NO_ANSWER = "error"
"""In place of an answer's id where the gateway refused or answered without one."""


@dataclass(frozen=True)
class Dialogue:
    name: str
    language: str
    turns: Tuple[Item, ...]


@dataclass(frozen=True)
class Held:
    """A dialogue and the answer ids that each turn got."""

    dialogue: Dialogue
    answers: Tuple[str, ...]

    @property
    def right(self) -> Tuple[Optional[bool], ...]:
        """Whether each turn was answered rightly; None for a turn without a label."""
        before = (GREETING, *self.answers)
        return tuple(
            is_right(turn, answer, earlier) if turn.labels else None
            for turn, answer, earlier in zip(self.dialogue.turns, self.answers, before)
        )

    @property
    def whole(self) -> bool:
        """Whether no turn was answered wrongly."""
        return False not in self.right


def read_dialogues(path: Path) -> List[Dialogue]:
    """The dialogues of a file; none where there is no such file. Raises ValueError for a turn of another form."""
    if not path.exists():
        return []
    return [
        Dialogue(str(entry["name"]), entry.get("language", "de"), tuple(_turn(entry, turn) for turn in entry["turns"]))
        for entry in yaml.safe_load(path.read_text("utf-8"))
    ]


def _turn(entry: Mapping[str, Any], turn: Mapping[str, Any]) -> Item:
    if "say" not in turn or ("answer" in turn and "all" in turn):
        raise ValueError(f"'{entry['name']}': a turn needs 'say' and at most one of 'answer' and 'all', not {turn}")
    wanted = turn.get("all") or turn.get("answer") or ()
    labels = (wanted,) if isinstance(wanted, str) else tuple(wanted)
    return Item(str(turn["say"]), OUT_OF_SCOPE if labels == ("decline",) else "", labels, "dialogue", "all" in turn)


def answer_ids(messages: Sequence[Mapping[str, Any]]) -> str:
    """The ids of the answers to one message, in their order; notices of offices are no answers."""
    ids = [str(message["answer"]) for message in messages if message.get("answer")]
    return BETWEEN.join(found for found in ids if not found.startswith("notice/")) or NO_ANSWER


def hold_all(dialogues: Sequence[Dialogue], address: str) -> Tuple[Held, ...]:
    """Hold each dialogue in a session of its own with the gateway at `address`."""
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        return tuple(_hold(client, dialogue) for dialogue in dialogues)


def _hold(client: httpx.Client, dialogue: Dialogue) -> Held:
    begun = client.post("/chat/sessions", json={"language": dialogue.language})
    begun.raise_for_status()
    token = {"Authorization": f"Bearer {begun.json()['session']}"}
    answers = []
    for turn in dialogue.turns:
        said = client.post("/chat/messages", json={"text": turn.text}, headers=token)
        answers.append(
            answer_ids(said.json()["messages"]) if said.status_code == 200 else f"{NO_ANSWER}/{said.status_code}"
        )
    return Held(dialogue, tuple(answers))
