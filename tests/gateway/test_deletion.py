"""A conversation that was deleted is over: at Rasa, in the gateway's memory, and for its token."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from smartcity.gateway.errors import GatewayError
from smartcity.gateway.sessions import Ended, Session
from smartcity.privacy.pseudonyms import Pseudonyms
from smartcity.settings import read_settings

from ..ports import free_port
from .conftest import StartGateway
from .standin import SECRET, StandIn
from .steps import begin, begun, error_of, events, say

KREFELD = "https://www.krefeld.de"


def _delete(client: httpx.Client, headers: dict[str, str]) -> httpx.Response:
    return client.delete("/chat/sessions", headers=headers)


def test_rasa_is_told_and_the_session_is_over(gateway: httpx.Client, rasa: StandIn) -> None:
    headers, payload = begun(gateway)
    keyed = {**headers, "Idempotency-Key": "k"}
    say(gateway, keyed, text="Hallo")
    answer = _delete(gateway, headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert rasa.forgotten == [rasa.received[0]["sender"]]
    said = len(rasa.received)
    for again in (
        say(gateway, headers, text="Hallo"),
        say(gateway, keyed, text="Hallo"),
        say(gateway, headers, payload=payload),
        gateway.post("/chat/feedback", headers=headers, json={"rating": "5"}),
        _delete(gateway, headers),
    ):
        error_of(again, 401, "session_ended")
        assert again.headers["www-authenticate"] == "Bearer"
    assert (len(rasa.received), len(rasa.forgotten), rasa.rated) == (said, 1, [])


def test_other_sessions_go_on(gateway: httpx.Client, rasa: StandIn) -> None:
    one, other = begin(gateway), begin(gateway)
    _delete(gateway, one)
    assert say(gateway, other, text="Hallo").status_code == 200
    assert rasa.forgotten == [rasa.received[0]["sender"]]


def test_deletion_needs_the_token_from_its_own_origin(gateway: httpx.Client, rasa: StandIn) -> None:
    error_of(_delete(gateway, {}), 401, "no_session")
    error_of(_delete(gateway, {"Authorization": "Bearer x.y"}), 401, "bad_session")
    headers = begin(gateway, Origin=KREFELD)
    error_of(_delete(gateway, {"Authorization": headers["Authorization"]}), 403, "foreign_session")
    error_of(_delete(gateway, {**headers, "Origin": "https://evil.example"}), 403, "origin_not_allowed")
    assert not rasa.forgotten
    answer = _delete(gateway, headers)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == KREFELD


def test_deletion_that_failed_may_be_asked_for_again(gateway: httpx.Client, start: StartGateway, rasa: StandIn) -> None:
    headers = begin(gateway)
    rasa.forget_status = 500
    error_of(_delete(gateway, headers), 503, "unavailable")
    error_of(say(gateway, headers, text="Hallo"), 401, "session_ended")
    rasa.forget_status = 204
    assert _delete(gateway, headers).status_code == 204
    error_of(_delete(gateway, headers), 401, "session_ended")
    error_of(_delete(start(RASA_PORT=str(free_port())), begin(gateway)), 503, "unavailable")


@pytest.mark.parametrize("status", [200, 404, 401])
def test_only_rasas_own_word_counts_as_deleted(gateway: httpx.Client, rasa: StandIn, status: int) -> None:
    headers = begin(gateway)
    rasa.forget_status = status
    error_of(_delete(gateway, headers), 503, "unavailable")


def test_deletion_counts_against_the_address_only(start: StartGateway) -> None:
    client = start(LIMITS="on", MESSAGES_PER_MINUTE="1")
    headers = begin(client)
    say(client, headers, text="Hallo")
    error_of(say(client, headers, text="Hallo"), 429, "too_many_messages")
    assert _delete(client, headers).status_code == 204
    client = start(LIMITS="on", ADDRESS_PER_MINUTE="1")
    error_of(_delete(client, begin(client)), 429, "too_many_requests")


def test_a_turn_under_way_is_answered_and_not_kept(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = {**begin(gateway), "Idempotency-Key": "k"}
    rasa.messages, rasa.pause = [{"text": "eins"}, {"text": "zwei"}], 0.4
    stream = events(gateway, headers, text="Hallo")
    next(stream)
    assert _delete(gateway, headers).status_code == 204
    assert [name for name, _, _ in stream] == ["message", "done"]
    error_of(say(gateway, headers, text="Hallo"), 401, "session_ended")


def test_a_message_whose_body_comes_after_the_deletion_is_refused(gateway: httpx.Client, rasa: StandIn) -> None:
    headers = begin(gateway)
    said = len(rasa.received)

    def slowly():  # type: ignore[no-untyped-def]
        yield b'{"text": '
        time.sleep(0.5)
        yield b'"Hallo"}'

    with ThreadPoolExecutor(1) as pool:
        json = {**headers, "Content-Type": "application/json"}
        late = pool.submit(lambda: gateway.post("/chat/messages", headers=json, content=slowly()))
        time.sleep(0.2)
        assert _delete(gateway, headers).status_code == 204
        error_of(late.result(), 401, "session_ended")
    assert len(rasa.received) == said


def test_what_rasa_has_deleted_is_over_though_the_gateway_forgot(start: StartGateway, rasa: StandIn) -> None:
    """As after a restart of the gateway: the token holds, and Rasa refuses."""
    headers = begin(start())
    rasa.status = 410
    error_of(say(start(), headers, text="Hallo"), 401, "session_ended")


def test_ended_sessions_are_kept_until_they_expire_and_bounded() -> None:
    ended = Ended(most=10)
    soon = [Session(f"soon{number}", "", "de", time.time() + 0.5) for number in range(5)]
    later = [Session(f"later{number}", "", "de", time.time() + 1000) for number in range(30)]
    for session in soon:
        ended.add(session, deleted=True)
    with pytest.raises(GatewayError):
        ended.check(soon[0])
    time.sleep(0.6)
    for session in later:
        ended.add(session, deleted=False)
    assert len(ended) == 10
    ended.check(soon[0])
    with pytest.raises(GatewayError):
        ended.check(later[-1])
    assert not ended.deleted(later[-1])
    ended.add(later[-1], deleted=True)
    assert ended.deleted(later[-1])


# What the console has of it


def _notes(var: Path) -> list[tuple[str, int | None]]:
    with closing(sqlite3.connect(var / "console.db")) as connection:
        return connection.execute("SELECT pseudonym, done FROM erasures").fetchall()


def test_the_deletion_is_noted_for_the_console(start: StartGateway, rasa: StandIn, tmp_path: Path) -> None:
    client = start()
    headers = begin(client)
    assert _delete(client, headers).status_code == 204
    of = Pseudonyms(read_settings({"SMARTCITY_SECRET": SECRET})).of
    assert _notes(tmp_path) == [(of(rasa.received[0]["sender"]), None)]
    assert (tmp_path / "console.db").stat().st_mode & 0o077 == 0


def test_it_is_noted_even_if_rasa_fails(start: StartGateway, rasa: StandIn, tmp_path: Path) -> None:
    client = start()
    headers = begin(client)
    rasa.forget_status = 500
    error_of(_delete(client, headers), 503, "unavailable")
    assert len(_notes(tmp_path)) == 1
    rasa.forget_status = 204
    assert _delete(client, headers).status_code == 204
    assert len(_notes(tmp_path)) == 1


def test_what_cannot_be_noted_is_not_deleted(start: StartGateway, rasa: StandIn, tmp_path: Path) -> None:
    """Rather no deletion that a citizen can ask for again than one that leaves a trace behind."""
    client = start(DATABASE=f"sqlite:///{tmp_path}/folder.db")
    headers = begin(client)
    (tmp_path / "folder.db").mkdir()
    error_of(_delete(client, headers), 503, "unavailable")
    assert not rasa.forgotten
    (tmp_path / "folder.db").rmdir()
    assert _delete(client, headers).status_code == 204
    assert len(rasa.forgotten) == 1
