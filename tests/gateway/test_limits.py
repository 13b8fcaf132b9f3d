from __future__ import annotations

import httpx
import pytest

from smartcity.addresses import Proxies
from smartcity.gateway.limits import Buckets
from smartcity.settings import SettingError

from .conftest import StartGateway
from .standin import StandIn
from .steps import begin, error_of, say


def test_session_is_limited_and_told_when_to_come_again(start: StartGateway, rasa: StandIn) -> None:
    client = start(LIMITS="on", MESSAGES_PER_MINUTE="3")
    headers = begin(client)
    assert [say(client, headers, text="x").status_code for _ in range(3)] == [200] * 3
    error = error_of(say(client, headers, text="x"), 429, "too_many_messages")
    assert 1 <= error["retry_after"] <= 20
    assert str(error["retry_after"]) in error["message"]
    assert len(rasa.received) == 4
    assert say(client, begin(client), text="x").status_code == 200, "another session has a limit of its own"


def test_address_is_limited_over_all_sessions(start: StartGateway) -> None:
    client = start(LIMITS="on", ADDRESS_PER_MINUTE="4")
    headers = begin(client)
    begin(client)
    assert [say(client, headers, text="x").status_code for _ in range(2)] == [200] * 2
    error_of(say(client, headers, text="x"), 429, "too_many_requests")
    error_of(client.post("/chat/sessions"), 429, "too_many_requests")
    assert client.get("/").status_code == 200, "pages are not limited"


def test_refused_requests_count_too(start: StartGateway) -> None:
    client = start(LIMITS="on", ADDRESS_PER_MINUTE="3")
    for _ in range(3):
        error_of(say(client, {"Authorization": "Bearer guess"}, text="x"), 401, "bad_session")
    error_of(say(client, {"Authorization": "Bearer guess"}, text="x"), 429, "too_many_requests")


def test_limits_off(start: StartGateway) -> None:
    client = start(LIMITS="off", MESSAGES_PER_MINUTE="1", ADDRESS_PER_MINUTE="1")
    headers = begin(client)
    assert {say(client, headers, text="x").status_code for _ in range(10)} == {200}


def test_forwarded_address_is_believed_from_trusted_proxies_only(start: StartGateway) -> None:
    def tries(client: httpx.Client) -> list[int]:
        return [
            client.post("/chat/sessions", headers={"X-Forwarded-For": f"198.51.100.{last}"}).status_code
            for last in range(4)
        ]

    assert tries(start(LIMITS="on", ADDRESS_PER_MINUTE="2")) == [201, 201, 429, 429]
    assert tries(start(LIMITS="on", ADDRESS_PER_MINUTE="2", TRUSTED_PROXIES="127.0.0.1")) == [201] * 4


def _scope(peer: str, *forwarded: str) -> dict[str, object]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"type": "http", "client": (peer, 1), "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66", "198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["198.51.100.1, rubbish"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("2001:db8:1:2:3::4", [], "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
    ],
)
def test_address_behind_proxies(peer: str, forwarded: list[str], expected: str) -> None:
    assert Proxies("10.0.0.0/8, ::1").address_of(_scope(peer, *forwarded)) == expected


def test_unfit_proxies_are_told() -> None:
    with pytest.raises(SettingError, match=r"SMARTCITY_TRUSTED_PROXIES.*nginx"):
        Proxies("127.0.0.1, nginx")


def test_bucket_fills_up_again() -> None:
    now = [0.0]
    buckets = Buckets(2, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 30]
    now[0] = 29
    assert buckets.take("a") == 1
    now[0] = 30
    assert [buckets.take("a"), buckets.take("a")] == [0, 30]
    now[0] = 1000
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 30], "never more than the capacity"


def test_memory_is_bounded() -> None:
    buckets = Buckets(1, most_keys=100)
    for number in range(1000):
        buckets.take(str(number))
    assert len(buckets) == 100
    assert buckets.take("999") > 0, "the latest are kept"
