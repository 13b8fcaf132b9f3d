"""Locks of conversations on Redis, for several Rasa processes: `SMARTCITY_REDIS`.

Where: rasa.core.lock_store.RedisLockStore. It reads a lock, changes it and writes it back, so two processes can
draw the same ticket; who has to wait sleeps a second each time, in whatever order they wake; and a process that
died holds its conversation for a minute. What: drawing, renewing and giving back a ticket are one script each,
which Redis runs whole; tickets are served in the order in which they were drawn; whoever is next is woken at once;
a ticket has to be renewed, so that one of a process that died is passed over after LEASE_SECONDS. A conversation
that was deleted gets no lock any more, whatever process is asked. Effect: benchmarks/locks.

A process that is held up for longer than its lease loses its lock without knowing. Then the tracker store refuses
what it wants to write (`tracker_rows.Overtaken`).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import asynccontextmanager, suppress
from typing import Any, AsyncIterator, List

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore

from smartcity.shared import PREFIX, Commands, connect_redis

logger = logging.getLogger(__name__)

LEASE_SECONDS = 6.0
"""How long a ticket holds without being renewed; a process must not be busy with one thing for so long."""
WAIT_SECONDS = 1.0
"""How often who waits renews the ticket, and looks whether somebody before has died."""
DELETED_SECONDS = 29 * 86_400
"""How long a deletion is remembered: as long as its note, see smartcity/privacy/erasures.py."""
_DELETED, _LOST = -2, -1

_HOLD = """
-- Keep or draw a ticket: how many are served before it, -1 where it was passed over, -2 where all was deleted.
-- KEYS: lock, mark of deletion. ARGV: token, lease in ms, whether to draw, whether to heed the mark.
if ARGV[4] == '1' and redis.call('EXISTS', KEYS[2]) == 1 then return -2 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local tickets = redis.call('HGETALL', KEYS[1])
local mine, last, numbers = nil, 0, {}
for place = 1, #tickets, 2 do
  local number, ends = string.match(tickets[place + 1], '(%d+) (%d+)')
  number = tonumber(number)
  if tickets[place] == ARGV[1] then
    mine = number
  elseif tonumber(ends) < now then
    redis.call('HDEL', KEYS[1], tickets[place])
  else
    table.insert(numbers, number)
    last = math.max(last, number)
  end
end
if not mine then
  if ARGV[3] == '0' then return -1 end
  mine = last + 1
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %d', mine, now + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local before = 0
for _, number in ipairs(numbers) do
  if number < mine then before = before + 1 end
end
return before
"""

_RELEASE = """
-- Give a ticket back and wake whoever is next. KEYS: lock. ARGV: token, begin of the keys to wake by, ms.
redis.call('HDEL', KEYS[1], ARGV[1])
local tickets = redis.call('HGETALL', KEYS[1])
local first, token = nil, nil
for place = 1, #tickets, 2 do
  local number = tonumber(string.match(tickets[place + 1], '(%d+) '))
  if not first or number < first then first, token = number, tickets[place] end
end
if token then
  redis.call('LPUSH', ARGV[2] .. token, '1')
  redis.call('PEXPIRE', ARGV[2] .. token, ARGV[3])
