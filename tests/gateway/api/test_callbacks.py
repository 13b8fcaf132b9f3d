"""Callbacks to a real receiver: signed, repeated with patience, given up in the end, never of what was deleted."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import pytest

from smartcity.gateway.api.callbacks import LONGEST_PAUSE, MOST_AT_ONCE, MOST_OF_KEY, Callbacks, _asked
from smartcity.gateway.api.conversations import Conversations
from smartcity.gateway.api.keys import ApiKey, ApiKeys, callback_secret
from smartcity.gateway.errors import GatewayError
from smartcity.gateway.exchanges import Exchange, Reply
from smartcity.gateway.rasa_client import Unavailable
from smartcity.settings import Settings, read_settings

from ...ports import free_port
from ..conftest import StartGateway
from ..standin import GREETING, SECRET, StandIn, running
from ..steps import error_of
from .conftest import MakeHolder
from .receiver import Receiver, is_genuine
from .steps import begin, eventually, fetch, say


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def hook(receiver: Receiver) -> Iterator[str]:
    """The address of the receiver."""
    with running(receiver.app) as port:
        yield f"http://127.0.0.1:{port}/hook"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": SECRET})


# Through the gateway


def test_replies_are_sent_to_the_address_of_the_key(
    start: StartGateway, holder: MakeHolder, keys: ApiKeys, settings: Settings, receiver: Receiver, hook: str
) -> None:
    client, headers = start(), holder(callback=hook)
    place = begin(client, headers)
    answer = say(client, place, {**headers, "Idempotency-Key": "k-1"}, text="Hallo", callback=True)
    assert answer.status_code == 202 and set(answer.json()) == {"exchange"}
    eventually(lambda: receiver.received)
    [came] = receiver.received
    assert came.told["messages"][0]["text"] == GREETING["text"]
    assert came.told["conversation"] == place.rpartition("/")[2]
    assert came.told["exchange"] == answer.json()["exchange"]
    assert (came.told["key"], came.told["error"]) == ("k-1", None)
    assert came.headers["content-type"] == "application/json"
    assert is_genuine(callback_secret(settings, keys.all()[0]), httpx.Headers(came.headers), came.body, time.time())


def test_forged_changed_and_replayed_callbacks_do_not_hold(
    start: StartGateway, holder: MakeHolder, keys: ApiKeys, settings: Settings, receiver: Receiver, hook: str
) -> None:
    client, headers = start(), holder(callback=hook)
    say(client, begin(client, headers), headers, text="Hallo", callback=True)
    eventually(lambda: receiver.received)
    came, secret, now = receiver.received[0], callback_secret(settings, keys.all()[0]), time.time()
    sent = httpx.Headers(came.headers)

    def holds(body: bytes = came.body, secret: str = secret, at: float = now, **changed: str) -> bool:
        replaced = {name.replace("_", "-"): value for name, value in changed.items()}
        return is_genuine(secret, httpx.Headers({**dict(sent), **replaced}), body, at)

    assert holds()
    assert not holds(body=came.body + b" ")
    assert not holds(body=came.body.replace(b"answer", b"Answer"))
    assert not holds(secret="0" * 64)
    assert not holds(smartcity_timestamp=str(int(sent["smartcity-timestamp"]) + 1)), "the time is signed, too"
    assert not holds(smartcity_signature="v1=" + "0" * 64)
    assert not holds(smartcity_signature="")
    assert not holds(at=now + 301), "an old one that comes again"
    assert holds(at=now + 290)
    other = keys.create("other", ("messages",), hook, 1)[0]
    assert not holds(secret=callback_secret(settings, other)), "each key signs with its own secret"


def test_the_same_key_is_called_back_once(
    start: StartGateway, holder: MakeHolder, rasa: StandIn, receiver: Receiver, hook: str
) -> None:
    client, headers = start(), holder(callback=hook)
    place = begin(client, headers)
    rasa.delay = 0.3
    keyed = {**headers, "Idempotency-Key": "k-1"}
    answers = [say(client, place, keyed, text="Hallo", callback=True) for _ in range(4)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    error_of(say(client, place, keyed, text="Hallo"), 422, "key_reused")
    eventually(lambda: receiver.received)
    time.sleep(0.3)
    assert len(receiver.received) == 1


def test_a_failed_exchange_is_told(
    start: StartGateway, holder: MakeHolder, rasa: StandIn, receiver: Receiver, hook: str
) -> None:
    client, headers = start(), holder(callback=hook)
    place = begin(client, headers, language="en")
    rasa.done = False
    assert say(client, place, headers, text="Hallo", callback=True).status_code == 202
    eventually(lambda: receiver.received)
    error = receiver.received[0].told["error"]
    assert error["code"] == "unavailable" and "cannot be reached" in error["message"]


def test_it_is_sent_again_and_can_be_told_from_another(
    start: StartGateway, holder: MakeHolder, receiver: Receiver, hook: str, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers = [(500, {}), (204, {})]
    client, headers = start(), holder(callback=hook)
    place = begin(client, headers)
    say(client, place, headers, text="Ein Geheimnis", callback=True)
    eventually(lambda: len(receiver.received) == 2)
    first, second = receiver.received
    assert first.body == second.body
    assert first.headers["smartcity-delivery"] == second.headers["smartcity-delivery"]
    assert 0.9 < second.at - first.at < 3
    say(client, place, headers, text="Noch eines", callback=True)
    eventually(lambda: len(receiver.received) == 3)
    assert receiver.received[2].headers["smartcity-delivery"] != first.headers["smartcity-delivery"]


def test_nothing_is_sent_of_what_was_deleted(
    start: StartGateway, holder: MakeHolder, receiver: Receiver, hook: str, rasa: StandIn
) -> None:
    receiver.answers = [(500, {})]
    client, headers = start(), holder(callback=hook)
    place = begin(client, headers)
    say(client, place, headers, text="Hallo", callback=True)
    eventually(lambda: receiver.received)
    rasa.delay = 0.5
    say(client, place, headers, text="Hallo", callback=True)
    assert client.delete(place, headers=headers).status_code == 204
    time.sleep(2.5)
    assert len(receiver.received) == 1


def test_replies_may_be_fetched_as_well(start: StartGateway, holder: MakeHolder) -> None:
    client, headers = start(), holder(callback=f"http://127.0.0.1:{free_port()}/nobody")
    client.headers.update(headers)
    place = begin(client)
    number = say(client, place, text="Hallo", callback=True).json()["exchange"]
    eventually(lambda: fetch(client, place)[-1]["state"] == "done")
    assert fetch(client, place)[-1]["exchange"] == number


# The deliveries themselves, with short pauses


async def _turn(error: Exception | None = None) -> AsyncGenerator[Reply, None]:
    yield {"text": "Ein Geheimnis"}
    if error:
        raise error


@asynccontextmanager
async def _callbacks(settings: Settings, keys: ApiKeys, **options: Any) -> AsyncIterator[Callbacks]:
    callbacks = Callbacks(settings, keys, **{"first_pause": 0.02, **options})
    try:
        yield callbacks
    finally:
        await callbacks.close()


async def _send(callbacks: Callbacks, settings: Settings, key: ApiKey) -> None:
    """Begin an exchange that is called back, and wait until it was sent or given up."""
    exchange = Exchange("")
    callbacks.follow(key, Conversations(settings).begin(key, None, "de"), exchange, None)
    await exchange.run(_turn(), 5)
    async with asyncio.timeout(20):
        while callbacks._tasks:
            await asyncio.sleep(0.01)


def _given_up(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    lines = [json.loads(record.message) for record in caplog.records if record.message.startswith("{")]
    return [line for line in lines if "callback_given_up" in line]


async def test_it_is_given_up_after_the_last_attempt_and_the_log_says_so_without_text(
    settings: Settings, keys: ApiKeys, receiver: Receiver, hook: str, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers = [(503, {})]
    key, _ = keys.create("app-1", ("messages",), hook, 1)
    with caplog.at_level(logging.INFO, "smartcity.gateway"):
        async with _callbacks(settings, keys) as callbacks:
            await _send(callbacks, settings, key)
    assert len(receiver.received) == 8
    [line] = _given_up(caplog)
    assert line["api_key"] == "app-1" and line["outcome"] == "503"
    own = "".join(record.message for record in caplog.records if record.name == "smartcity.gateway")
    assert "Geheimnis" not in own and hook not in own and key.prefix not in own
    gaps = [b.at - a.at for a, b in zip(receiver.received, receiver.received[1:])]
    assert gaps[6] > gaps[2] > 0.02, "each pause is longer"


@pytest.mark.parametrize("status", [400, 401, 404, 410, 301])
async def test_a_refusal_is_not_repeated(
    settings: Settings, keys: ApiKeys, receiver: Receiver, hook: str, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    receiver.answers = [(status, {"Location": hook})]
    async with _callbacks(settings, keys) as callbacks:
        await _send(callbacks, settings, keys.create("app-1", ("messages",), hook, 1)[0])
    assert len(receiver.received) == 1
    assert _given_up(caplog)[0]["outcome"] == str(status)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_what_may_pass_is_repeated(
    settings: Settings, keys: ApiKeys, receiver: Receiver, hook: str, status: int
) -> None:
    receiver.answers = [(status, {}), (status, {}), (200, {})]
    async with _callbacks(settings, keys) as callbacks:
        await _send(callbacks, settings, keys.create("app-1", ("messages",), hook, 1)[0])
    assert len(receiver.received) == 3


async def test_the_receiver_says_how_long_to_wait(
    settings: Settings, keys: ApiKeys, receiver: Receiver, hook: str
) -> None:
    receiver.answers = [(429, {"Retry-After": "1"}), (204, {})]
    async with _callbacks(settings, keys) as callbacks:
        await _send(callbacks, settings, keys.create("app-1", ("messages",), hook, 1)[0])
    first, second = receiver.received
    assert second.at - first.at >= 1
    assert abs(int(second.headers["smartcity-timestamp"]) - time.time()) < 5, "each attempt is signed anew"


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("7", 7, 7),
        ("0", 0, 0),
        ("-5", 0, 0),
        ("soon", 0, 0),
        ("", 0, 0),
        ("99999", LONGEST_PAUSE, LONGEST_PAUSE),
        ("9" * 400, 0, LONGEST_PAUSE),
        ("²", 0, 0),
        ("Thu, 01 Jan 99999 00:00:00 GMT", 0, LONGEST_PAUSE),
    ],
)
def test_retry_after_in_each_form(value: str, least: float, most: float) -> None:
    assert least <= _asked({"retry-after": value}) <= most


def test_retry_after_as_a_date() -> None:
    assert 55 <= _asked({"retry-after": formatdate(time.time() + 60, usegmt=True)}) <= 61
    assert _asked({"retry-after": formatdate(time.time() - 60, usegmt=True)}) == 0


async def test_nobody_there_and_nobody_answering(
    settings: Settings, keys: ApiKeys, caplog: pytest.LogCaptureFixture
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for name, number in (("nobody", free_port()), ("silent", port)):
        key, _ = keys.create(name, ("messages",), f"http://127.0.0.1:{number}/", 1)
        async with _callbacks(settings, keys, attempts=2, answer_seconds=0.2) as callbacks:
            await _send(callbacks, settings, key)
    server.close()
    assert [line["outcome"] for line in _given_up(caplog)] == ["ConnectError", "TimeoutError"]


async def test_a_revoked_key_gets_nothing_more(
    settings: Settings, keys: ApiKeys, receiver: Receiver, hook: str, caplog: pytest.LogCaptureFixture
) -> None:
    key, _ = keys.create("app-1", ("messages",), hook, 1)
    keys.revoke("app-1")
    async with _callbacks(settings, keys) as callbacks:
        await _send(callbacks, settings, key)
    assert receiver.received == [] and _given_up(caplog)[0]["outcome"] == "revoked"


async def test_a_dead_receiver_cannot_fill_the_memory(settings: Settings, keys: ApiKeys) -> None:
    key, _ = keys.create("app-1", ("messages",), "http://127.0.0.1:9/", 1)
    other, _ = keys.create("app-2", ("messages",), "http://127.0.0.1:9/", 1)
    async with _callbacks(settings, keys) as callbacks:
        for _ in range(MOST_OF_KEY):
            callbacks.check(key)
            callbacks.follow(key, Conversations(settings).begin(key, None, "de"), Exchange(""), None)
        with pytest.raises(GatewayError) as refused:
            callbacks.check(key)
        assert (refused.value.code, refused.value.retry_after) == ("too_many_callbacks", 5)
        callbacks.check(other)
    assert not callbacks._tasks, "what is left ends with the gateway"


async def test_a_slow_receiver_delays_nobody_else(
    settings: Settings, keys: ApiKeys, receiver: Receiver, hook: str
) -> None:
    open_now = most = 0

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await reader.read()
        open_now -= 1
        writer.close()

    server = await asyncio.start_server(slow, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    key, _ = keys.create("slow", ("messages",), address, 1)
    other, _ = keys.create("other", ("messages",), hook, 1)
    async with _callbacks(settings, keys) as callbacks:
        for one in [*[key] * 150, other]:
            exchange = Exchange("")
            callbacks.follow(one, Conversations(settings).begin(one, None, "de"), exchange, None)
            await exchange.run(_turn(), 5)
        async with asyncio.timeout(5):
            while not receiver.received or most < MOST_AT_ONCE:
                await asyncio.sleep(0.01)
        assert most == MOST_AT_ONCE
    server.close()


async def test_cookies_of_a_receiver_are_not_kept(
    settings: Settings, keys: ApiKeys, receiver: Receiver, hook: str
) -> None:
    receiver.answers = [(503, {"Set-Cookie": "a=b; Path=/"}), (204, {})]
    async with _callbacks(settings, keys) as callbacks:
        await _send(callbacks, settings, keys.create("app-1", ("messages",), hook, 1)[0])
    assert [received.headers.get("cookie") for received in receiver.received] == [None, None]


async def test_what_came_before_a_failure_is_sent_with_it(
    settings: Settings, keys: ApiKeys, receiver: Receiver, hook: str
) -> None:
    key, _ = keys.create("app-1", ("messages",), hook, 1)
    exchange = Exchange("")
    async with _callbacks(settings, keys) as callbacks:
        callbacks.follow(key, Conversations(settings).begin(key, None, "de"), exchange, None)
        await exchange.run(_turn(Unavailable("x")), 5)
        async with asyncio.timeout(5):
            while not receiver.received:
                await asyncio.sleep(0.01)
    told = receiver.received[0].told
    assert told["messages"] == [{"text": "Ein Geheimnis"}] and told["error"]["code"] == "unavailable"
