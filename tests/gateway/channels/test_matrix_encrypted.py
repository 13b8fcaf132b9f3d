"""Encrypted rooms of Matrix: nio's client is the citizen, the homeserver reads nothing."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity.gateway.channels import matrix_late

from ...databases import postgresql_url
from ..conftest import StartGateway
from ..standin import StandIn, running
from .citizen import Citizen
from .conftest import MATRIX_SETTINGS, Gateway, rows, store_of, until
from .echo import Echo
from .homeserver import BOT, Homeserver

ROOM = "!secret:example.org"
OTTO = "@otto:example.org"
QUESTION = "Was kostet der KRuiser?"
OFF = {"TELEGRAM_TOKEN": "", "WHATSAPP_TOKEN": "", "MESSENGER_TOKEN": "", "TWILIO_ACCOUNT": "", "SLACK_TOKEN": ""}


@pytest.fixture(scope="module")
def _server() -> Iterator[tuple[Homeserver, str]]:
    homeserver = Homeserver()
    with running(homeserver.app) as port:
        yield homeserver, f"http://127.0.0.1:{port}"


@pytest.fixture
def homeserver(_server: tuple[Homeserver, str]) -> Homeserver:
    _server[0].reset()
    return _server[0]


@pytest.fixture
def settings(_server: tuple[Homeserver, str]) -> dict[str, str]:
    return {**MATRIX_SETTINGS, **OFF, "PLATFORM_BASE": _server[1]}


@pytest.fixture
def citizen(
    homeserver: Homeserver, _server: tuple[Homeserver, str], tmp_path: Path
) -> Iterator[Callable[..., Citizen]]:
    """citizen("@otto:example.org", "PHONE") is somebody with a device."""
    made: list[Citizen] = []

    def make(user: str = OTTO, device: str = "PHONE") -> Citizen:
        made.append(Citizen(homeserver, _server[1], tmp_path / "citizens", user, device))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _ready(homeserver: Homeserver) -> None:
    """Wait until the assistant is there: it has told its keys, and has asked for news once."""
    until(lambda: homeserver.one_time_keys[BOT, "KREFELD"] and f"{BOT} sync" in homeserver.calls)


def _invited(homeserver: Homeserver, *members: str, encrypted: bool = True) -> None:
    homeserver.create(ROOM, *members, encrypted=encrypted)
    homeserver.member(ROOM, BOT, "invite")
    until(lambda: homeserver.rooms[ROOM].members[BOT] == "join")


def test_a_question_in_an_encrypted_room_is_answered_encrypted(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str], tmp_path: Path
) -> None:
    otto = citizen()
    with gateway(**settings):
        _ready(homeserver)
        _invited(homeserver, OTTO)
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
        _ready(homeserver)
        _invited(homeserver, OTTO)
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
    _ready(homeserver)
    _invited(homeserver, OTTO)
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
        _ready(homeserver)
        _invited(homeserver, OTTO)
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
        _ready(homeserver)
        _invited(homeserver, OTTO)
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
        _ready(homeserver)
        _invited(homeserver, OTTO, eve.user)
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
        _ready(homeserver)
        _invited(homeserver, OTTO, encrypted=False)
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
        _ready(homeserver)
        _invited(homeserver, OTTO, encrypted=False)
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
        _ready(homeserver)
        _invited(homeserver, OTTO)
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
        _ready(homeserver)
        _invited(homeserver, OTTO, eve.user, "@third:example.org")
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
        _ready(homeserver)
        _invited(homeserver, OTTO)
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


def test_keys_are_sealed_and_in_no_log(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str], tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    otto = citizen()
    with caplog.at_level(logging.DEBUG), gateway(**settings):
        _ready(homeserver)
        _invited(homeserver, OTTO)
        otto.say(ROOM, "Hallo")
        otto.wait(2)
    with closing(sqlite3.connect(tmp_path / "channels.db")) as connection:
        kept = connection.execute("SELECT channel, name, content FROM channel_kept").fetchall()
    assert len(kept) >= 5
    own = homeserver.device_keys[BOT]["KREFELD"]["keys"]["curve25519:KREFELD"]
    sender = homeserver.events(ROOM, OTTO)[0]["content"]
    for secret in ("otto", "KREFELD", "PHONE", own, sender["session_id"], sender["sender_key"]):
        assert secret not in repr(kept)
        # The citizen's own store logs with peewee.
        assert not [line for line in caplog.records if line.name != "peewee" and secret in line.getMessage()]
    for path in tmp_path.glob("channels.db*"):
        assert path.stat().st_mode & 0o777 == 0o600
        assert sender["session_id"].encode() not in path.read_bytes()


def test_devices_are_forgotten_with_the_last_room(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str], tmp_path: Path
) -> None:
    otto = citizen()

    def kept() -> int:
        return len(rows(tmp_path, "channel_kept"))

    with gateway(**settings):
        _ready(homeserver)
        before = kept()
        _invited(homeserver, OTTO)
        otto.say(ROOM, "Hallo")
        otto.wait(2)
        # The room, its key, a device, a session.
        until(lambda: kept() >= before + 4)
        many = kept()
        homeserver.gone(OTTO)
        homeserver.member(ROOM, "@x:example.org", "leave")
        until(lambda: kept() < many)
        assert kept() == before + 2, "the room and its key"
        otto.say(ROOM, "Noch da?")
        otto.wait(3)
    assert not otto.sealed


def test_other_keys_of_the_same_device_are_never_told(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str], tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """With another VAR or master secret encrypted rooms are not answered, and the log says why; others are."""
    otto = citizen()
    with gateway(**settings):
        _ready(homeserver)
        _invited(homeserver, OTTO)
        otto.say(ROOM, "eins")
        otto.wait(2)
    told = dict(homeserver.device_keys[BOT])
    with gateway(**settings, VAR=str(tmp_path / "other")):
        homeserver.create("!open:example.org", OTTO, encrypted=False)
        homeserver.member("!open:example.org", BOT, "invite")
        until(lambda: homeserver.rooms["!open:example.org"].members[BOT] == "join")
        otto.say(ROOM, "zwei")
        otto.say("!open:example.org", "drei")
        otto.until(lambda: len(echo.received) == 2)
    assert [said["text"] for said in echo.received] == ["eins", "drei"]
    assert homeserver.device_keys[BOT] == told
    assert "encrypted rooms: the homeserver knows other keys of this device" in caplog.text
    with gateway(**settings):
        otto.until(lambda: "zwei" in [said["text"] for said in echo.received])


def test_a_backup_that_is_restored_answers_again(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str], tmp_path: Path
) -> None:
    """Its sessions are older than those of the devices: others are begun, so that no key is used twice."""
    otto = citizen()
    with gateway(**settings):
        _ready(homeserver)
        _invited(homeserver, OTTO)
        otto.say(ROOM, "eins")
        otto.wait(2)
    before = (tmp_path / "channels.db").read_bytes()
    for text in ("zwei", "drei"):
        with gateway(**settings):
            otto.say(ROOM, text)
            otto.until(lambda text=text: otto.heard[-1] == f"Antwort auf {text}")
    for path in tmp_path.glob("channels.db*"):
        path.unlink()
    (tmp_path / "channels.db").write_bytes(before)
    with gateway(**settings):
        otto.say(ROOM, "vier")
        otto.until(lambda: otto.heard[-1] == "Antwort auf vier")
    assert not otto.sealed


def test_of_several_processes_one_asks_and_answers(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str], tmp_path: Path
) -> None:
    """Whoever takes over has all keys, and uses none twice."""
    otto = citizen()
    with ExitStack() as first, ExitStack() as second, postgresql_url() as url:
        store = second.enter_context(closing(store_of(tmp_path, DATABASE=url)))
        first.enter_context(gateway(**settings, DATABASE=url))
        _ready(homeserver)
        second.enter_context(gateway(**settings, DATABASE=url))
        _invited(homeserver, OTTO)
        for number in range(4):
            with store.writing() as connection:
                # As if the one that asks had been too slow.
                connection.execute(sa.text("UPDATE channel_leases SET owner = 'nobody', until = 0"))
            otto.say(ROOM, str(number))
            otto.wait(number + 2)
        first.close()
        otto.say(ROOM, "zuletzt")
        otto.wait(6)
        second.close()
    assert otto.heard[1:] == [f"Antwort auf {number}" for number in range(4)] + ["Antwort auf zuletzt"]
    assert not otto.open and not otto.sealed
    assert list(homeserver.device_keys[BOT]) == ["KREFELD"]


def test_check_tells_whether_encrypted_rooms_are_answered(
    gateway: Gateway, homeserver: Homeserver, check: Any, settings: dict[str, str], tmp_path: Path
) -> None:
    code, told = check(**settings)
    assert code == 0
    assert "matrix: ok: encrypted rooms are answered; the keys of the device KREFELD are made at the start" in told
    assert not (tmp_path / "channels.db").exists(), "who only looks makes nothing"
    with gateway(**settings):
        _ready(homeserver)
        own = homeserver.device_keys[BOT]["KREFELD"]["keys"]["ed25519:KREFELD"]
        line = f"matrix: ok: encrypted rooms are answered; the device is KREFELD, its fingerprint {own}"
        code, told = check(**settings)
        assert code == 0 and line in told
    code, told = check(**settings, SECRET="f" * 64)
    assert code == 1
    assert "matrix: WRONG: encrypted rooms are not answered: the homeserver knows other keys of the device" in told
    homeserver.accounts["matrix-token"] = (BOT, "")
    code, told = check(**settings)
    assert code == 1
    assert "matrix: WRONG: the token belongs to no device, so encrypted rooms are not answered" in told
