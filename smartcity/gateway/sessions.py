"""Sessions: ids made here, handed out as signed tokens that expire and belong to one origin."""

from __future__ import annotations

import asyncio
import hashlib
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from smartcity.gateway.errors import GatewayError
from smartcity.gateway.shared import Shared
from smartcity.settings import Settings

LONGEST_TOKEN = 1024


@dataclass(frozen=True)
class Session:
    """One conversation: 128 random bits, where it was begun, its first language, its end (Unix seconds)."""

    id: str
    origin: str
    language: str
    expires: float


class Sessions:
    """Makes sessions and reads their tokens; keeps nothing, so any gateway process can read them."""

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.session_hours * 3600
        self.signer = URLSafeSerializer(
            settings.secret_for("sessions"),
            salt="session",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def begin(self, origin: str, language: str) -> tuple[Session, str]:
        """A new session and its token."""
        session = Session(secrets.token_hex(16), origin, language, time.time() + self._seconds)
        token = self.signer.dumps([session.id, session.origin, session.language, session.expires])
        return session, str(token)

    def read(self, authorization: str, origin: str) -> Session:
        """The session of an Authorization header. Raises GatewayError for every token that does not hold."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise GatewayError("no_session")
        try:
            if len(token) > LONGEST_TOKEN:
                raise BadData("too long")
            session = Session(*self.signer.loads(token.strip()))
        except (BadData, TypeError):
            raise GatewayError("bad_session") from None
        if session.expires <= time.time():
            raise GatewayError("session_expired")
        if session.origin != origin:
            raise GatewayError("foreign_session")
        return session


def sender_of_token(settings: Settings, token: str) -> str | None:
    """Rasa's sender id for the token of a chat, also one that has expired; None for what is no such token."""
    try:
        session = Session(*Sessions(settings).signer.loads(token.strip()))
    except (BadData, TypeError):
        return None
    return f"web:{session.id}"


class Languages:
    """The language each conversation has changed to; bounded, and forgotten at a restart, but for what Redis keeps.

    A client that gives 'language' with every message, as our page does, does not depend on it.
    """

    def __init__(self, shared: Shared | None = None, most: int = 50_000) -> None:
        self._shared = shared
        self._most = most
        self._changed: OrderedDict[str, str] = OrderedDict()
        self._telling: set[asyncio.Task[Any]] = set()

    async def of(self, session: Session) -> str:
        if self._shared is not None and self._shared.commands is not None:
            # Another gateway may have changed it since.
            commands, key = self._shared.commands, self._key(session)
            told = await self._shared.ask(lambda _: commands.ask("GET", key))
            if told is not None:
                return str(told)
        return self._changed.get(session.id, session.language)

    def change(self, session: Session, language: str) -> None:
        self._changed[session.id] = language
        self._changed.move_to_end(session.id)
        if len(self._changed) > self._most:
            self._changed.popitem(last=False)
        self._tell(lambda redis: redis.set(self._key(session), language, ex=self._seconds(session)))

    def forget(self, session: Session) -> None:
        self._changed.pop(session.id, None)
        self._tell(lambda redis: redis.delete(self._key(session)))

    def _tell(self, told: Callable[[Any], Awaitable[Any]]) -> None:
        """Tell the other gateways, without waiting: between what is checked and a turn nothing may come."""
        if self._shared is not None and self._shared.is_on:
            task = asyncio.ensure_future(self._shared.ask(told))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    def _key(self, session: Session) -> str:
        assert self._shared is not None
        return self._shared.key("language", session.id)

    @staticmethod
    def _seconds(session: Session) -> int:
        return max(1, math.ceil(session.expires - time.time()))


class Ended:
    """Sessions that were ended before their time, until their tokens expire; bounded.

    Other gateways know nothing of it, and nothing of it outlives a restart: such a token would hold again, but
    its conversation is gone all the same, and Rasa refuses to begin it anew as long as it remembers the deletion.
    """

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._sessions: OrderedDict[str, tuple[float, bool]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def add(self, session: Session, *, deleted: bool) -> None:
        """End the session; `deleted` when its conversation is known to be gone, too."""
        self._sessions[session.id] = session.expires, deleted
        self._sessions.move_to_end(session.id)
        for ended, (expires, _) in list(islice(self._sessions.items(), 2)):
            if len(self._sessions) > self._most or expires <= time.time():
                del self._sessions[ended]

    def check(self, session: Session) -> None:
        """Raises GatewayError for a session that was ended."""
        if session.id in self._sessions:
            raise GatewayError("session_ended")

    def deleted(self, session: Session) -> bool:
        return self._sessions.get(session.id, (0.0, False))[1]
