"""Two gateways on one Redis count together and go on alone while it is gone; several Rasa processes."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import redis as redis_client

from smartcity.gateway.rasa_nodes import DOWN_SECONDS, Nodes
from smartcity.settings import read_settings

from ..ports import free_port
from ..proxies import Proxy
from .conftest import StartGateway
from .standin import SECRET, StandIn, running
from .steps import begin, error_of, say

REDIS = "redis://127.0.0.1:6379/0"


@pytest.fixture
def address() -> dict[str, str]:
    """Somebody who has not been here before: Redis remembers a minute longer than a test takes."""
    return {"X-Forwarded-For": f"2001:db8:{random.randrange(0xFFFF):x}:{random.randrange(0xFFFF):x}::1"}


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy(6379) as proxy:
        yield proxy


def test_a_session_is_limited_over_both(start: StartGateway, address: dict[str, str]) -> None:
    both = [start(LIMITS="on", MESSAGES_PER_MINUTE="4", REDIS=REDIS) for _ in range(2)]
    headers = begin(both[0], **address)
    assert [say(both[number % 2], headers, text="x").status_code for number in range(4)] == [200] * 4
    for client in both:
        assert 1 <= error_of(say(client, headers, text="x"), 429, "too_many_messages")["retry_after"] <= 15


def test_an_address_is_limited_over_both_and_is_not_in_redis(start: StartGateway, address: dict[str, str]) -> None:
    settings = {"LIMITS": "on", "ADDRESS_PER_MINUTE": "3", "REDIS": REDIS, "TRUSTED_PROXIES": "127.0.0.1"}
    both = [start(**settings) for _ in range(2)]
    tries = [both[number % 2].post("/chat/sessions", headers=address).status_code for number in range(6)]
    assert tries == [201] * 3 + [429] * 3
    with redis_client.Redis.from_url(REDIS, decode_responses=True) as redis:
        names = list(redis.scan_iter("smartcity:limit:address:*"))
    assert names and not [name for name in names if "2001" in name]


def test_a_changed_language_is_known_to_both(start: StartGateway, rasa: StandIn) -> None:
    both = [start(REDIS=REDIS) for _ in range(2)]
    headers = begin(both[0])
    say(both[0], headers, text="x", language="en")
    end = time.monotonic() + 5
    while time.monotonic() < end:
        say(both[1], headers, text="x")
        if rasa.received[-1]["language"] == "en":
            break
    assert rasa.received[-1]["language"] == "en"


def test_the_key_of_a_message_goes_to_rasa(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = {**begin(gateway), "Idempotency-Key": "k1"}
    say(gateway, headers, text="x")
    assert len(rasa.received[0]["key"]) == 32, "a greeting has a key of its own"
    assert rasa.received[1]["key"] == "k1"
    rasa.status = 409
    error_of(say(gateway, {**headers, "Idempotency-Key": "k2"}, text="x"), 422, "key_reused")


def test_without_redis_each_goes_on_alone_and_says_so(
    start: StartGateway, proxy: Proxy, address: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    away = f"redis://127.0.0.1:{proxy.port}/0"
    client = start(LIMITS="on", MESSAGES_PER_MINUTE="2", REDIS=away)
    headers = begin(client, **address)
    assert say(client, headers, text="x").status_code == 200
    assert client.get("/health").json()["parts"]["redis"] == "ok"
    proxy.cut()
    assert say(client, headers, text="x").status_code == 200
    assert "Redis cannot be reached" in caplog.text
    assert say(client, headers, text="x").status_code == 200, "its own bucket was full still"
    error_of(say(client, headers, text="x"), 429, "too_many_messages")
    answer = _health(client, "down")
    assert answer.status_code == 503 and answer.json()["parts"]["rasa"] == "ok"
    proxy.mend()
    assert _health(client, "ok").status_code == 200
    assert "Redis can be reached again" in caplog.text


def _health(client: httpx.Client, redis: str) -> httpx.Response:
    end = time.monotonic() + 20
    while True:
        answer = client.get("/health")
        if answer.json()["parts"]["redis"] == redis or time.monotonic() > end:
            return answer
        time.sleep(0.1)


def test_each_conversation_has_an_order_of_its_own_that_all_gateways_know() -> None:
    urls = [f"http://10.0.0.{number}:5005" for number in range(4)]
    nodes, others = Nodes(urls), Nodes(urls[::-1])
    first = [nodes.order(f"web:{number}")[0] for number in range(400)]
    assert first == [others.order(f"web:{number}")[0] for number in range(400)]
    assert all(60 < first.count(url) < 140 for url in urls)
    fewer = Nodes(urls[:3])
    moved = [number for number in range(400) if fewer.order(f"web:{number}")[0] != first[number]]
    assert {first[number] for number in moved} == {urls[3]}, "no conversation of another process moves"


def test_who_failed_is_asked_last_for_a_while() -> None:
    now = [0.0]
    nodes = Nodes(["http://a", "http://b"], clock=lambda: now[0])
    first, second = nodes.order("web:1")
    nodes.failed(first)
    assert nodes.order("web:1") == [second, first] and nodes.up == 1
    nodes.answered(first)
    assert nodes.order("web:1") == [first, second]
    nodes.failed(first)
    now[0] = DOWN_SECONDS + 1
    assert nodes.order("web:1") == [first, second]


def test_another_process_takes_over_and_health_tells(start: StartGateway, rasa: StandIn) -> None:
    other = StandIn(read_settings({"SMARTCITY_SECRET": SECRET}).secret_for("internal"))
    with running(other.app) as port:
        client = start(RASA_URLS=f"http://127.0.0.1:{port},http://127.0.0.1:{free_port()}")
        for _ in range(8):
            assert say(client, begin(client), text="x").status_code == 200
        end = time.monotonic() + 10
        while (told := client.get("/health").json())["rasa_processes"] != "1 of 2" and time.monotonic() < end:
            time.sleep(0.1)
        assert told["rasa_processes"] == "1 of 2" and told["status"] == "ok"
    assert len(other.received) == 16 and not rasa.received
    error_of(client.post("/chat/sessions"), 503, "unavailable")


def test_what_may_have_arrived_is_sent_again_only_where_processes_share(start: StartGateway, rasa: StandIn) -> None:
    """One process breaks every connection off before it answers."""
    broken, good = (StandIn(read_settings({"SMARTCITY_SECRET": SECRET}).secret_for("internal")) for _ in range(2))
    broken.messages, broken.done = [], False
    with running(broken.app) as first, running(good.app) as second, Proxy(first) as proxy:
        broken.delay = 0.05
        urls = f"http://127.0.0.1:{proxy.port},http://127.0.0.1:{second}"
        outcomes = {}
        for redis in ("", REDIS):
            client = start(RASA_URLS=urls, **({"REDIS": redis} if redis else {}))
            outcomes[redis] = set()
            for _ in range(14):
                outcomes[redis].add(_while_cut(client, proxy, broken))
        assert outcomes[REDIS] == {201}
        assert 503 in outcomes[""], "none of its conversations went to the process that breaks"


def _while_cut(client: httpx.Client, proxy: Proxy, broken: StandIn) -> int:
    """Begin a session; if the process that breaks got it, its connection goes before it answers."""
    asked = len(broken.received)
    result: list[int] = []
    thread = threading.Thread(target=lambda: result.append(client.post("/chat/sessions").status_code))
    thread.start()
    while thread.is_alive():
        if len(broken.received) > asked:
            proxy.cut()
            proxy.mend()
            asked = len(broken.received)
        thread.join(0.01)
    return result[0]
