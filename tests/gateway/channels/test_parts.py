"""Splitting, packing, numbering and escaping, for any text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.gateway.channels.catalogue import PLATFORMS
from smartcity.gateway.channels.channel import Channel
from smartcity.gateway.channels.parts import Line, bare, lines, pack, plain, shortened, split, without_markup
from smartcity.gateway.channels.words import SENTENCES, command, language_of, typed_number
from smartcity.settings import read_settings

from .conftest import MATRIX_SETTINGS, SETTINGS
from .platforms import _Html

READABLE = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(lambda text: text.strip())
WORDS = st.lists(st.text("abcäß.!?\n *_~`<>&|😀\u0301", min_size=1, max_size=30), min_size=1, max_size=60)
PROSE = WORDS.map(" ".join).filter(lambda text: text.strip())


@given(PROSE, st.integers(1, 80))
def test_parts_fit_and_lose_white_space_only(text: str, longest: int) -> None:
    parts = split(text, lambda part: len(part) <= longest)
    assert all(0 < len(part) <= longest for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)


def test_a_split_is_at_a_line_a_sentence_or_a_word() -> None:
    def fits(text: str) -> bool:
        return len(text) <= 30

    assert split("Erster Satz ist hier. Zweiter Satz folgt dann.", fits) == [
        "Erster Satz ist hier.",
        "Zweiter Satz folgt dann.",
    ]
    assert split("Eine Zeile mit Text.\nUnd noch. Eine zweite Zeile", fits)[0] == "Eine Zeile mit Text."
    assert split("lauter wörter ohne irgendein zeichen am ende", fits)[0] == "lauter wörter ohne irgendein"
    assert split("x" * 70, fits) == ["x" * 30, "x" * 30, "x" * 10]
    assert split("y" * 29 + "e\u0301" + "z" * 9, fits)[0] == "y" * 29


@given(st.lists(st.tuples(PROSE, st.sampled_from([None, "https://a.de/b?c=1&d=2", "tel:+49215186"])), max_size=8))
def test_packed_lines_fit_and_are_all_there(found: list[tuple[str, str | None]]) -> None:
    parts = pack([Line(text, url) for text, url in found], plain, lambda text: len(text) <= 60)
    assert all(0 < len(part) <= 60 for part in parts)
    packed = re.sub(r"\s", "", "".join(parts))
    for text, url in found:
        assert url is None or bare(url) in packed
        assert re.sub(r"\s", "", text) in packed


@given(READABLE, st.integers(2, 40))
def test_a_title_is_shortened_visibly(title: str, longest: int) -> None:
    short = shortened(title, longest)
    assert len(short) <= longest
    assert short == title or short.endswith("…")


@given(PROSE)
def test_no_markup_is_left(text: str) -> None:
    shown = without_markup(text)
    assert len(shown) == len(text)
    assert not re.search(r"(?<![^\W_])([*_~])(?=\S)[^\n]*?\S\1(?![^\W_])", shown)
    assert "`" not in shown and not re.search(r"^\s*>", shown, re.MULTILINE)


def test_addresses_and_words_with_signs_stay() -> None:
    text = "maak_et und 3*4 auf https://a.de/_b_?c=*d*"
    assert without_markup(text) == text


def _channels() -> list[Channel]:
    environ = {f"SMARTCITY_{name}": value for name, value in {**SETTINGS, **MATRIX_SETTINGS}.items()}
    return [platform(read_settings({**environ, "SMARTCITY_SECRET": "x" * 32})) for platform in PLATFORMS]


@pytest.mark.parametrize("channel", _channels(), ids=lambda channel: channel.name)
@given(
    text=st.one_of(PROSE, READABLE, PROSE.map(lambda text: text * 40)),
    titles=st.lists(READABLE, max_size=16),
    dated=st.booleans(),
    first=st.integers(1, 5),
)
def test_any_message_keeps_the_platforms_limits(
    channel: Channel, text: str, titles: list[str], dated: bool, first: int
) -> None:
    message: dict[str, Any] = {
        "text": text,
        "language": "de",
        "buttons": [{"title": title, "payload": f"{number:016}"} for number, title in enumerate(titles)],
        "links": [{"title": text[:50].strip() or "x", "url": "https://a.de/b?c=1&d=2"}],
        "source": {"title": "Die Quelle", "url": None, "as_of": "2025-12-03", "dated": dated, "read": "2026-01-02"},
    }
    rendered = channel.render(message, first)
    assert rendered.parts
    for body in rendered.parts:
        _keeps_limits(channel.name, dict(body))
    if rendered.numbered:
        assert rendered.numbered == [f"{number:016}" for number in range(len(titles))]
    shown = str([dict(body) for body in rendered.parts])
    assert all(f"{number:016}" in shown or rendered.numbered for number in range(len(titles)))
    assert "Stand 3.12.2025" in shown if dated else "gelesen am 2.1.2026" in shown


def _keeps_limits(name: str, body: dict[str, Any]) -> None:
    if name == "telegram":
        shown = _Html(body["text"])
        assert 0 < len(shown.text) <= 4096 and not shown.broken
        rows = body.get("reply_markup", {}).get("inline_keyboard", [])
        assert all(len(button["callback_data"].encode()) <= 64 and button["text"] for row in rows for button in row)
    elif name == "whatsapp" and body["type"] == "text":
        assert 0 < len(body["text"]["body"]) <= 4096
    elif name == "whatsapp":
        shown = body["interactive"]
        assert 0 < len(shown["body"]["text"]) <= 1024
        if shown["type"] == "button":
            titles = [button["reply"]["title"] for button in shown["action"]["buttons"]]
            assert len(titles) <= 3 and all(0 < len(title) <= 20 for title in titles)
        else:
            rows = shown["action"]["sections"][0]["rows"]
            assert len(rows) <= 10 and all(len(row["title"]) <= 24 for row in rows)
            assert all(len(row.get("description", "")) <= 72 for row in rows)
    elif name == "messenger":
        replies = body["message"].get("quick_replies", [])
        template = body["message"].get("attachment", {}).get("payload", {})
        links = template.get("buttons", [])
        text = template["text"] if template else body["message"]["text"]
        assert 0 < len(text) <= (640 if template else 2000) and len(replies) <= 13
        assert len(links) <= 3 and all(0 < len(link["title"]) <= 20 for link in links)
        assert all(0 < len(reply["title"]) <= 20 for reply in replies)
    elif name == "twilio":
        assert 0 < len(body["Body"]) <= 1600
    elif name == "slack":
        sections = [block["text"]["text"] for block in body["blocks"] if block["type"] == "section"]
        actions = [block["elements"] for block in body["blocks"] if block["type"] == "actions"]
        assert all(0 < len(text) <= 3000 for text in sections)
        assert all(not re.search(r"&(?!(?:amp|lt|gt);)", text) for text in sections)
        assert all(len(elements) <= 5 for elements in actions)
        assert all(0 < len(button["text"]["text"]) <= 75 for elements in actions for button in elements)
    else:
        assert 0 < len(body["body"].encode()) <= 60_000


def test_sources_read_well() -> None:
    source = {"title": "T", "url": None, "as_of": "2025", "dated": True, "read": None}
    message = {"text": "x", "language": "en", "links": [], "source": source}
    assert lines(message)[1] == Line("Source: T (as of 2025)")
    assert plain(Line("Anrufen", "tel:+492151")) == "Anrufen: +492151"
    assert plain(Line("https://a.de", "https://a.de")) == "https://a.de"


@pytest.mark.parametrize(
    "text", ["stop", "STOP", " /stop ", "Stopp!", "löschen", "Löschen.", "alles  löschen", "delete"]
)
def test_stop(text: str) -> None:
    assert command(text) == "stop"


@pytest.mark.parametrize("text", ["stop please", "Bushaltestelle löschen", "nonstop", "", "/hilfe"])
def test_no_stop(text: str) -> None:
    assert command(text) is None


def test_small_words() -> None:
    assert [command("Start"), command("/start")] == ["start", "start"]
    assert [typed_number(text) for text in ("3", " (12) ", "4.", "3x", "", "123", "٣")] == [
        3,
        12,
        4,
        None,
        None,
        None,
        None,
    ]
    assert [language_of(text) for text in ("en", "en_US", "EN-gb", "de", "", "eng")] == [
        "en",
        "en",
        "en",
        "de",
        "de",
        "de",
    ]


def test_every_sentence_has_both_languages() -> None:
    for german, english in SENTENCES.values():
        assert german and english and german != english
        assert set(re.findall(r"{\w+}", german)) == set(re.findall(r"{\w+}", english))
