"""Redis, which several processes share: one way to connect, for whoever needs it."""

from __future__ import annotations

from typing import Any

PREFIX = "smartcity:"
"""Begins every key, so that the assistant may share a Redis with others."""
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0
"""Longer than anybody here lets Redis wait for something to come."""
MOST_CONNECTIONS = 512


def connect_redis(url: str) -> Any:
    """An asynchronous client; it connects at the first command, and again after every failure."""
    import redis.asyncio
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return redis.asyncio.Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        health_check_interval=15,
        max_connections=MOST_CONNECTIONS,
        # A kept connection that the server has closed meanwhile is no failure; a second one is.
        retry=Retry(NoBackoff(), 1),
    )
