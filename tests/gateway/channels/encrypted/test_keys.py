"""Keys of encrypted rooms: how they are kept, forgotten, restored, and shared by processes."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ....databases import postgresql_url
from ..conftest import Gateway, rows, store_of, until
from ..echo import Echo
from ..homeserver import BOT, Homeserver
from .conftest import OTTO, ROOM, begin, invited, ready


def test_keys_are_sealed_and_in_no_log(
    gateway: Gateway, homeserver: Homeserver, echo: Echo, citizen: Any, settings: dict[str, str], tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    otto = citizen()
    with caplog.at_level(logging.DEBUG), gateway(**settings):
        begin(homeserver, OTTO)
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
        ready(homeserver)
        before = kept()
        invited(homeserver, OTTO)
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
        begin(homeserver, OTTO)
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
        begin(homeserver, OTTO)
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
        ready(homeserver)
        second.enter_context(gateway(**settings, DATABASE=url))
        invited(homeserver, OTTO)
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
        ready(homeserver)
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
