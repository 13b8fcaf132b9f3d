"""Answers to what somebody said on a messenger: Rasa's, or sentences of our own, and what is remembered of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from smartcity.gateway.channels.channel import Channel
from smartcity.gateway.channels.records import PRIVATE, Part, Person

OF_FORMS = ("inquiry/", "withdrawal/")
"""Beginnings of the ids of answers that may repeat what a citizen told a form."""


@dataclass
class Answer:
    """What a message is answered with: public messages, and what is remembered."""

    person: Person
    messages: list[dict[str, Any]] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    from_rasa: bool = False
    """Whether Rasa said any of it: our own sentences leave numbered choices valid."""

    def parts(self, channel: Channel, name: str, address: Mapping[str, Any], until: float) -> list[Part]:
        """The answer as the channel can show it, for the conversation of this name."""
        return [
            Part(
                0, self.person.person, channel.name, name, dict(address), dict(body),
                (PRIVATE if private else "") + secrets.token_hex(16), 0, until,
            )
            for body, private in self._rendered(channel)
        ]  # fmt: skip

    def _rendered(self, channel: Channel) -> list[tuple[Mapping[str, Any], bool]]:
        """The parts to send, and whether what a form was told may stand in them.

        Numbers of choices go on through all messages of the answer.
        """
        bodies: list[tuple[Mapping[str, Any], bool]] = []
        numbered: list[str] = []
        for message in self.messages:
            # Platforms refuse a message with the same choice twice.
            message["buttons"] = list({button["payload"]: button for button in message["buttons"]}.values())
            rendered = channel.render(message, len(numbered) + 1)
            private = str(message["answer"]).startswith(OF_FORMS)
            bodies += [(body, private) for body in rendered.parts]
            numbered += rendered.numbered
        if numbered or self.from_rasa:
            self.person = replace(self.person, numbered=tuple(numbered))
        return bodies


def plain(text: str, language: str) -> dict[str, Any]:
    """A sentence of our own in the public shape."""
    return {
        "id": None, "kind": "answer", "text": text, "language": language, "buttons": [], "links": [],
        "source": None, "answer": None, "known": True, "expects": None,
    }  # fmt: skip


def own(person: Person, text: str, language: str | None = None) -> Answer:
    """An answer that is one sentence of our own."""
    return Answer(person, [plain(text, language or person.spoken)])
