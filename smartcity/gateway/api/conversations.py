"""Ids of conversations: made here, good for the key that began them only, kept nowhere.

An id holds the conversation's random number, the pseudonym of the person if one was named, the language and a
signature that the key's prefix is part of. So an id of another key does not hold, nor does one that was guessed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass

from smartcity.gateway.api.keys import ApiKey
from smartcity.gateway.errors import GatewayError
from smartcity.gateway.texts import LANGUAGES
from smartcity.settings import Settings

NUMBER, USER, SIGNATURE = 16, 8, 16
"""Bytes of each part; one more between the last two is the language."""
NOBODY = bytes(USER)
LONGEST_USER = 200


@dataclass(frozen=True)
class Conversation:
    """`session` is what Rasa knows it by; `person` is what messages are counted by. Both are pseudonyms."""

    id: str
    session: str
    person: str
    language: str


class Conversations:
    def __init__(self, settings: Settings) -> None:
        self._signing = settings.secret_for("api conversations").encode()
        self._naming = settings.secret_for("api users").encode()

    def begin(self, key: ApiKey, user: str | None, language: str) -> Conversation:
        """A new conversation. Raises GatewayError for a reference to the person that is empty or too long."""
        if user is not None and not 1 <= len(user) <= LONGEST_USER:
            raise GatewayError("bad_user", limit=LONGEST_USER)
        number = secrets.token_bytes(NUMBER)
        content = number + self._pseudonym(key, user) + bytes([LANGUAGES.index(language)])
        return _read(content, _written(content + self._signature(key, content)))

    def open(self, key: ApiKey, text: str) -> Conversation:
        """The conversation with this id, if the key began it. Raises GatewayError."""
        try:
            whole = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except ValueError:
            whole = b""
        content, signature = whole[:-SIGNATURE], whole[-SIGNATURE:]
        if _written(whole) != text or not hmac.compare_digest(signature, self._signature(key, content)):
            raise GatewayError("unknown_conversation")
        return _read(content, text)

    def _pseudonym(self, key: ApiKey, user: str | None) -> bytes:
        """Each key has pseudonyms of its own: nobody can tell that two integrators speak of the same person."""
        if user is None:
            return NOBODY
        reference = f"{key.prefix} {user}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._naming, reference, hashlib.sha256)[:USER]

    def _signature(self, key: ApiKey, content: bytes) -> bytes:
        return hmac.digest(self._signing, key.prefix.encode() + content, hashlib.sha256)[:SIGNATURE]


class Deleted:
    """Conversations that were deleted, bounded and in memory; Rasa remembers them too."""

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._sessions: OrderedDict[str, None] = OrderedDict()

    def add(self, conversation: Conversation) -> None:
        self._sessions[conversation.session] = None
        self._sessions.move_to_end(conversation.session)
        if len(self._sessions) > self._most:
            self._sessions.popitem(last=False)

    def check(self, conversation: Conversation) -> None:
        """Raises GatewayError for a conversation that was deleted."""
        if conversation.session in self._sessions:
            raise GatewayError("unknown_conversation")


def _read(content: bytes, text: str) -> Conversation:
    number, user, language = content[:NUMBER], content[NUMBER:-1], content[-1]
    session = number.hex()
    return Conversation(text, session, session if user == NOBODY else f"user {user.hex()}", LANGUAGES[language])


def _written(whole: bytes) -> str:
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()
