"""What every process measures, in Prometheus' form. Labels are names of ours from short lists, never what came in."""

from __future__ import annotations

import hmac
from contextlib import contextmanager
from typing import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, Histogram, generate_latest

from smartcity.settings import Settings
from smartcity.watching import tracing

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

PART_SECONDS = Histogram(
    "smartcity_part_seconds", "Time that one message takes in each part.", ["part"], buckets=BUCKETS
)
BREAKER = Gauge("smartcity_breaker_open", "1 while a part is not asked since it failed several times.", ["to"])
UP = Gauge("smartcity_up", "1 where a part is well.", ["part"])
STARTED = Gauge("smartcity_build_info", "The version of the program.", ["version"])


@contextmanager
def timed(part: str, **attributes: str) -> Iterator[tracing.Note]:
    """Measure the time of what is done inside as that of the part; a span of the trace, too."""
    with PART_SECONDS.labels(part).time(), tracing.span(part, **attributes) as note:
        yield note


def exposition() -> bytes:
    """Everything that this process has measured."""
    return generate_latest()


def may_read(settings: Settings, authorization: str) -> bool:
    """Whether a request with this header gets to see it: only with the token, and only where one is set."""
    token: str = settings.metrics_token
    return bool(token) and hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode())
