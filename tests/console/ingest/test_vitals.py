"""What operators are told of reader and mailer, on both kinds of database."""

from __future__ import annotations

import re
import time

import pytest
import sqlalchemy as sa

from smartcity.console.vitals import Vitals
from smartcity.inquiries.tables import inquiries, outbox
from smartcity.privacy.tracker_store import EVENTS

from .conftest import Place


def _value(vitals: Vitals, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", vitals.tell().decode(), re.MULTILINE)
    assert found, name
    return float(found[1])


def test_what_the_reader_has_not_read(place: Place) -> None:
    vitals = Vitals(place.settings, place.console, place.log.engine)
    assert _value(vitals, "smartcity_reader_unread_events") == 0
    place.log.turn("web:1", "Hallo", first=True)
    place.log.turn("web:2", "Hallo", first=True)
    assert _value(vitals, "smartcity_reader_unread_events") == len(place.log.ids())
    with place.log.engine.connect() as connection:
        oldest = connection.execute(sa.select(sa.func.min(EVENTS.c.timestamp))).scalar()
    assert _value(vitals, "smartcity_reader_behind_seconds") == pytest.approx(max(time.time() - oldest, 0), abs=60)
    place.reader.read_all()
    assert _value(vitals, "smartcity_reader_unread_events") == 0
    assert _value(vitals, "smartcity_reader_behind_seconds") == 0
    assert _value(vitals, 'smartcity_up{part="tracker_store"}') == 1


def test_mails_that_wait_and_mails_given_up(place: Place) -> None:
    vitals = Vitals(place.settings, place.console, place.log.engine)
    assert _value(vitals, "smartcity_mails_oldest_seconds") == 0
    hour_ago = int((time.time() - 3600) * 1000)
    with place.console.begin() as connection:
        needed = {
            column.name: 0 if isinstance(column.type, sa.Integer | sa.BigInteger) else ""
            for column in inquiries.columns
            if not column.nullable and not column.primary_key
        }
        number = connection.execute(inquiries.insert().values(needed)).inserted_primary_key[0]
        mail = {"inquiry_id": number, "recipient": "office", "kind": "new", "due": 0}
        for name, more in (("a", {"payload": "x"}), ("b", {"given_up": 1}), ("c", {"sent": 1})):
            connection.execute(outbox.insert().values(mail | {"message_id": name, "made": hour_ago} | more))
    assert _value(vitals, "smartcity_mails_waiting") == 1
    assert _value(vitals, "smartcity_mails_given_up") == 1
    assert _value(vitals, "smartcity_mails_oldest_seconds") == pytest.approx(3600, abs=60)


def test_a_database_that_is_gone_is_told(place: Place) -> None:
    gone = sa.create_engine("postgresql://root@127.0.0.1:1/none", future=True)
    vitals = Vitals(place.settings, place.console, gone)
    assert _value(vitals, 'smartcity_up{part="tracker_store"}') == 0
    assert _value(vitals, 'smartcity_up{part="database"}') == 1
