"""Feedback goes to the conversation it is about, clean and within the limits."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ..ports import free_port
from .conftest import StartGateway
from .standin import StandIn
from .steps import begin, error_of

ID = "5f1d0c2a"


def _rate(client: httpx.Client, headers: dict[str, str], **fields: Any) -> httpx.Response:
    return client.post("/chat/feedback", headers=headers, json=fields)


@pytest.mark.parametrize("rating", ["up", "down", "none"])
def test_a_message_is_rated(gateway: httpx.Client, rasa: StandIn, rating: str) -> None:
    headers = begin(gateway)
    answer = _rate(gateway, headers, message=ID, rating=rating, comment="Danke\x00!")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert rasa.rated == [{"sender": rasa.received[0]["sender"], "message": ID, "rating": rating, "comment": "Danke!"}]


@pytest.mark.parametrize("rating", ["1", "2", "3", "4", "5"])
def test_a_conversation_is_rated(gateway: httpx.Client, rasa: StandIn, rating: str) -> None:
    assert _rate(gateway, begin(gateway), rating=rating).status_code == 204
    assert (rasa.rated[0]["message"], rasa.rated[0]["rating"], rasa.rated[0]["comment"]) == (None, rating, None)


@pytest.mark.parametrize("comment", ["", "  \n", "\u200b"])
def test_a_comment_without_a_word_is_none(gateway: httpx.Client, rasa: StandIn, comment: str) -> None:
    assert _rate(gateway, begin(gateway), rating="3", comment=comment).status_code == 204
    assert rasa.rated[0]["comment"] is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "bad_rating"),
        ({"rating": ""}, "bad_rating"),
        ({"rating": "up"}, "bad_rating"),
        ({"rating": "0"}, "bad_rating"),
        ({"rating": "6"}, "bad_rating"),
        ({"message": ID}, "bad_rating"),
        ({"message": ID, "rating": "5"}, "bad_rating"),
        ({"message": ID, "rating": "UP"}, "bad_rating"),
        ({"rating": 5}, "wrong_type"),
        ({"message": None, "rating": "up"}, "wrong_type"),
        ({"rating": "5", "comment": ["x"]}, "wrong_type"),
        ({"rating": "5", "comment": "x" * 501}, "too_long"),
        ({"rating": "5", "sender": "web:1"}, "unknown_key"),
    ],
)
def test_unfit_feedback_is_refused(gateway: httpx.Client, rasa: StandIn, fields: dict[str, Any], code: str) -> None:
    error = error_of(_rate(gateway, begin(gateway), **fields), 422, code)
    if code == "too_long":
        assert "500" in error["message"]
    assert not rasa.rated


def test_the_longest_comment_passes(gateway: httpx.Client, rasa: StandIn) -> None:
    assert _rate(gateway, begin(gateway), rating="5", comment="ü" * 500).status_code == 204
    assert len(rasa.rated[0]["comment"]) == 500


def test_what_rasa_does_not_know_is_told(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = begin(gateway)
    rasa.rate_status = 404
    error_of(_rate(gateway, headers, message="0" * 16, rating="up"), 404, "unknown_message")
    error_of(_rate(gateway, headers, rating="5"), 401, "session_ended")


def test_rasa_down_is_told(start: StartGateway, gateway: httpx.Client, rasa: StandIn) -> None:
    headers = begin(gateway)
    error_of(_rate(start(RASA_PORT=str(free_port())), headers, rating="5"), 503, "unavailable")
    rasa.rate_status = 500
    error_of(_rate(gateway, headers, rating="5"), 503, "unavailable")


def test_feedback_needs_a_session_of_this_origin(gateway: httpx.Client, rasa: StandIn) -> None:
    error_of(_rate(gateway, {}, rating="5"), 401, "no_session")
    error_of(_rate(gateway, {"Authorization": "Bearer x"}, rating="5"), 401, "bad_session")
    elsewhere = begin(gateway, Origin="https://www.krefeld.de")
    error_of(_rate(gateway, {"Authorization": elsewhere["Authorization"]}, rating="5"), 403, "foreign_session")
    assert not rasa.rated


def test_feedback_counts_against_the_limits(start: StartGateway, rasa: StandIn) -> None:
    client = start(LIMITS="on", MESSAGES_PER_MINUTE="2")
    headers = begin(client)
    assert [_rate(client, headers, rating="5").status_code for _ in range(2)] == [204, 204]
    error_of(_rate(client, headers, rating="5"), 429, "too_many_messages")
    client = start(LIMITS="on", ADDRESS_PER_MINUTE="2")
    headers = begin(client)
    assert _rate(client, headers, rating="5").status_code == 204
    error_of(_rate(client, headers, rating="5"), 429, "too_many_requests")
