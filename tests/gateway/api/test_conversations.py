"""Conversations of integrators: begun, held, fetched, rated, deleted; each belongs to one key."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from smartcity.gateway.api.conversations import Conversations
from smartcity.gateway.api.keys import ApiKeys
from smartcity.gateway.api.records import Records
from smartcity.gateway.exchanges import Exchange
from smartcity.gateway.switch import Switch
from smartcity.settings import read_settings

from ...ports import free_port
from ..conftest import StartGateway
from ..standin import GREETING, SECRET, StandIn
from ..steps import error_of
from .conftest import CITY, MakeHolder
from .steps import BEGIN, begin, eventually, fetch, say


def _said(rasa: StandIn) -> list[str]:
    """What was said to Rasa after the greetings."""
    return [sent.get("text", sent.get("payload")) for sent in rasa.received if sent.get("payload") != "/greet"]


def test_a_conversation_begins_with_the_greeting(api: httpx.Client, rasa: StandIn) -> None:
    answer = api.post(BEGIN, json={"language": "en"})
    assert answer.status_code == 201 and answer.headers["cache-control"] == "no-store"
    assert answer.json()["messages"][0]["text"] == GREETING["text"]
    [sent] = rasa.received
    assert sent.pop("sender").startswith("api:")
    assert sent.pop("key")
    assert sent == {"payload": "/greet", "language": "en", "channel": "api"}


def test_the_body_may_be_left_out(api: httpx.Client, rasa: StandIn) -> None:
    assert api.post(BEGIN).status_code == 201
    assert rasa.received[0]["language"] == "de"


def test_replies_come_in_the_answer(api: httpx.Client, rasa: StandIn) -> None:
    place = begin(api)
    answer = say(api, place, text="Was kostet der KRuiser?")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert answer.json()["messages"][0]["source"] == GREETING["source"]
    first, second = rasa.received
    assert second.pop("key") != first["key"]
    assert second == {"sender": first["sender"], "text": "Was kostet der KRuiser?", "language": "de", "channel": "api"}


def test_replies_come_as_events(api: httpx.Client) -> None:
    answer = say(api, begin(api), {"Accept": "text/event-stream"}, text="Hallo")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    message, done = answer.text.strip().split("\n\n")
    assert message.startswith("event: message\ndata: {")
    assert done.startswith('event: done\ndata: {"exchange":')


def test_a_language_counts_for_its_message(api: httpx.Client, rasa: StandIn) -> None:
    place = begin(api, language="de-simple")
    say(api, place, text="Hello", language="en")
    say(api, place, text="Hallo")
    assert [sent["language"] for sent in rasa.received] == ["de-simple", "en", "de-simple"]


def test_a_button_is_pressed_by_its_payload(api: httpx.Client, rasa: StandIn) -> None:
    answer = api.post(BEGIN).json()
    payload = answer["messages"][0]["buttons"][0]["payload"]
    assert "ask_cost" not in payload
    assert say(api, f"{BEGIN}/{answer['id']}", payload=payload).status_code == 200
    assert _said(rasa) == ['/ask_cost{"initiative": "kruiser"}']
    error_of(say(api, begin(api), payload=payload), 400, "bad_payload")
    error_of(say(api, begin(api), payload="/restart"), 400, "bad_payload")


def test_the_same_key_is_the_same_message(api: httpx.Client, rasa: StandIn) -> None:
    place, headers = begin(api), {"Idempotency-Key": "k-1"}
    first = say(api, place, headers, text="Hallo").json()
    assert say(api, place, headers, text="Hallo").json() == first
    error_of(say(api, place, headers, text="Hallo!"), 422, "key_reused")
    error_of(say(api, place, {"Idempotency-Key": "a b"}, text="Hallo"), 422, "bad_key")
    assert _said(rasa) == ["Hallo"]
    assert say(api, begin(api), headers, text="Hallo").json() != first, "a key belongs to its conversation"


def test_many_at_once_with_one_key_are_one_message(api: httpx.Client, rasa: StandIn) -> None:
    place, headers = begin(api), {"Idempotency-Key": "k-1"}
    rasa.delay = 0.3
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: say(api, place, headers, text="Hallo").text, range(8)))
    assert len(set(answers)) == 1 and _said(rasa) == ["Hallo"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "text_or_payload"),
        ({"text": "a", "payload": "b"}, "text_or_payload"),
        ({"text": 1}, "wrong_type"),
        ({"text": " "}, "blank"),
        ({"text": "a" * 1001}, "too_long"),
        ({"text": "a", "language": "fr"}, "unknown_language"),
        ({"text": "a", "callback": "yes"}, "not_a_flag"),
        ({"text": "a", "callback": 1}, "not_a_flag"),
        ({"text": "a", "sender": "x"}, "unknown_key"),
        ({"text": "a", "callback": True}, "no_callback"),
    ],
)
def test_unfit_fields_are_refused(api: httpx.Client, rasa: StandIn, fields: dict[str, object], code: str) -> None:
    error_of(say(api, begin(api), **fields), 422, code)
    assert _said(rasa) == []


def test_bodies_are_bounded(api: httpx.Client) -> None:
    place = begin(api)
    error_of(say(api, place, text="x" * 20_000), 413, "body_too_large")
    error_of(api.post(f"{place}/messages", content=b"text=x"), 415, "not_json")
    json_type = {"Content-Type": "application/json"}
    error_of(api.post(f"{place}/messages", content=b"{", headers=json_type), 400, "malformed_json")


# Fetching


def test_replies_are_fetched_by_number(api: httpx.Client) -> None:
    place = begin(api)
    numbers = [say(api, place, {"Idempotency-Key": f"k-{n}"}, text=f"Frage {n}").json()["exchange"] for n in range(3)]
    greeting, *rest = fetch(api, place)
    assert greeting["key"] is None and greeting["state"] == "done"
    assert [found["exchange"] for found in rest] == numbers == sorted(set(numbers))
    assert [found["key"] for found in rest] == ["k-0", "k-1", "k-2"]
    assert rest[0]["messages"][0]["text"] == GREETING["text"] and rest[0]["error"] is None
    assert fetch(api, place, numbers[0]) == rest[1:]
    assert fetch(api, place, numbers[-1]) == []


def test_what_is_under_way_is_open_and_what_failed_is_told(api: httpx.Client, rasa: StandIn) -> None:
    place = begin(api)
    rasa.messages, rasa.pause = [{"text": "eins"}, {"text": "zwei"}], 0.5
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(say, api, place, text="Hallo")
        eventually(lambda: fetch(api, place)[-1]["messages"][:1] and len(fetch(api, place)) == 2)
        assert fetch(api, place)[-1]["state"] == "open"
        assert waiting.result().status_code == 200
    assert [message["text"] for message in fetch(api, place)[-1]["messages"]] == ["eins", "zwei"]
    rasa.done, rasa.pause = False, 0
    error_of(say(api, place, text="Hallo"), 503, "unavailable")
    failed = fetch(api, place)[-1]
    assert failed["state"] == "failed" and failed["error"]["code"] == "unavailable"


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "", "²", "1" * 17])
def test_unfit_numbers_are_refused(api: httpx.Client, after: str) -> None:
    error_of(api.get(f"{begin(api)}/messages", params={"after": after}), 422, "bad_cursor")


def test_unknown_parameters_are_refused(api: httpx.Client) -> None:
    place = begin(api)
    error_of(api.get(f"{place}/messages?since=1"), 422, "bad_query")
    error_of(api.get(f"{place}/messages?after=1&after=2"), 422, "bad_query")


async def test_the_record_is_bounded_in_number_and_time() -> None:
    records = Records(kept_seconds=0.3, most_kept=5, most_of_conversation=3)
    for _ in range(4):
        records.add("a", None, Exchange(""))
    assert len(records.after("a", 0)) == 3
    for name in "bcd":
        records.add(name, None, Exchange(""))
    assert len(records) == 5 and len(records.after("a", 0)) == 2 and len(records.after("d", 0)) == 1
    numbers = [entry.number for entry in records.after("a", 0)]
    assert numbers == sorted(set(numbers))
    await asyncio.sleep(0.5)
    assert len(records) == 0


# Whose it is


def test_another_key_finds_nothing(api: httpx.Client, holder: MakeHolder, rasa: StandIn) -> None:
    place, other = begin(api), holder()
    say(api, place, text="Mein Geheimnis")
    for answer in (
        say(api, place, other, text="Hallo"),
        api.get(f"{place}/messages", headers=other),
        api.post(f"{place}/feedback", json={"rating": "5"}, headers=other),
        api.delete(place, headers=other),
    ):
        error_of(answer, 404, "unknown_conversation")
    assert _said(rasa) == ["Mein Geheimnis"] and rasa.rated == [] and rasa.forgotten == []


def test_guessed_ids_find_nothing(api: httpx.Client, rasa: StandIn) -> None:
    named = begin(api).rpartition("/")[2]
    for place in range(0, len(named), 3):
        other = "A" if named[place] != "A" else "B"
        guess = named[:place] + other + named[place + 1 :]
        error_of(api.get(f"{BEGIN}/{guess}/messages"), 404, "unknown_conversation")
    for guess in ("x", "A" * 55, named + "=", named + "A", named[:-1], "%C3%A4", "%00", "a%20b"):
        error_of(api.get(f"{BEGIN}/{guess}/messages"), 404, "unknown_conversation")
    assert len(rasa.received) == 1


def test_an_id_outlives_the_gateway(start: StartGateway, holder: MakeHolder) -> None:
    headers = holder()
    place = begin(start(), headers)
    assert say(start(), place, headers, text="Hallo").status_code == 200


def test_a_session_of_the_chat_is_no_key_and_a_key_no_session(api: httpx.Client) -> None:
    session = api.post("/chat/sessions", headers={"Authorization": ""}).json()["session"]
    error_of(api.post(BEGIN, headers={"Authorization": f"Bearer {session}"}), 401, "bad_api_key")
    error_of(api.post("/chat/messages", json={"text": "x"}), 401, "bad_session")


# The person


REFERENCE = "Erika-Mustermann-0151234567"


def test_the_reference_reaches_neither_rasa_nor_logs_nor_files(
    start: StartGateway, holder: MakeHolder, rasa: StandIn, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    client, headers = start(), holder()
    with caplog.at_level(logging.DEBUG):
        place = begin(client, headers, user=REFERENCE)
        answer = say(client, place, headers, text="Hallo")
        client.post(BEGIN, json={"user": REFERENCE, "language": "fr"}, headers=headers)
        client.post(f"{place}/feedback", json={"rating": "5"}, headers=headers)
        client.delete(place, headers=headers)
    told = caplog.text + json.dumps(rasa.received + rasa.rated + rasa.forgotten) + answer.text + place
    assert REFERENCE not in told
    assert base64.b64encode(REFERENCE.encode()).decode()[:20] not in told
    assert not any(REFERENCE.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_pseudonyms_are_stable_and_each_keys_own(keys: ApiKeys, tmp_path: Path) -> None:
    settings = read_settings({"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": SECRET})
    one, other = (keys.create(name, ("messages",), None, 1)[0] for name in ("one", "other"))
    conversations = Conversations(settings)
    first, second = (conversations.begin(one, REFERENCE, "de") for _ in range(2))
    assert first.person == second.person and first.session != second.session
    assert conversations.begin(other, REFERENCE, "de").person != first.person
    assert conversations.begin(one, "somebody else", "de").person != first.person
    assert conversations.begin(one, None, "de").person != conversations.begin(one, None, "de").person
    assert conversations.open(one, first.id) == first


@pytest.mark.parametrize("user", ["", "x" * 201])
def test_unfit_references_are_refused(api: httpx.Client, rasa: StandIn, user: str) -> None:
    error_of(api.post(BEGIN, json={"user": user}), 422, "bad_user")
    assert rasa.received == []


def test_half_a_surrogate_pair_is_a_reference_like_any_other(api: httpx.Client) -> None:
    body = b'{"user": "\\ud800"}'
    assert api.post(BEGIN, content=body, headers={"Content-Type": "application/json"}).status_code == 201


def test_a_person_is_limited_over_all_conversations(start: StartGateway, holder: MakeHolder) -> None:
    client, headers = start(LIMITS="on", MESSAGES_PER_MINUTE="3"), holder()
    places = [begin(client, headers, user=REFERENCE) for _ in range(2)]
    assert say(client, places[0], headers, text="Hallo").status_code == 200
    error_of(say(client, places[1], headers, text="Hallo"), 429, "too_many_messages")
    nobody = begin(client, headers)
    assert [say(client, nobody, headers, text="Hallo").status_code for _ in range(3)] == [200, 200, 429]


# Rating and deleting


def test_feedback_goes_to_rasa(api: httpx.Client, rasa: StandIn) -> None:
    place = begin(api)
    message = say(api, place, text="Hallo").json()["messages"][0]["id"]
    answer = api.post(f"{place}/feedback", json={"message": message, "rating": "down", "comment": " zu lang\x00 "})
    assert answer.status_code == 204 and answer.content == b""
    [rated] = rasa.rated
    assert rated.pop("sender") == rasa.received[0]["sender"]
    assert rated == {"message": message, "rating": "down", "comment": " zu lang "}
    error_of(api.post(f"{place}/feedback", json={"rating": "up"}), 422, "bad_rating")
    rasa.rate_status = 404
    error_of(api.post(f"{place}/feedback", json={"message": "x", "rating": "up"}), 404, "unknown_message")
    error_of(api.post(f"{place}/feedback", json={"rating": "1"}), 404, "unknown_conversation")
    rasa.rate_status = 500
    error_of(api.post(f"{place}/feedback", json={"rating": "1"}), 503, "unavailable")


def test_a_deleted_conversation_is_gone(api: httpx.Client, rasa: StandIn) -> None:
    place, headers = begin(api), {"Idempotency-Key": "k-1"}
    say(api, place, headers, text="Hallo")
    assert [api.delete(place).status_code for _ in range(2)] == [204, 204]
    assert rasa.forgotten == [rasa.received[0]["sender"]] * 2
    error_of(say(api, place, headers, text="Hallo"), 404, "unknown_conversation")
    error_of(api.get(f"{place}/messages"), 404, "unknown_conversation")
    error_of(api.post(f"{place}/feedback", json={"rating": "5"}), 404, "unknown_conversation")


def test_a_deletion_that_is_not_certain_may_be_asked_for_again(api: httpx.Client, rasa: StandIn) -> None:
    place = begin(api)
    rasa.forget_status = 500
    error_of(api.delete(place), 503, "unavailable")
    error_of(say(api, place, text="Hallo"), 404, "unknown_conversation")
    rasa.forget_status = 204
    assert api.delete(place).status_code == 204


def test_what_rasa_has_deleted_is_unknown(api: httpx.Client, rasa: StandIn) -> None:
    place = begin(api)
    rasa.status = 410
    error_of(say(api, place, text="Hallo"), 404, "unknown_conversation")


# Around it


def test_the_switch_ends_conversations_and_content_but_not_deletion(
    start: StartGateway, holder: MakeHolder, rasa: StandIn, tmp_path: Path
) -> None:
    rasa.content = CITY
    client, headers = start(), holder()
    place = begin(client, headers)
    switch = Switch(read_settings({"SMARTCITY_VAR": str(tmp_path)}))
    switch.turn_off()
    for answer in (
        client.post(BEGIN, headers=headers),
        say(client, place, headers, text="Hallo"),
        client.get(f"{place}/messages", headers=headers),
        client.get("/api/v1/content", headers=headers),
    ):
        error_of(answer, 503, "switched_off")
    assert client.post(f"{place}/feedback", json={"rating": "5"}, headers=headers).status_code == 204
    assert client.delete(place, headers=headers).status_code == 204
    assert _said(rasa) == [] and rasa.content_asked == 0
    switch.turn_on()
    assert begin(client, headers)


def test_browsers_are_refused(api: httpx.Client, start: StartGateway, holder: MakeHolder, rasa: StandIn) -> None:
    allowed, headers = start(ORIGINS="https://www.krefeld.de"), holder()
    own = f"http://{api.base_url.netloc.decode()}"
    for client, origin in ((api, "https://evil.example"), (api, own), (allowed, "https://www.krefeld.de")):
        for method, address in (("POST", BEGIN), ("GET", "/api/v1/content"), ("GET", "/api/v1/openapi.json")):
            answer = client.request(method, address, headers={**headers, "Origin": origin})
            error_of(answer, 403, "no_browsers")
            assert not [name for name in answer.headers if name.startswith("access-control-")]
        preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = client.options(BEGIN, headers=preflight)
        error_of(answer, 403, "no_browsers")
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert rasa.received == []


def test_security_headers_are_there(api: httpx.Client) -> None:
    for answer in (api.post(BEGIN), api.get("/api/v1/openapi.json"), api.get(f"{BEGIN}/x/messages")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_access_log_names_no_conversation(api: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    place = begin(api)
    with caplog.at_level(logging.INFO, "smartcity.gateway.access"):
        say(api, place, text="Hallo")
        # The line is written when the answer is on its way.
        eventually(lambda: "messages" in caplog.text)
    assert place.rpartition("/")[2] not in caplog.text
    assert "/api/v1/conversations/{id}/messages" in caplog.text


def test_while_rasa_is_down_it_is_503(start: StartGateway, holder: MakeHolder) -> None:
    client, headers = start(RASA_PORT=str(free_port())), holder()
    error_of(client.post(BEGIN, headers=headers), 503, "unavailable")
    error_of(client.get("/api/v1/content", headers=headers), 503, "unavailable")


def test_errors_speak_the_language_of_the_conversation(api: httpx.Client) -> None:
    place = begin(api, language="en")
    assert "Please" in error_of(say(api, place, text=""), 422, "blank")["message"]
    assert "Bitte" in error_of(say(api, begin(api), text=""), 422, "blank")["message"]


def test_the_database_of_keys_is_all_that_is_kept(api: httpx.Client, keys: ApiKeys, tmp_path: Path) -> None:
    say(api, begin(api, user=REFERENCE), text="Hallo")
    with sqlite3.connect(keys.path) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    database.close()
    assert tables == ["api_keys"]
