"""Recorded conversations: those of tests/conversations, with the answers that a quiet assistant gave to each turn."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Sequence, Tuple

import httpx

from benchmarks.places import ROOT
from tests.conversations.runner import load_conversations
from tests.system import ApiClient

PATIENCE = 3
FOLDER = ROOT / "tests" / "conversations"
Turn = Dict[str, str]
"""{"text": ...} or {"press": title of a button}."""


@dataclass
class Recorded:
    """A conversation and the ids of what is answered to each of its turns."""

    name: str
    language: str
    turns: List[Turn]
    answers: List[List[Optional[str]]] = field(default_factory=list)

    def plan(self) -> Dict[str, Any]:
        return {"name": self.name, "language": self.language, "turns": self.turns}


def written() -> List[Recorded]:
    """The conversations of the tests, without answers."""
    return [
        Recorded(
            f"{one['file']}: {one['name']}",
            one.get("language", "de"),
            [{"text": turn["say"]} if "say" in turn else {"press": turn["press"]} for turn in one["turns"]],
        )
        for one in load_conversations(FOLDER)
    ]


def record(address: str, conversations: Optional[Sequence[Recorded]] = None) -> Tuple[List[Recorded], List[str]]:
    """Hold each twice, one after another; those that went the same both times, and the names of the others."""
    fit, unfit = [], []
    client = ApiClient(address)
    try:
        for one in conversations or written():
            first, second = _patiently(client, one), _patiently(client, one)
            if first is not None and first == second:
                one.answers = first
                fit.append(one)
            else:
                unfit.append(one.name)
    finally:
        client.close()
    return fit, unfit


def _patiently(client: ApiClient, one: Recorded) -> Optional[List[List[Optional[str]]]]:
    """Held again when something was refused: a machine with much else to do refuses where time is short."""
    for _ in range(PATIENCE):
        try:
            return _hold(client, one)
        except httpx.HTTPError:
            time.sleep(2)
    return _hold(client, one)


def _hold(client: ApiClient, one: Recorded) -> Optional[List[List[Optional[str]]]]:
    client.open(one.language)
    messages: List[Dict[str, Any]] = []
    answers: List[List[Optional[str]]] = []
    for turn in one.turns:
        if "press" in turn:
            payloads = [b["payload"] for m in messages for b in m["buttons"] if b["title"] == turn["press"]]
            if not payloads:
                return None
            messages = client.press(payloads[0])
        else:
            messages = client.say(turn["text"])
        answers.append([message["answer"] for message in messages])
    return answers


__all__ = ["Recorded", "Turn", "record", "written"]
