"""Keyed digests: what the platforms' ids become here, so that none of them is kept, logged or told to Rasa."""

from __future__ import annotations

import base64
import hashlib
import hmac

from smartcity.gateway.channels.records import Person, Waiting


class Pseudonyms:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def of_message(self, channel: str, id: str) -> str:
        return self._digest(channel, "id", id)

    def of_person(self, channel: str, person: str) -> str:
        return self._digest(channel, "person", person)

    def sender(self, person: Person) -> str:
        """The name of the conversation for Rasa: another one after each stop."""
        return self._digest("sender", person.person, str(person.number)) if person.number else person.person

    def name(self, channel: str, person: Person) -> str:
        """The conversation as Rasa, the logs and the dead letters know it."""
        return f"{channel}:{self.sender(person)}"

    def turn(self, waiting: Waiting) -> str:
        """By what Rasa knows a message again that it was asked before."""
        return self._digest("turn", waiting.person, str(waiting.id), repr(waiting.at))

    def reference(self, sender: str, payload: str) -> str:
        """The short name of a choice: the same for the same choice, not to be guessed."""
        digest = hmac.new(self._key, f"choice\0{sender}\0{payload}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:12]).decode()

    def _digest(self, *parts: str) -> str:
        return hmac.new(self._key, "\0".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
