"""What the gateway counts. Channel, language, outcome, code and route come from lists of ours."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from smartcity.outcomes import outcome_of
from smartcity.watching.metrics import BUCKETS, PART_SECONDS, timed

MESSAGES = Counter("smartcity_messages", "Messages that citizens sent.", ["channel", "language"])
CONVERSATIONS = Counter("smartcity_conversations", "Greetings.", ["channel", "language"])
ANSWERS = Counter("smartcity_answers", "What became of messages.", ["channel", "outcome"])
REFUSALS = Counter("smartcity_refusals", "Requests that were answered with an error, by its code.", ["code"])
REQUESTS = Counter("smartcity_http_requests", "Requests, by route and status.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("smartcity_http_request_seconds", "Time of requests.", ["route"], buckets=BUCKETS)
RUNNING = Gauge("smartcity_answers_running", "Answers in the making.")
MOST_RUNNING = Gauge("smartcity_answers_running_most", "Answers in the making beyond which no more are begun.")
CHAT_ON = Gauge("smartcity_chat_on", "0 while the operator has switched the chat off.")
WAITING = Gauge("smartcity_messenger_waiting", "What came from messengers and is not answered.")
SENDING = Gauge("smartcity_messenger_sending", "Parts of answers that messengers have not taken.")
OLDEST_SECONDS = Gauge("smartcity_messenger_oldest_seconds", "Age of the oldest message that waits for its answer.")
DEAD_LETTERS = Gauge("smartcity_dead_letters", "What messengers did not take for good, kept.")

ANSWERING = frozenset(
    {"/chat/sessions", "/chat/messages", "/api/v1/conversations", "/api/v1/conversations/{id}/messages"}
)
"""Routes whose POST is answered by Rasa."""

Turn = Callable[..., AsyncGenerator[dict[str, Any], None]]


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    REQUESTS.labels(method, route, status or 499).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)
    if method == "POST" and route in ANSWERING and 200 <= status < 300:
        PART_SECONDS.labels("gateway").observe(seconds)


def count_refusal(code: str) -> None:
    REFUSALS.labels(code).inc()


def measured(ended: type[Exception]) -> Callable[[Turn], Turn]:
    """A turn with Rasa, counted by channel, language and outcome, and timed; `ended` is no failure."""

    def measure(turn: Turn) -> Turn:
        @functools.wraps(turn)
        async def counted(
            rasa: Any, session: str, language: str, *, channel: str = "web", **said: str
        ) -> AsyncGenerator[dict[str, Any], None]:
            greets = said.get("payload") == "/greet"
            (CONVERSATIONS if greets else MESSAGES).labels(channel, language).inc()
            answers: list[dict[str, Any]] = []
            outcome = "failed"
            with timed("rasa", channel=channel, language=language) as note:
                try:
                    async with aclosing(turn(rasa, session, language, channel=channel, **said)) as messages:
                        async for message in messages:
                            answers.append(message)
                            yield message
                    outcome = "greeted" if greets else outcome_of(answers)
                except ended:
                    outcome = "ended"
                    raise
                finally:
                    note("outcome", outcome)
                    ANSWERS.labels(channel, outcome).inc()

        return counted

    return measure
