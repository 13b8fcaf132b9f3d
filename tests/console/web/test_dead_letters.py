"""The page of what messengers did not take, and its tile: what the gateway left, nothing that identifies a person."""

from __future__ import annotations

import html
import re
import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from smartcity.console import dead_letters
from smartcity.console.tables import audit
from smartcity.privacy.pseudonyms import Pseudonyms
from smartcity.settings import Settings

from ..axe import overflow, violations
from ..conftest import OpenConsole, SignIn
from ..letters import DAY, a_letter, bury
from ..rows import a_conversation, stored
from ..staff import Staff
from .corpus import MARK, TEXTS
from .test_markup import _faults

SENDER = "telegram:5f1d00112233445566778899aabbccdd"


def test_without_a_messenger_the_page_says_so_and_there_is_no_tile(sign_in: SignIn) -> None:
    reader = sign_in("reader")
    assert "Es lief noch kein Messenger" in reader.get("/dead-letters").text
    assert "A messenger" not in reader.get("/").text and 'href="/dead-letters?' not in reader.get("/").text


def test_what_was_not_taken_is_counted_and_shown(sign_in: SignIn, settings: Settings, engine: Engine) -> None:
    conversation = a_conversation(engine, pseudonym=Pseudonyms(settings).of(SENDER), channel="telegram")
    bury(
        settings.var,
        [
            a_letter("<b>Der KRuiser</b> f\u00e4hrt &amp; h\u00e4lt.", sender=SENDER),
            a_letter(None, channel="whatsapp", sender="whatsapp:77", reason="window closed", attempts=1),
            a_letter("Altes", at=time.time() - 8 * DAY),
        ],
    )
    reader = sign_in("reader")
    page = reader.get("/dead-letters").text
    for part in (
        "Der KRuiser fährt &amp; hält.",
        "500: Fehler beim Messenger",
        "12 Versuche",
        "Der Text ist nicht gespeichert",
        "Antwortfrist des Messengers vorbei",
        "ein Versuch",
        f'href="/conversations/{conversation}"',
    ):
        assert part in page, part
    assert page.count("Gespräch lesen") == 1 and "Altes" not in page
    assert "Altes" in reader.get("/dead-letters?period=30d").text
    for word in (SENDER, SENDER[9:], Pseudonyms(settings).of(SENDER), "whatsapp:77"):
        assert word not in page
    assert [(row["deed"], row["who"], row["details"]) for row in stored(engine, audit)] == [
        (
            "dead_letters.read",
            reader.get("/account").text.split('href="/account">')[1].split("<")[0],
            {"letters": number},
        )
        for number in (2, 3)
    ]
    tile = re.search(
        r'href="/dead-letters\?period=2d"><strong>(\d+)</strong> <span>Nicht zugestellt', reader.get("/").text
    )
    assert tile and tile[1] == "2"


def test_words_are_redacted_and_what_the_city_publishes_stays(client: Staff, settings: Settings) -> None:
    bury(
        settings.var, [a_letter("Rufen Sie 0171 3920011 an, oder das B\u00fcro: 02151 861610. Ich heiße Erika Sommer.")]
    )
    page = client.get("/dead-letters").text
    assert "&lt;TELEFON&gt;" in page and "3920011" not in page and "Sommer" not in page
    assert "02151 861610" in page


def test_each_count_leads_to_its_letters(client: Staff, settings: Settings) -> None:
    bury(
        settings.var,
        [
            a_letter("Erster"),
            a_letter("Zweiter"),
            a_letter("Dritter", channel="whatsapp", reason="unreachable: ConnectError"),
            a_letter("Vierter", channel="slack", reason="is_archived"),
        ],
    )
    page = client.get("/dead-letters").text
    rows = re.findall(
        r'<th scope="row"><a href="([^"]+)"[^>]*>(\w+).*?<td[^>]*>(.*?)</td><td class="number">(\d+)</td>', page
    )
    assert [(channel, reason, number) for _, channel, reason, number in rows] == [
        ("telegram", "500: Fehler beim Messenger", "2"),
        ("slack", "is_archived", "1"),
        ("whatsapp", "Messenger nicht erreichbar: ConnectError", "1"),
    ]
    one = client.get(html.unescape(rows[2][0])).text
    assert "Dritter" in one and "Erster" not in one and "Vierter" not in one
    assert "Nur:" in one and 'aria-current="true"><th scope="row">' in one
    assert len(re.findall(r'<th scope="row">', one)) == 3, "the table goes on counting all"
    assert "Erster" in client.get("/dead-letters?channel=telegram").text
    assert "In diesem Zeitraum kam alles an" in client.get("/dead-letters?channel=fax").text


