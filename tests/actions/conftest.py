"""Turns built by hand: slots, intent, names, text and day; the knowledge is the real content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.rasa_actions import ACTIONS
from smartcity.knowledge.source import FolderSource, KnowledgeStore

SLOTS = ("language", "chosen_language", "topic", "aspect", "offered", "yes", "listed", "last_answer", "lost")
NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.timezone.utc)
"""A moment at which no notice of content holds."""


class Said:
    """One action run for one message: the messages it sent and the slots it set."""

    def __init__(self, messages: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
        self.messages = messages
        self.slots = {event["name"]: event["value"] for event in events}
        assert all(event["event"] == "slot" for event in events)

    @property
    def text(self) -> str:
        text: str = self.messages[0]["text"]
        return text

    @property
    def answer(self) -> str:
        answer: str = self.messages[0]["custom"]["answer"]
        return answer

    @property
    def beside(self) -> list[str]:
        """Answer ids of the messages after the first."""
        return [message["custom"]["answer"] for message in self.messages[1:]]

    @property
    def buttons(self) -> list[str]:
        return [button["payload"] for button in self.messages[0]["buttons"]]


Say = Callable[..., Said]


@pytest.fixture(scope="session")
def store() -> KnowledgeStore:
    return KnowledgeStore(FolderSource(Path("content")))


@pytest.fixture
def say(store: KnowledgeStore) -> Say:
    return sayer(store)


def sayer(store: KnowledgeStore) -> Say:
    """Whoever says something to an assistant that knows this content."""

    def run(
        action: str,
        intent: str,
        *names: tuple[str, str],
        text: str = "eine Frage",
        language: str | None = None,
        detected: str | None = None,
        ranking: tuple[tuple[str, float], ...] = (),
        doubt: str | None = None,
        beside: str | None = None,
        points_back: bool = False,
        parts: tuple[dict[str, Any], ...] = (),
        topics: tuple[dict[str, Any], ...] = (),
        fields: tuple[dict[str, Any], ...] = (),
        elsewhere: float = 0.0,
        generic: bool = False,
        slots: dict[str, Any] | None = None,
        before: tuple[str, ...] = (),
        now: dt.datetime = NOW,
    ) -> Said:
        entities = [
            {"entity": kind, "value": value, "start": 0, "end": 3, "generic": generic, "extractor": "MentionExtractor"}
            for kind, value in names
        ]
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": 0.9},
            "entities": entities,
            "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in ranking],
            "language": detected,
            "doubt": doubt,
            "beside": beside,
            "points_back": points_back,
            "fields": list(fields),
            "parts": list(parts),
            "topics": list(topics),
            "elsewhere": elsewhere,
            "metadata": {"language": language} if language else {},
        }
        tracker = Tracker.from_dict(
            {
                "sender_id": "test",
                "slots": {**dict.fromkeys(SLOTS), **(slots or {})},
                "latest_message": message,
                "events": [{"event": "slot", "name": "topic", "value": topic} for topic in before],
                "paused": False,
                "followup_action": None,
                "active_loop": {},
                "latest_action_name": None,
            }
        )
        dispatcher = CollectingDispatcher()
        events = ACTIONS[action](store, lambda: now).run(dispatcher, tracker, {})
        return Said(dispatcher.messages, events)

    return run
