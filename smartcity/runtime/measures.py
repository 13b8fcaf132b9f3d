"""How long the parts of a turn take: waiting for the conversation's lock, understanding, actions, all of it.

Where: rasa.core.agent.Agent.handle_message, MessageProcessor.handle_message and parse_message, RemoteAction.run.
Why: Rasa of this version tells times to nobody; an operator must see which part is slow. Only in place where a setting
asks for metrics or traces.
"""

from __future__ import annotations

import contextvars
import functools
import time
from typing import Any, Optional

from smartcity.settings import Settings

_waits_since: contextvars.ContextVar[Optional[float]] = contextvars.ContextVar("waits_since", default=None)


def measure_turns(settings: Settings) -> None:
    """Put the measures in place, where they are wanted; again does nothing."""
    if not (settings.metrics_token or settings.otel_endpoint):
        return
    from rasa.core.actions.action import RemoteAction
    from rasa.core.agent import Agent
    from rasa.core.processor import MessageProcessor

    from smartcity.watching.metrics import PART_SECONDS

    if getattr(Agent, "is_measured", False):
        return
    handle = MessageProcessor.handle_message

    @functools.wraps(handle)
    async def handle_message(processor: Any, message: Any) -> Any:
        since = _waits_since.get()
        if since is not None:
            PART_SECONDS.labels("lock").observe(time.perf_counter() - since)
        return await handle(processor, message)

    setattr(MessageProcessor, "handle_message", handle_message)
    setattr(MessageProcessor, "parse_message", _timed("understanding", MessageProcessor.parse_message))
    setattr(RemoteAction, "run", _timed("action", RemoteAction.run))
    setattr(Agent, "handle_message", _timed("turn", Agent.handle_message))
    setattr(Agent, "is_measured", True)


def _timed(part: str, function: Any) -> Any:
    from smartcity.watching.metrics import timed

    @functools.wraps(function)
    async def measured(*args: Any, **kwargs: Any) -> Any:
        if part == "turn":
            _waits_since.set(time.perf_counter())
        with timed(part):
            return await function(*args, **kwargs)

    return measured
