"""The assistant in this process, without servers: for the terminal and for tests."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Dict, List

from smartcity.runtime.command import prepare
from smartcity.settings import Settings


class LocalAssistant:
    """Rasa with the trained model, conversations in memory."""

    def __init__(self, settings: Settings, model: Path) -> None:
        # Rasa can be imported only when the stand-ins are in place.
        prepare(settings)
        from rasa.core.agent import Agent
        from rasa.core.tracker_store import InMemoryTrackerStore
        from rasa.core.utils import AvailableEndpoints
        from rasa.utils.log_utils import configure_structlog

        from smartcity.runtime import channel

        self._channel = channel
        configure_structlog(logging.WARNING)
        endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
        self._loop = asyncio.new_event_loop()
        self._agent = Agent.load(str(model), action_endpoint=endpoints.action)
        self._agent.tracker_store = InMemoryTrackerStore(self._agent.domain)
        self._agent.processor.tracker_store = self._agent.tracker_store

    def say(self, text: str, sender: str = "terminal", language: str = "de") -> List[Dict[str, Any]]:
        """The messages that answer `text`, as the internal channel gives them."""
        return self._send(self._channel.as_text(text), sender, language)

    def press(self, payload: str, sender: str = "terminal", language: str = "de") -> List[Dict[str, Any]]:
        """The messages that answer the press of a button."""
        return self._send(payload, sender, language)

    def parse(self, text: str) -> Dict[str, Any]:
        """Rasa's parse result of a text: intent, ranking, entities, language."""
        result: Dict[str, Any] = self._loop.run_until_complete(self._agent.parse_message(self._channel.as_text(text)))
        return result

    def _send(self, said: str, sender: str, language: str) -> List[Dict[str, Any]]:
        from rasa.core.channels.channel import UserMessage

        messages: List[Dict[str, Any]] = []
        output = self._channel.Messages(messages.append)
        message = UserMessage(said, output, sender, input_channel="internal", metadata={"language": language})
        self._loop.run_until_complete(self._agent.handle_message(message))
        return messages