def test_it_has_pages(client: Staff, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "PAGE", 2)
    bury(settings.var, [a_letter(f"Brief-{number}") for number in range(5)])

    def shown(path: str) -> tuple[list[str], dict[str, str]]:
        page = client.get(path).text
        links = re.findall(r'rel="(\w+)" href="([^"]+)"', page)
        return re.findall(r"Brief-\d", page), {rel: html.unescape(href) for rel, href in links if "dead" in href}

    first, links = shown("/dead-letters?period=all&channel=telegram")
    assert first == ["Brief-4", "Brief-3"] and set(links) == {"next"} and "channel=telegram" in links["next"]
    second, links = shown(links["next"])
    assert second == ["Brief-2", "Brief-1"] and set(links) == {"prev", "next"}
    third, end = shown(links["next"])
    assert third == ["Brief-0"] and set(end) == {"prev"}
    assert shown(end["prev"])[0] == second and shown(links["prev"])[0] == first
    for odd in ("older=x", "older=-1", f"newer={10**19}", "older=%00", "period=1y"):
        assert shown(f"/dead-letters?{odd}")[0] == first


def test_a_store_that_cannot_be_read_is_told(client: Staff, settings: Settings) -> None:
    settings.var.mkdir(exist_ok=True)
    (settings.var / "channels.db").write_bytes(b"no database at all" * 100)
    answer = client.get("/dead-letters")
    assert answer.status_code == 503 and "gerade nicht lesbar" in answer.text and 'role="alert"' in answer.text
    overview = client.get("/")
    assert overview.status_code == 200 and "<strong>?</strong> <span>Nicht zugestellt" in overview.text


@pytest.mark.parametrize("text", TEXTS)
def test_texts_that_break_pages_are_texts(text: str, client: Staff, settings: Settings) -> None:
    kept = text.encode("utf-8", "replace").decode()
    bury(settings.var, [a_letter(text, channel=kept, reason=kept), a_letter(text, content='{"Body": "x"}')])
    for path in ("/dead-letters", "/dead-letters?period=all"):
        page = client.get(path)
        assert page.status_code == 200 and _faults(page.text) == [] and MARK in page.text
    for name in ("channel", "reason", "period", "older"):
        answer = client.get("/dead-letters", params={name: text})
        assert answer.status_code == 200 and _faults(answer.text) == []


@pytest.mark.parametrize("column", ["at", "channel", "sender", "reason", "attempts", "content"])
def test_columns_of_another_kind_break_no_page(column: str, client: Staff, settings: Settings) -> None:
    bury(settings.var, [a_letter(), a_letter("heil")])
    for value in ("<b>\0text", -1, 1e300, b"\xff\xfe", 2**62):
        with closing(sqlite3.connect(settings.var / "channels.db")) as db, db:
            db.execute(f"UPDATE dead_letters SET {column} = ? WHERE id = 1", (value,))
        for path in ("/dead-letters?period=all", "/"):
            answer = client.get(path)
            assert answer.status_code == 200 and _faults(answer.text) == [], (value, path)
        assert "heil" in client.get("/dead-letters").text


def test_it_speaks_english(client: Staff, settings: Settings) -> None:
    bury(settings.var, [a_letter(), a_letter(None, reason="switched off")])
    client.post("/language", {"language": "en"})
    words = re.sub(r"<[^>]+>", " ", client.get("/dead-letters?reason=500").text)
    assert "Not delivered" in words and "fault at the messenger" in words and "messenger switched off" in words
    assert not re.search(r"\b(?:Antwort|Grund|Versuche|nicht|und|Gespräch lesen)\b", words.replace("gibt es nicht", ""))


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_no_rule_is_broken(
    open_console: OpenConsole, settings: Settings, engine: Engine, address: str, width: int, scheme: str
) -> None:
    a_conversation(engine, pseudonym=Pseudonyms(settings).of(SENDER), channel="telegram")
    long = "unreachable: " + "Verbindungsabbruch" * 8
    bury(
        settings.var,
        [
            *(a_letter(f"Antwort {number}. " * 30, sender=SENDER) for number in range(3)),
            a_letter("x" * 300, channel="whatsapp", reason=long),
            a_letter(None, reason="window closed", attempts=1),
        ],
    )
    page = open_console("/", role="reader", width=width, scheme=scheme)
    for path in ("/", "/dead-letters", "/dead-letters?channel=whatsapp&reason=x"):
        page.goto(address + path)
        assert violations(page) == [], path
        assert overflow(page) <= 0, path


def test_the_letters_are_found_from_the_overview_by_keyboard(
    open_console: OpenConsole, settings: Settings, address: str
) -> None:
    bury(settings.var, [a_letter("Nie angekommen")])
    page = open_console("/", role="reader", java_script_enabled=False)
    tile: Any = page.get_by_role("link", name=re.compile("Nicht zugestellt")).last
    tile.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/dead-letters?period=2d")
    assert page.get_by_text("Nie angekommen").is_visible()
