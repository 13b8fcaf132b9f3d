"""Encrypted rooms of Matrix: nio's client is the citizen; what is said there, by whom, and who may read it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from smartcity.gateway.channels import matrix_late

from ...conftest import StartGateway
from ...standin import StandIn
from ..conftest import Gateway
from ..echo import Echo
from ..homeserver import BOT, Homeserver
from .conftest import OTTO, QUESTION, ROOM, begin


def test_a_question_in_an_encrypted_room_is_answered_encrypted(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str], tmp_path: Path
) -> None:
    otto = citizen()
    with gateway(**settings):
        begin(homeserver, OTTO)
        otto.say(ROOM, QUESTION)
        heard = otto.wait(2)
    assert heard[0].startswith("Guten Tag! Hier antwortet der digitale Assistent")
    assert heard[1] == f"Antwort auf {QUESTION}"
    assert not otto.open and not otto.sealed
    assert [said["text"] for said in echo.received] == [QUESTION]
    seen = b"\n".join(homeserver.seen)
    assert b"KRuiser" not in seen and b"Assistent" not in seen
    assert {event["type"] for event in homeserver.events(ROOM)} == {"m.room.encrypted"}


def test_a_restart_keeps_device_and_keys(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str]
) -> None:
    otto = citizen()
    with gateway(**settings):
        begin(homeserver, OTTO)
        otto.say(ROOM, "eins")
        otto.wait(2)
    told = dict(homeserver.device_keys[BOT])
    otto.say(ROOM, "zwei")
    with gateway(**settings):
        otto.say(ROOM, "drei")
        assert otto.wait(4)[2:] == ["Antwort auf zwei", "Antwort auf drei"]
    assert homeserver.device_keys[BOT] == told and list(told) == ["KREFELD"]
    # The key that Otto gave the first process reads what he said to the second.
    sessions = [event["content"]["session_id"] for event in homeserver.events(ROOM, OTTO)]
    assert len(sessions) == 3 and len(set(sessions)) == 1
    assert not otto.open and not otto.sealed


def test_a_number_is_a_choice_and_stop_deletes(
    start: StartGateway, rasa: StandIn, homeserver: Homeserver, citizen: Any, settings: dict[str, str]
) -> None:
    otto = citizen()
    start(**settings)
    begin(homeserver, OTTO)
    otto.say(ROOM, "Hallo")
    assert otto.wait(2)[1].endswith("1. Was kostet das?")
    otto.say(ROOM, "1")
    otto.wait(3)
    assert rasa.received[1]["payload"] == '/ask_cost{"initiative": "kruiser"}'
    otto.say(ROOM, "Löschen")
    assert otto.wait(4)[3].startswith("Ich habe dieses Gespräch gelöscht.")
    assert rasa.forgotten == [rasa.received[0]["sender"]]
    assert not otto.open and not otto.sealed


def test_pictures_and_edits_in_encrypted_rooms(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str]
) -> None:
    otto = citizen()
    with gateway(**settings):
        begin(homeserver, OTTO)
        otto.say(ROOM, "bild.png", msgtype="m.image", url="mxc://x/y")
        assert otto.wait(2)[1].startswith("Ich kann nur Text lesen")
        new = {"msgtype": "m.text", "body": "Neu"}
        otto.say(ROOM, "* Neu", **{"m.relates_to": {"rel_type": "m.replace", "event_id": "$1"}, "m.new_content": new})
        assert otto.wait(3)[2] == "Zu Ihrer geänderten Nachricht:\nAntwort auf Neu"
    assert [said["text"] for said in echo.received] == ["Neu"]


def test_a_message_that_cannot_be_read_is_told_once_and_answered_when_its_key_comes(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(matrix_late, "GRACE_SECONDS", 0.3)
    otto = citizen()
    with gateway(**settings):
        begin(homeserver, OTTO)
        homeserver.held.add(BOT)
        otto.say(ROOM, "eins")
        heard = otto.wait(2)
        assert heard[0].startswith("Guten Tag!")
        assert heard[1].startswith("Ihre Nachricht ist verschlüsselt, und mir fehlt der Schlüssel dazu.")
        otto.say(ROOM, "zwei")
        asked = "sendToDevice"
        otto.until(
            lambda: any(b'"action": "request"' in raw or b'"action":"request"' in raw for raw in homeserver.seen)
        )
        assert f"{BOT} {asked}" in homeserver.calls
    homeserver.held.clear()
    with gateway(**settings):  # which knows what the one before could not read
        otto.give_key(ROOM, BOT)
        assert otto.wait(4)[2:] == ["Antwort auf eins", "Antwort auf zwei"]
    requests = [raw for raw in homeserver.seen if b"request_id" in raw and b"session_id" in raw]
    assert len(requests) == 1
    assert [said["text"] for said in echo.received] == ["eins", "zwei"]


def test_forged_events_leave_nothing(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(matrix_late, "GRACE_SECONDS", 0.3)
    otto, eve = citizen(), citizen("@eve:example.org", "TABLET")
    with gateway(**settings):
        begin(homeserver, OTTO, eve.user)
        mention = {"m.mentions": {"user_ids": [BOT]}}
        otto.say(ROOM, "echt", **mention)
        eve.say(ROOM, "auch echt", **mention)
        otto.until(lambda: len(echo.received) == 2)
        true = homeserver.events(ROOM, OTTO)[0]
        sealed = true["content"]
        for forged in (
            {**true, "sender": eve.user, "event_id": "$relabelled"},
            {**true, "event_id": "$again", "origin_server_ts": true["origin_server_ts"] + 1},
            {**true, "event_id": "$unknown", "content": {**sealed, "session_id": "A" * 43}},
            {
                **true,
                "event_id": "$broken",
                "content": {**sealed, "ciphertext": sealed["ciphertext"][:-8] + "AAAAAAAA"},
            },
            {**true, "event_id": "$short", "content": {**sealed, "ciphertext": "AA"}},
            {**true, "event_id": "$empty", "content": {}},
            {**true, "event_id": "$list", "content": {**sealed, "session_id": ["x"]}},
            {**true, "event_id": "$clear", "type": "m.room.message", "content": {"msgtype": "m.text", "body": BOT}},
        ):
            homeserver.put(ROOM, forged)
        homeserver.renamed[OTTO] = eve.user
        otto.say(ROOM, "nicht von Eve", **mention)
        homeserver.renamed.clear()
        otto.say(ROOM, "wieder echt", **mention)
        otto.until(lambda: len(echo.received) == 3)
    with gateway(**settings):
        # The one before knew in memory which messages it had read.
        homeserver.put(ROOM, {**true, "event_id": "$later", "origin_server_ts": true["origin_server_ts"] + 2})
        otto.say(ROOM, "zuletzt", **mention)
        otto.until(lambda: len(echo.received) == 4)
    assert [said["text"] for said in echo.received] == ["echt", "auch echt", "wieder echt", "zuletzt"]


def test_a_room_that_is_encrypted_later(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str]
) -> None:
    otto = citizen()
    with gateway(**settings):
        begin(homeserver, OTTO, encrypted=False)
        otto.say(ROOM, "offen")
        assert otto.wait(2) == otto.open
        homeserver.put(
            ROOM, {"type": "m.room.message", "sender": OTTO, "content": {"msgtype": "m.text", "body": "noch"}}
        )
        homeserver.turn_on(ROOM)
        otto.wait(3)
        otto.say(ROOM, "verschlossen")
        assert otto.wait(4)[2:] == ["Antwort auf noch", "Antwort auf verschlossen"]
        # A server that denies it later is not believed.
        homeserver.rooms[ROOM].encrypted = False
        homeserver.member(ROOM, "@x:example.org", "leave")
        homeserver.put(ROOM, {"type": "m.room.message", "sender": OTTO, "content": {"msgtype": "m.text", "body": "x"}})
        otto.say(ROOM, "immer noch")
        assert otto.wait(5)[4] == "Antwort auf immer noch"
    with gateway(**settings):
        otto.say(ROOM, "und nach dem Neustart")
        otto.wait(6)
    assert len(otto.open) == 2 and not otto.sealed


def test_unencrypted_rooms_stay_as_they_were(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str]
) -> None:
    otto = citizen()
    with gateway(**settings):
        begin(homeserver, OTTO, encrypted=False)
        otto.say(ROOM, QUESTION)
        otto.wait(2)
    assert {event["type"] for event in homeserver.events(ROOM)} == {"m.room.message"}
    assert otto.open == otto.heard


def test_a_busy_homeserver_gets_each_part_once(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str]
) -> None:
    otto = citizen()
    busy = {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1500}
    with gateway(**settings):
        begin(homeserver, OTTO)
        homeserver.answers = [(429, busy), (502, {}), (500, {})]
        began = time.monotonic()
        otto.say(ROOM, "eins")
        otto.say(ROOM, "zwei")
        heard = otto.wait(3)
        assert time.monotonic() - began > 1.5
    assert heard[1:] == ["Antwort auf eins", "Antwort auf zwei"]
    assert len(homeserver.events(ROOM)) == 3


def test_in_encrypted_rooms_of_many(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str]
) -> None:
    """Only mentions; whoever comes reads what follows, whoever has gone does not, a new device does."""
    otto, eve = citizen(), citizen("@eve:example.org")
    mention = {"m.mentions": {"user_ids": [BOT]}}
    with gateway(**settings):
        begin(homeserver, OTTO, eve.user, "@third:example.org")
        otto.say(ROOM, "Wer geht essen?")
        otto.say(ROOM, "krefeld: eins", **mention)
        assert otto.wait(2)[1] == "Antwort auf eins"
        assert eve.wait(2) == otto.heard
        homeserver.member(ROOM, eve.user, "leave")
        otto.say(ROOM, "zwei", **mention)
        otto.wait(3)
        laptop = citizen(OTTO, "LAPTOP")
        otto.say(ROOM, "drei", **mention)
        otto.wait(4)
        laptop.until(lambda: laptop.heard == ["Antwort auf drei"])
        # Whoever keeps what the server has gets nothing out of it.
        homeserver.rooms[ROOM].members[eve.user] = "join"
        eve.until(lambda: eve.sealed == 2)
    assert [said["text"] for said in echo.received] == ["eins", "zwei", "drei"]
    assert set(eve.heard) == set(otto.heard[:2])


def test_devices_that_change_while_keys_are_given_to_them(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str]
) -> None:
    otto = citizen()
    with gateway(**settings):
        begin(homeserver, OTTO)
        otto.say(ROOM, "eins")
        otto.wait(2)
        laptop = citizen(OTTO, "LAPTOP")
        homeserver.waits = True
        given = homeserver.calls.count(f"{BOT} sendToDevice")
        otto.say(ROOM, "zwei")
        otto.until(lambda: homeserver.calls.count(f"{BOT} sendToDevice") > given or len(echo.received) == 2)
        asked = homeserver.calls.count(f"{BOT} keys")
        tablet = citizen(OTTO, "TABLET")
        otto.say(ROOM, "drei")
        otto.until(lambda: homeserver.calls.count(f"{BOT} keys") > asked)
        time.sleep(0.2)
        homeserver.waits = False
        assert otto.wait(4)[2:] == ["Antwort auf zwei", "Antwort auf drei"]
        assert laptop.wait(2) == otto.heard[2:]
        assert tablet.wait(1)
    assert not otto.sealed
