"""Pseudonyms: what the console knows a conversation by, instead of Rasa's sender id."""

from __future__ import annotations

import hashlib
import hmac

from smartcity.settings import Settings


class Pseudonyms:
    """Keyed, so that nobody can tell a sender id from a pseudonym, nor the reverse, without the secret."""

    def __init__(self, settings: Settings) -> None:
        self._key = bytes.fromhex(settings.secret_for("pseudonyms"))

    def of(self, sender: str) -> str:
        """The pseudonym (64 hex digits) of a sender id such as 'web:15e1...'."""
        return hmac.new(self._key, sender.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
