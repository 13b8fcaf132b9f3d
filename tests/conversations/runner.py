"""Dialogues in YAML, held with a real assistant.

A file is a list of conversations:

    - name: Price, then another initiative
      language: de            # de (default), de-simple, en
      turns:
        - say: kruiser preis
          answer: initiative/kruiser/cost      # id, or a list of ids of which one must come
          then: [initiative/kruiser/place]     # ids of the further answers to the same message
          contains: [2025]                     # texts that the answer must hold
          lacks: [Stunde]                      # texts that it must not hold
          language: de                         # language of the answer
          known: false                         # whether content holds the fact
          source: Extra-Tipp                   # part of the source's title; null for none
          button: Mobilität                    # a button that must be offered
        - press: Mobilität                     # press the button with this title, of any answer before
          answer: list/mobility
        - say: Was ist mit {reference}?          # the reference that an answer has named
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Protocol

import yaml

REFERENCE = re.compile(r"KR-[0-9A-Z]{4}-[0-9A-Z]{2}")
NEED_A_DESK = "inquiries*.yml"
"""Dialogues that need an assistant that takes requests."""
CHECKS = frozenset({"say", "press", "answer", "then", "contains", "lacks", "language", "known", "source", "button"})


class Client(Protocol):
    """Whoever carries messages to an assistant and brings the answers."""

    def open(self, language: str) -> None: ...

    def say(self, text: str) -> List[Dict[str, Any]]: ...

    def press(self, payload: str) -> List[Dict[str, Any]]: ...


def load_conversations(folder: Path, with_desk: bool = False) -> List[Dict[str, Any]]:
    """All conversations of the folder's YAML files, each with its `file`; those that need a desk, or the others."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        if path.match(NEED_A_DESK) != with_desk:
            continue
        for conversation in yaml.safe_load(path.read_text("utf-8")):
            for turn in conversation["turns"]:
                unknown = set(turn) - CHECKS
                if unknown or ("say" in turn) == ("press" in turn):
                    raise ValueError(f"{path.name}: '{conversation['name']}' has a turn that cannot be read: {turn}")
            found.append({**conversation, "file": path.name})
    return found


def run_conversation(conversation: Mapping[str, Any], client: Client) -> List[str]:
    """Hold the conversation; every difference to what was expected, in words."""
    differences: List[str] = []
    client.open(conversation.get("language", "de"))
    messages: List[Dict[str, Any]] = []
    reference = ""
    for number, turn in enumerate(conversation["turns"], 1):
        if "press" in turn:
            buttons = [button for message in messages for button in message["buttons"]]
            payloads = [b["payload"] for b in buttons if b["title"] == turn["press"]]
            if not payloads:
                titles = [b["title"] for b in buttons]
                differences.append(f"turn {number}: no button '{turn['press']}' among {titles}")
                break
            messages = client.press(payloads[0])
        else:
            messages = client.say(turn["say"].replace("{reference}", reference))
        if not messages:
            differences.append(f"turn {number}: no answer")
            break
        # Notices of offices may follow the answer.
        last = messages[0]
        named = [found for message in messages for found in REFERENCE.findall(message["text"])]
        reference = named[-1] if named else reference
        if "then" in turn:
            further = [m["answer"] for m in messages[1:] if not str(m["answer"]).startswith("notice/")]
            if further != turn["then"]:
                differences.append(f"turn {number} ({turn.get('say')}): then came {further}, expected {turn['then']}")
        differences += [
            f"turn {number} ({turn.get('say') or turn.get('press')}): {d}" for d in _differences(turn, last)
        ]
    return differences


def _differences(turn: Mapping[str, Any], message: Mapping[str, Any]) -> List[str]:
    found = []
    wanted = turn.get("answer")
    if wanted is not None:
        ids = wanted if isinstance(wanted, list) else [wanted]
        if message["answer"] not in ids:
            found.append(f"answered {message['answer']}, expected {' or '.join(ids)}: {message['text'][:80]!r}")
    for text in turn.get("contains", ()):
        if str(text) not in message["text"]:
            found.append(f"'{text}' is not in {message['text']!r}")
    for text in turn.get("lacks", ()):
        if str(text) in message["text"]:
            found.append(f"'{text}' is in {message['text']!r}")
    for key in ("language", "known"):
        if key in turn and message[key] != turn[key]:
            found.append(f"{key} is {message[key]}, expected {turn[key]}")
    if "source" in turn:
        title = (message["source"] or {}).get("title")
        if (title is None) != (turn["source"] is None) or (title and turn["source"] not in title):
            found.append(f"source is {title}, expected {turn['source']}")
    if "button" in turn and turn["button"] not in [b["title"] for b in message["buttons"]]:
        found.append(f"no button '{turn['button']}' among {[b['title'] for b in message['buttons']]}")
    return found