end
"""


class Deleted(LockError):
    """The conversation was deleted: nothing begins in it any more."""


class RedisLocks(LockStore):
    """A lock store of Rasa; locks are held with `lock` alone, none is read or written by itself."""

    def __init__(self, endpoint_config: Any = None, lease: float = LEASE_SECONDS) -> None:
        self.redis = connect_redis(endpoint_config.url)
        self._lease = lease
        self.commands = Commands(self.redis)
        self._hold = self.commands.script(_HOLD)
        self._release = self.commands.script(_RELEASE)
        super().__init__()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = WAIT_SECONDS,
        deleting: bool = False,
    ) -> AsyncIterator[TicketLock]:
        """Hold the conversation, for `lock_lifetime` at most; waits as long at most. Raises LockError, Deleted.

        Who waits is woken; `wait_time_in_seconds` is Rasa's and has no meaning here.
        """
        ticket = _Ticket(self, conversation_id, heed=not deleting)
        try:
            await ticket.wait_for_turn(lock_lifetime)
            renewal = asyncio.ensure_future(ticket.renew(lock_lifetime))
            try:
                yield TicketLock(conversation_id)
            finally:
                renewal.cancel()
        finally:
            await asyncio.shield(ticket.give_back())

    async def mark_deleted(self, conversation_id: str) -> None:
        """From here on nothing begins in the conversation, whichever process is asked. Raises LockError."""
        async with _reached():
            await self.redis.set(_mark(conversation_id), "1", ex=DELETED_SECONDS)

    async def is_deleted(self, conversation_id: str) -> bool:
        """Whether the conversation was deleted. Raises LockError."""
        async with _reached():
            return bool(await self.redis.exists(_mark(conversation_id)))

    async def close(self) -> None:
        await self.commands.close()
        await self.redis.aclose()


class _Ticket:
    """One place in the queue of a conversation."""

    def __init__(self, locks: RedisLocks, conversation_id: str, heed: bool) -> None:
        self._locks = locks
        self._conversation = conversation_id
        self._token = secrets.token_hex(8)
        self._heed = "1" if heed else "0"
        self._lease: float = locks._lease

    async def wait_for_turn(self, most_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + most_seconds
        async with _reached():
            before = await self._ask(draw=True)
            while before > 0:
                left = end - loop.time()
                if left <= 0:
                    raise LockError("The turns before this one in the conversation take too long.")
                wake = min(WAIT_SECONDS, self._lease / 3, left)
                await self._locks.redis.blpop([_wake(self._conversation) + self._token], timeout=wake)
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    # Python 3.11's wait_for, in the client, takes no notice of an end that comes as it sends.
                    raise asyncio.CancelledError
                # Whoever was passed over, because this process was held up, queues anew.
                before = await self._ask(draw=True)
        if before == _DELETED:
            raise Deleted("The conversation was deleted.")

    async def renew(self, most_seconds: float) -> None:
        """Keep the ticket; a task of its own, which is cancelled when the turn is over."""
        loop = asyncio.get_running_loop()
        end = loop.time() + most_seconds
        while loop.time() < end:
            await asyncio.sleep(self._lease / 3)
            # A failure here shows at the end of the turn, or passes.
            with suppress(LockError):
                async with _reached():
                    if await self._ask(draw=False) == _LOST:
                        logger.warning("A turn took so long that its lock was passed on.")
                        return

    async def give_back(self) -> None:
        keys, arguments = [_lock(self._conversation)], [self._token, _wake(self._conversation), _ms(self._lease)]
        try:
            async with _reached():
                await self._locks._release(keys, arguments)
        except LockError:
            logger.warning("A lock could not be given back; it ends by itself.")

    async def _ask(self, draw: bool) -> int:
        arguments: List[Any] = [self._token, _ms(self._lease), "1" if draw else "0", self._heed]
        keys = [_lock(self._conversation), _mark(self._conversation)]
        before: int = await self._locks._hold(keys, arguments)
        return before


@asynccontextmanager
async def _reached() -> AsyncIterator[None]:
    """Redis's own errors become Rasa's."""
    from redis.exceptions import RedisError

    try:
        yield
    except (RedisError, OSError, asyncio.TimeoutError) as error:
        raise LockError(f"Redis cannot be reached ({type(error).__name__}).") from error


def _lock(conversation_id: str) -> str:
    return f"{PREFIX}lock:{{{conversation_id}}}"


def _mark(conversation_id: str) -> str:
    return f"{PREFIX}deleted:{{{conversation_id}}}"


def _wake(conversation_id: str) -> str:
    return f"{PREFIX}wake:{{{conversation_id}}}:"


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


__all__ = ["Deleted", "LockError", "RedisLocks"]
