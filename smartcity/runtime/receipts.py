"""One message, one turn: what a message was answered is known to all Rasa processes for some minutes.

A gateway that dies, or a network that breaks, leaves a citizen without an answer to a message that Rasa may have
taken. It is sent again with the same key then, perhaps to another process. With SMARTCITY_REDIS it gets the
replies of the turn that was; while that turn runs it waits for it; only where the turn failed, or its process
died, it is asked anew. Replies are encrypted: they may repeat what somebody wrote.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import secrets
from contextlib import suppress
from typing import Any, Awaitable, Dict, List, Optional

from cryptography.fernet import Fernet

from smartcity.runtime.redis_locks import Deleted, LockError, deletion_mark, reached
from smartcity.shared import PREFIX

logger = logging.getLogger(__name__)

LEASE_SECONDS = 6.0
"""How long a turn counts as running without a sign of life."""
KEPT_SECONDS = 600
"""How long replies are kept; the gateway keeps them as long."""
LOOK_SECONDS = 0.1
"""How often who asks again looks whether the turn is over."""

_CLAIM = """
-- Claim a message, or tell what became of it.
-- KEYS: turn, all turns of the conversation, mark of its deletion. ARGV: owner, digest, ms, s.
if redis.call('EXISTS', KEYS[3]) == 1 then return 'deleted' end
local found = redis.call('GET', KEYS[1])
if found and string.sub(found, 1, #ARGV[1] + 4) ~= 'run ' .. ARGV[1] then return found end
redis.call('SET', KEYS[1], 'run ' .. ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
redis.call('SADD', KEYS[2], KEYS[1])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return ''
"""
_KEEP = """
-- Keep replies, but for a conversation that was deleted meanwhile. KEYS: as above. ARGV: value, s.
if redis.call('EXISTS', KEYS[3]) == 1 then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
"""
_GO_ON = """
-- Renew a claim, or give it up (ms 0), where it still is the owner's. KEYS: turn. ARGV: owner, ms.
local found = redis.call('GET', KEYS[1])
if not found or string.sub(found, 1, #ARGV[1] + 4) ~= 'run ' .. ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""


class OtherContent(Exception):
    """The key belongs to another message of this conversation."""


class Receipts:
    """What became of messages, by conversation and key."""

    def __init__(self, redis: Any, secret: str) -> None:
        self.redis = redis
        self.claiming = redis.register_script(_CLAIM)
        self.keeping = redis.register_script(_KEEP)
        self.going_on = redis.register_script(_GO_ON)
        self.cipher = Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"receipts {secret}".encode()).digest()))

    async def claim(self, sender: str, key: str, said: str, seconds: float) -> Receipt:
        """The message as one to be answered, or with its replies when it was. Waits `seconds` at most for a turn
        that runs. Raises LockError, Deleted, OtherContent."""
        receipt = Receipt(self, sender, key, hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest())
        end = asyncio.get_running_loop().time() + seconds
        while not await receipt.claim():
            if asyncio.get_running_loop().time() >= end:
                raise LockError("The turn of this message still runs.")
            await asyncio.sleep(LOOK_SECONDS)
        return receipt

    async def forget(self, sender: str) -> None:
        """Keep nothing of the conversation. Raises LockError."""
        async with reached():
            keys = await self.redis.smembers(_all(sender))
            await self.redis.delete(_all(sender), *keys)


class Receipt:
    """One message; `replies` is None while it is to be answered."""

    def __init__(self, receipts: Receipts, sender: str, key: str, digest: str) -> None:
        self._receipts = receipts
        one = f"{PREFIX}turn:{{{sender}}}:{hashlib.sha256(key.encode()).hexdigest()}"
        self._keys = [one, _all(sender), deletion_mark(sender)]
        self._owner = secrets.token_hex(8)
        self._digest = digest
        self.replies: Optional[List[Dict[str, Any]]] = None

    async def claim(self) -> bool:
        """Whether it is clear now what to do."""
        arguments = [self._owner, self._digest, int(LEASE_SECONDS * 1000), KEPT_SECONDS]
        async with reached():
            found: str = await self._receipts.claiming(keys=self._keys, args=arguments)
        if not found:
            return True
        state, *rest = found.split(" ")
        if state == "deleted":
            raise Deleted("The conversation was deleted.")
        if rest[-1 if state == "run" else 0] != self._digest:
            raise OtherContent
        if state == "done":
            self.replies = json.loads(self._receipts.cipher.decrypt(rest[1].encode()))
        return state == "done"

    async def keep(self, turn: Awaitable[Any], replies: List[Dict[str, Any]]) -> None:
        """Run the turn, which adds to `replies`, and keep them for whoever asks again."""
        renewal = asyncio.ensure_future(self._renew())
        try:
            await turn
        except BaseException:
            with suppress(LockError):
                await self._go_on(0)
            raise
        finally:
            renewal.cancel()
        text = self._receipts.cipher.encrypt(json.dumps(replies).encode()).decode()
        try:
            async with reached():
                arguments = [f"done {self._digest} {text}", KEPT_SECONDS]
                await self._receipts.keeping(keys=self._keys, args=arguments)
        except LockError:
            logger.warning("What a message was answered could not be kept for whoever asks again.")

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            with suppress(LockError):
                await self._go_on(int(LEASE_SECONDS * 1000))

    async def _go_on(self, milliseconds: int) -> None:
        async with reached():
            await self._receipts.going_on(keys=self._keys[:1], args=[self._owner, milliseconds])


def _all(sender: str) -> str:
    return f"{PREFIX}turns:{{{sender}}}"
