"""One message, one turn: whatever the network does, and however often a client sends it again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from smartcity.gateway.errors import GatewayError
from smartcity.gateway.exchanges import MOST_OF_SESSION, Exchanges, Reply
from smartcity.gateway.pressure import Pressure
from smartcity.gateway.rasa_client import Unavailable

from ..ports import free_port
from .conftest import StartGateway
from .standin import GREETING, StandIn
from .steps import begin, begun, error_of, events, say


def _exchanges(most: int = 100, **bounds: Any) -> Exchanges:
    return Exchanges(Pressure(most), **bounds)


def _keyed(headers: dict[str, str], key: str = "k-1") -> dict[str, str]:
    return {**headers, "Idempotency-Key": key}


def _turns(rasa: StandIn) -> list[str]:
    """What was said to Rasa after the greetings."""
    return [sent.get("text", sent.get("payload")) for sent in rasa.received if sent.get("payload") != "/greet"]


def test_the_same_key_gives_the_same_replies_without_a_second_turn(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = _keyed(begin(gateway))
    first = say(gateway, headers, text="Hallo")
    rasa.messages = [{"text": "etwas anderes"}]
    again = say(gateway, headers, text="Hallo")
    assert again.status_code == 200
    assert again.json() == first.json()
    assert [name for name, _, _ in events(gateway, headers, text="Hallo")] == ["message", "done"]
    assert _turns(rasa) == ["Hallo"]


def test_a_button_is_pressed_once(gateway: httpx.Client, rasa: StandIn) -> None:
    headers, payload = begun(gateway)
    answers = [say(gateway, _keyed(headers), payload=payload).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(_turns(rasa)) == 1


def test_without_a_key_every_message_is_a_turn(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = begin(gateway)
    for _ in range(3):
        say(gateway, headers, text="Hallo")
    assert len(_turns(rasa)) == 3


def test_many_at_once_with_one_key_are_one_turn(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = _keyed(begin(gateway))
    rasa.messages, rasa.delay, rasa.pause = [GREETING, {"text": "zwei"}], 0.2, 0.2
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: say(gateway, headers, text="Hallo"), range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert _turns(rasa) == ["Hallo"]


def test_gone_in_the_middle_of_an_answer_and_back_with_the_key(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = _keyed(begin(gateway))
    rasa.messages, rasa.pause = [{"text": "eins"}, {"text": "zwei"}, {"text": "drei"}], 0.3
    stream = events(gateway, headers, text="Hallo")
    name, first, _ = next(stream)
    assert (name, first["text"]) == ("message", "eins")
    stream.close()
    assert rasa.finished == 1, "only the greeting's turn is over when the client goes"
    back = [data.get("text") for _, data, _ in events(gateway, headers, text="Hallo")]
    assert back == ["eins", "zwei", "drei", None]
    assert _turns(rasa) == ["Hallo"]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_client_that_goes_does_not_end_the_turn(gateway: httpx.Client, rasa: StandIn, accept: str) -> None:
    headers = begin(gateway)
    rasa.delay = 0.5
    with pytest.raises(httpx.ReadTimeout):
        gateway.post("/chat/messages", headers={**headers, "Accept": accept}, json={"text": "Hallo"}, timeout=0.1)
    assert (_turns(rasa), rasa.finished) == (["Hallo"], 1)
    end = time.monotonic() + 5
    while rasa.finished < 2 and time.monotonic() < end:
        time.sleep(0.05)
    assert rasa.finished == 2


def test_a_key_of_other_content_is_refused(gateway: httpx.Client, rasa: StandIn) -> None:
    session, payload = begun(gateway)
    headers = _keyed(session)
    assert say(gateway, headers, text="Hallo", language="de").status_code == 200
    for other in ({"text": "Hallo!"}, {"text": "Hallo"}, {"text": "Hallo", "language": "en"}, {"payload": payload}):
        error_of(say(gateway, headers, **other), 422, "key_reused")
    assert say(gateway, headers, text="Hallo", language="de").status_code == 200
    assert _turns(rasa) == ["Hallo"]


def test_a_repeated_message_does_not_change_the_language_again(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = begin(gateway)
    say(gateway, _keyed(headers), text="Hello", language="en")
    say(gateway, headers, text="Hallo", language="de")
    say(gateway, _keyed(headers), text="Hello", language="en")
    say(gateway, headers, text="Wie geht es?")
    assert [sent["language"] for sent in rasa.received] == ["de", "en", "de", "de"]


def test_a_key_means_nothing_in_another_session(gateway: httpx.Client, rasa: StandIn) -> None:
    say(gateway, _keyed(begin(gateway)), text="Mein Geheimnis")
    rasa.messages = [{"text": "für die Zweite"}]
    other = _keyed(begin(gateway))
    assert say(gateway, other, text="Hallo").json()["messages"][0]["text"] == "für die Zweite"
    assert _turns(rasa) == ["Mein Geheimnis", "Hallo"]


@pytest.mark.parametrize("key", ["", "a b", "ä", "a" * 65, "a,b", "../x", "a\tb"])
def test_unfit_keys_are_refused(gateway: httpx.Client, rasa: StandIn, key: str) -> None:
    headers = httpx.Headers({**begin(gateway), "Idempotency-Key": key}, encoding="latin-1")
    error_of(say(gateway, headers, text="Hallo"), 422, "bad_key")
    assert _turns(rasa) == []


@pytest.mark.parametrize("key", ["a", "A-z_0" * 12 + "abcd"])
def test_fit_keys_pass(gateway: httpx.Client, key: str) -> None:
    assert say(gateway, _keyed(begin(gateway), key), text="Hallo").status_code == 200


def test_after_a_failure_the_same_key_tries_again(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = _keyed(begin(gateway))
    rasa.status = 500
    error_of(say(gateway, headers, text="Hallo"), 503, "unavailable")
    rasa.status, rasa.done = 200, False
    error_of(say(gateway, headers, text="Hallo"), 503, "unavailable")
    rasa.done = True
    assert say(gateway, headers, text="Hallo").status_code == 200
    assert say(gateway, headers, text="Hallo").status_code == 200
    assert _turns(rasa) == ["Hallo"] * 3


def test_what_was_too_slow_goes_on_and_is_joined(start: StartGateway, rasa: StandIn) -> None:
    client = start(ANSWER_SECONDS="1")
    headers = _keyed(begin(client))
    rasa.delay = 1.4
    error_of(say(client, headers, text="Hallo"), 503, "unavailable")
    assert say(client, headers, text="Hallo").status_code == 200
    assert _turns(rasa) == ["Hallo"]


def test_repeats_do_not_count_against_the_session(start: StartGateway, rasa: StandIn) -> None:
    client = start(LIMITS="on", MESSAGES_PER_MINUTE="2")
    headers = begin(client)
    assert [say(client, _keyed(headers), text="Hallo").status_code for _ in range(6)] == [200] * 6
    assert say(client, headers, text="Hallo").status_code == 200
    error_of(say(client, headers, text="Hallo"), 429, "too_many_messages")
    error_of(say(client, _keyed(headers, "another"), text="Hallo"), 429, "too_many_messages")
    assert say(client, _keyed(headers), text="Hallo").status_code == 200
    assert len(_turns(rasa)) == 2


def test_repeats_count_against_the_address(start: StartGateway) -> None:
    client = start(LIMITS="on", ADDRESS_PER_MINUTE="4")
    headers = _keyed(begin(client))
    assert [say(client, headers, text="Hallo").status_code for _ in range(3)] == [200] * 3
    error_of(say(client, headers, text="Hallo"), 429, "too_many_requests")


def test_the_session_is_checked_before_the_key(start: StartGateway, gateway: httpx.Client) -> None:
    headers = _keyed(begin(gateway))
    say(gateway, headers, text="Hallo")
    error_of(say(gateway, {"Idempotency-Key": headers["Idempotency-Key"]}, text="Hallo"), 401, "no_session")
    error_of(say(start(RASA_PORT=str(free_port())), headers, text="Hallo"), 503, "unavailable")


async def _turn(gate: asyncio.Event | None = None, *texts: str) -> AsyncGenerator[Reply, None]:
    for text in texts or ("Ja.",):
        yield {"text": text}
    if gate is not None:
        await gate.wait()


async def _broken(error: Exception) -> AsyncGenerator[Reply, None]:
    yield {"text": "eins"}
    raise error


async def test_every_reader_reads_all_from_the_first_on() -> None:
    exchanges, gate = _exchanges(), asyncio.Event()
    exchange = exchanges.begin("s", None, "", _turn(gate, "eins", "zwei"))
    early = asyncio.create_task(exchange.replies())
    assert await exchange.reply(0) == {"text": "eins"}
    gate.set()
    assert await early == await exchange.replies() == [{"text": "eins"}, {"text": "zwei"}]
    assert await exchange.reply(2) is None


@pytest.mark.parametrize(("error", "code"), [(Unavailable("x"), "unavailable"), (RuntimeError("x"), "internal")])
async def test_a_broken_turn_is_told_to_every_reader(error: Exception, code: str) -> None:
    exchanges = _exchanges()
    exchange = exchanges.begin("s", "k", "", _broken(error))
    for _ in range(2):
        with pytest.raises(GatewayError) as told:
            await exchange.replies()
        assert told.value.code == code
    await asyncio.sleep(0)
    assert not exchanges.knows("s", "k")


async def test_a_turn_ends_at_its_limit() -> None:
    exchange = _exchanges(turn_seconds=0.05).begin("s", "k", "", _turn(asyncio.Event()))
    with pytest.raises(GatewayError):
        await exchange.replies()


async def test_an_ending_gateway_ends_its_turns() -> None:
    exchanges = _exchanges()
    exchange = exchanges.begin("s", None, "", _turn(asyncio.Event()))
    await exchange.reply(0)
    await exchanges.close()
    with pytest.raises(GatewayError) as told:
        await exchange.replies()
    assert told.value.code == "unavailable", "half an answer is none"


async def test_running_turns_are_bounded() -> None:
    exchanges, gate = _exchanges(most=2), asyncio.Event()
    for _ in range(2):
        exchanges.begin("s", None, "", _turn(gate))
    with pytest.raises(GatewayError) as told:
        exchanges.begin("s", "k", "", _turn(gate))
    assert (told.value.code, told.value.retry_after) == ("busy", 2)
    assert not exchanges.knows("s", "k")
    gate.set()
    await asyncio.sleep(0.01)
    assert await exchanges.begin("s", "k", "", _turn()).replies()


async def test_kept_exchanges_are_bounded_in_number() -> None:
    exchanges = _exchanges(most_kept=20)
    for number in range(MOST_OF_SESSION + 3):
        await exchanges.begin("s", str(number), "", _turn()).replies()
    assert [number for number in range(MOST_OF_SESSION + 3) if exchanges.knows("s", str(number))] == list(
        range(3, MOST_OF_SESSION + 3)
    )
    for number in range(40):
        await exchanges.begin(f"s{number}", "k", "", _turn()).replies()
    assert len(exchanges) == 20
    assert exchanges.knows("s39", "k") and not exchanges.knows("s", str(MOST_OF_SESSION))


async def test_kept_exchanges_are_bounded_in_time() -> None:
    exchanges = _exchanges(kept_seconds=0.3)
    await exchanges.begin("s", "k", "", _turn()).replies()
    assert exchanges.knows("s", "k")
    await asyncio.sleep(0.5)
    assert len(exchanges) == 0


async def test_a_key_that_began_anew_is_kept_for_its_own_time() -> None:
    exchanges = _exchanges(kept_seconds=0.6)
    await exchanges.begin("s", "k", "", _turn()).replies()
    await asyncio.sleep(0.4)
    exchanges.forget("s")
    await exchanges.begin("s", "k", "", _turn()).replies()
    await asyncio.sleep(0.3)
    assert exchanges.knows("s", "k")
