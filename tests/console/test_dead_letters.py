"""Dead letters as the console reads them: what the gateway has written, pages, counts, odd rows, what is not there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity.console import dead_letters
from smartcity.console.dead_letters import TABLE, DeadLetters, Unreadable, Wanted
from smartcity.console.letter_texts import text_of
from smartcity.database import open_database
from smartcity.gateway.channels.messenger import Messenger
from smartcity.gateway.channels.telegram import Telegram
from smartcity.gateway.channels.twilio import Twilio
from smartcity.gateway.channels.whatsapp import WhatsApp
from smartcity.settings import Settings, read_settings

from ..databases import database_url
from .letters import a_letter, bury, columns

EVERYTHING = Wanted()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"SMARTCITY_VAR": str(tmp_path / "var"), "SMARTCITY_SECRET": "s" * 40})


@pytest.fixture
def engine() -> Iterator[Any]:
    made = sa.create_engine("sqlite://", future=True)
    yield made
    made.dispose()


@pytest.fixture
def letters(settings: Settings, engine: Any) -> DeadLetters:
    return DeadLetters(settings, engine)


def test_the_contract_is_what_the_gateway_has(settings: Settings) -> None:
    assert set(columns(settings.var)) == {column.name for column in TABLE.c}


def test_where_no_messenger_ran_there_is_nothing(settings: Settings, letters: DeadLetters) -> None:
    assert letters.page(Wanted()) is None and letters.total(Wanted()) is None and letters.counts(Wanted()) == []
    assert not settings.var.exists(), "reading makes no file"
    settings.var.mkdir()
    sqlite3.connect(settings.var / "channels.db").close()
    assert letters.page(Wanted()) is None, "a file without the table is an old gateway's"


def test_it_reads_while_the_gateway_writes_and_afterwards(settings: Settings, letters: DeadLetters) -> None:
    bury(settings.var)
    assert letters.total(Wanted()) == 0
    with closing(sqlite3.connect(settings.var / "channels.db")) as gateway:
        gateway.execute("PRAGMA journal_mode=WAL").fetchall()
        bury(settings.var, [a_letter()])
        assert letters.total(Wanted()) == 1
    bury(settings.var, [a_letter("Zweite")])
    page = letters.page(Wanted())
    assert page and [letter.text for letter in page.letters] == ["Zweite", "Den KRuiser gibt es nicht mehr."]
    assert page.letters[0].attempts == 12 and page.letters[0].at and page.letters[0].at > 1_700_000_000_000


def test_it_writes_nothing(settings: Settings, letters: DeadLetters) -> None:
    bury(settings.var, [a_letter()])
    path = settings.var / "channels.db"
    before = path.read_bytes()
    letters.page(Wanted())
    letters.counts(Wanted())
    assert path.read_bytes() == before
    with pytest.raises(Unreadable), letters._reading() as connection:
        connection.execute(sa.text("DELETE FROM dead_letters"))


def test_pages_and_counts(settings: Settings, letters: DeadLetters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "PAGE", 3)
    now = 1_000_000.0
    kinds = [("telegram", "500"), ("whatsapp", "500"), ("telegram", "window closed")]
    bury(
        settings.var,
        [a_letter(str(number), at=now + number, channel=kinds[number % 3][0], reason=kinds[number % 3][1])
         for number in range(8)],
    )  # fmt: skip

    def texts(wanted: Wanted = EVERYTHING, **key: int | None) -> tuple[list[str | None], int | None, int | None]:
        page = letters.page(wanted, **key)
        assert page
        return [letter.text for letter in page.letters], page.older, page.newer

    first, older, newer = texts()
    assert first == ["7", "6", "5"] and newer is None and older
    second, older, newer = texts(older=older)
    assert second == ["4", "3", "2"] and older and newer
    assert texts(newer=newer)[0] == first and texts(newer=newer)[2] is None
    third, end, back = texts(older=older)
    assert third == ["1", "0"] and end is None
    assert texts(newer=back)[0] == second and texts(newer=back)[2] == newer
    assert texts(Wanted(channel="telegram"))[0] == ["6", "5", "3"]
    assert texts(Wanted(channel="telegram", reason="500"))[0] == ["6", "3", "0"]
    assert texts(Wanted(start=int(now + 2) * 1000, end=int(now + 4) * 1000))[0] == ["3", "2"]
    assert texts(Wanted(channel="' OR 1=1 --"))[0] == []
    assert letters.counts(Wanted()) == [
        ("telegram", "500", 3),
        ("whatsapp", "500", 3),
        ("telegram", "window closed", 2),
    ]
    assert letters.total(Wanted(reason="500")) == 6


STRANGE = ("<b>text</b>", "\0", -1, 1e300, float("inf"), 2**62, b"\xff\xfe", "")


@pytest.mark.parametrize("column", ["at", "channel", "sender", "reason", "attempts", "content"])
@pytest.mark.parametrize("value", STRANGE, ids=repr)
def test_rows_that_only_tampering_can_make(column: str, value: Any, settings: Settings, letters: DeadLetters) -> None:
    bury(settings.var, [a_letter(), a_letter("heil")])
    with closing(sqlite3.connect(settings.var / "channels.db")) as db, db:
        db.execute(f"UPDATE dead_letters SET {column} = ? WHERE id = 1", (value,))
    for wanted in (Wanted(), Wanted(start=0), Wanted(end=2**60)):
        page = letters.page(wanted)
        assert page and "heil" in [letter.text for letter in page.letters]
        assert letters.counts(wanted) and letters.total(wanted)


def test_a_store_that_is_none_is_told(settings: Settings, letters: DeadLetters) -> None:
    settings.var.mkdir()
    (settings.var / "channels.db").write_bytes(b"no database at all" * 100)
    for read in (letters.page, letters.counts, letters.total):
        with pytest.raises(Unreadable):
            read(Wanted())  # type: ignore[operator]


def test_on_postgresql_they_may_lie_beside_the_console_s_tables(settings: Settings, tmp_path: Path) -> None:
    bury(settings.var, [a_letter("Datei")])
    with database_url("postgresql", tmp_path) as url:
        engine = open_database(sa.engine.make_url(url))
        found = DeadLetters(settings, engine)
        page = found.page(Wanted())
        assert page and page.letters[0].text == "Datei", "until the gateway has its tables there"
        with engine.begin() as connection:
            connection.execute(
                sa.text(
                    "CREATE TABLE dead_letters (id BIGSERIAL PRIMARY KEY, at DOUBLE PRECISION NOT NULL, channel TEXT "
                    "NOT NULL, sender TEXT NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL, content TEXT)"
                )
            )
            for number in range(2):
                row = {**a_letter(str(number)).__dict__}
                connection.execute(TABLE.insert().values(**row))
        page = found.page(Wanted(channel="telegram", start=0))
        assert page and [letter.text for letter in page.letters] == ["1", "0"]
        assert found.counts(Wanted()) == [("telegram", "500", 2)] and found.total(Wanted(end=1)) == 0
        engine.dispose()


MESSAGE: dict[str, Any] = {
    "text": "Der KRuiser <kostet> 2 & 3 Euro.",
    "links": [],
    "source": None,
    "language": "de",
    "buttons": [{"title": "Mehr", "payload": "a1"}],
}


@pytest.mark.parametrize("channel", [Telegram, WhatsApp, Messenger, Twilio], ids=lambda channel: channel.name)
def test_the_words_of_what_each_platform_would_have_shown(channel: Any) -> None:
    made = object.__new__(channel)
    made.name = channel.name
    made._whatsapp = False
    (body, *_) = made.render(MESSAGE, 1).parts
    text = text_of(json.dumps(body))
    assert text and "Der KRuiser <kostet> 2 & 3 Euro." in text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, None),
        ('{"text": "hier", "blocks": []}', "hier"),
        ('{"msgtype": "m.notice", "body": "hier"}', "hier"),
        ('{"text": "<b>a</b> &lt;b&gt; <a href=\\"x\\">c</a>", "parse_mode": "HTML"}', "a <b> c"),
        ('{"text": "<b>"}', "<b>"),
        ("[]", ""),
        ("no json", ""),
        ("[" * 100_000, ""),
        ('{"text": 7}', ""),
        ('{"text": {"body": ["x"]}}', ""),
        (b"\xff", ""),
        (7, ""),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_words_in_any_content(content: Any, text: str | None) -> None:
    assert text_of(content) == text


def test_the_file_may_lie_anywhere(tmp_path: Path, engine: Any) -> None:
    var = tmp_path / "Ablage ü?#%20"
    bury(var, [a_letter()])
    settings = read_settings({"SMARTCITY_VAR": str(var)})
    assert DeadLetters(settings, engine).total(Wanted()) == 1
