"""Holds the project's dialogues in this process and prints what was answered, as JSON.

Arguments: the dialogues' folder, and the URL of a database for conversations that are cut after few turns and read
anew at every turn; without it, whole trackers are held in memory, as Rasa does.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Dict, List

from smartcity.runtime.local_assistant import LocalAssistant
from smartcity.runtime.model import model_path
from smartcity.settings import read_settings

from ..conversations.runner import REFERENCE, load_conversations, run_conversation

KEPT_TURNS, MOST_TURNS = 2, 3
"""Far fewer than in earnest: the project's dialogues are short."""


class ReadAnew:
    """A tracker store that remembers nothing between two turns: as after a restart, or in another process."""

    def __init__(self, domain: Any, url: str) -> None:
        from rasa.core.tracker_store import SQLTrackerStore

        self.store = SQLTrackerStore(domain, host=url)
        self.longest = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def get_or_create_tracker(self, sender_id: str, *_arguments: Any, **_options: Any) -> Any:
        self.store.__dict__.pop("_kept_trackers", None)
        tracker = await self.store.retrieve(sender_id)
        if tracker is None:
            return await self.store.create_tracker(sender_id, append_action_listen=False)
        # A form keeps what was said before it.
        if not tracker.active_loop_name:
            self.longest = max(self.longest, len(tracker.events))
        return tracker


class Client:
    """Says what the runner says, and remembers what came."""

    def __init__(self, assistant: LocalAssistant) -> None:
        self._assistant, self._count = assistant, 0
        self.heard: List[str] = []

    def open(self, language: str) -> None:
        self._count += 1
        self._language, self._sender = language, f"web:{self._count}"
        self.press("/greet")

    def say(self, text: str) -> List[Dict[str, Any]]:
        return self._heard(self._assistant.say(text, self._sender, self._language))

    def press(self, payload: str) -> List[Dict[str, Any]]:
        return self._heard(self._assistant.press(payload, self._sender, self._language))

    def _heard(self, messages: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
        text = json.dumps([{**message, "id": None} for message in messages], ensure_ascii=False, sort_keys=True)
        self.heard.append(REFERENCE.sub("KR-REFERENCE", re.sub(r"KR-[0-9A-Z-]+", "KR-REFERENCE", text)))
        return messages


def main(folder: Path, url: str) -> None:
    assistant = LocalAssistant(read_settings(), model_path())
    told: Dict[str, Any] = {}
    if url:
        from smartcity.runtime import tracker_windows

        tracker_windows.KEPT_TURNS, tracker_windows.MOST_TURNS = KEPT_TURNS, MOST_TURNS
        agent: Any = assistant._agent
        agent.tracker_store = agent.processor.tracker_store = store = ReadAnew(agent.domain, url)
    client = Client(assistant)
    conversations = load_conversations(folder) + load_conversations(folder, with_desk=True)
    for conversation in conversations:
        run_conversation(conversation, client)
        told[f"{conversation['file']}: {conversation['name']}"], client.heard = client.heard, []
    print(json.dumps({"heard": told, "longest": store.longest if url else 0}))


if __name__ == "__main__":
    os.chdir(Path(__file__).parent.parent.parent)
    main(Path(sys.argv[1]), "".join(sys.argv[2:]))
