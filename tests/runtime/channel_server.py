"""A server with the internal channel whose assistant repeats what it got, and keeps it in a real tracker store.

Some words are answered otherwise: see `answer`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from types import SimpleNamespace
from typing import Any, Dict, Optional

from smartcity.runtime import stand_ins, trackers

stand_ins.install()
trackers.keep_trackers()

from rasa.core.channels.channel import UserMessage  # noqa: E402
from rasa.core.lock_store import InMemoryLockStore  # noqa: E402
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import BotUttered, SessionStarted, UserUttered  # noqa: E402
from sanic import Sanic  # noqa: E402

from smartcity.runtime.channel import InternalChannel  # noqa: E402
from smartcity.runtime.redis_locks import RedisLocks  # noqa: E402
from smartcity.runtime.repeats import say_again  # noqa: E402

agent = SimpleNamespace()


async def answer(message: UserMessage) -> None:
    """A turn as Rasa takes it: under the lock, saved at its end."""
    # Rasa's locks end after a minute, even if the turn has not.
    lifetime = 0.1 if message.text == "slower than its lock" else 60
    async with agent.lock_store.lock(message.sender_id, lifetime, wait_time_in_seconds=0.01):
        tracker = await agent.tracker_store.get_or_create_tracker(message.sender_id, append_action_listen=False)
        if not tracker.events:
            tracker.update(SessionStarted())
        await say_again(message, tracker)
        tracker.update(UserUttered(message.text, metadata=message.metadata))
        if message.text == "broken":
            raise RuntimeError("before any message")
        if message.text != "silence":
            await say(message, tracker, message.text)
        if message.text == "broken off":
            raise RuntimeError("after a message")
        if message.text == "busy":
            # Rasa computes between messages, and lets nobody else compute.
            time.sleep(0.5)
            await say(message, tracker, "and on")
        if message.text in ("slow", "slower than its lock"):
            await asyncio.sleep(0.6)
            await say(message, tracker, "and on")
        if message.text == "a new session":
            tracker.update(SessionStarted())
        await agent.tracker_store.save(tracker)


async def say(message: UserMessage, tracker: object, text: str) -> None:
    links = [{"title": "metadata", "url": str(message.metadata)}]
    buttons = [{"title": "Ja", "payload": "/affirm"}]
    custom = {"id": f"id of {text}", "answer": message.sender_id, "links": links}
    if text == "notice":
        custom["kind"] = "notice"
    tracker.update(BotUttered(text, {"custom": custom, "buttons": buttons}))  # type: ignore[attr-defined]
    await message.output_channel.send_response(message.sender_id, {"text": text, "buttons": buttons, "custom": custom})


def content(language: str) -> Optional[Dict[str, Any]]:
    return {"language": language} if language in ("de", "en") else None


def serve(port: int, secret: str, database: str, redis: str = "") -> None:
    """`database` is a file, or the URL of a database."""
    place = {"host": database} if "://" in database else {"dialect": "sqlite", "db": database}
    agent.tracker_store = FailSafeTrackerStore(SQLTrackerStore(Domain.load("domain.yml"), **place))
    agent.lock_store = RedisLocks(SimpleNamespace(url=redis)) if redis else InMemoryLockStore()
    app = Sanic("channel-test", configure_logging=False)
    app.ctx.agent = agent
    app.blueprint(InternalChannel(secret, content).blueprint(answer), url_prefix="/webhooks/internal")
    app.run("127.0.0.1", port, access_log=False)


if __name__ == "__main__":
    serve(int(sys.argv[1]), *sys.argv[2:])
