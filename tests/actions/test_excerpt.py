"""What of a conversation goes with a request, and when nothing does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from actions.inquiries.excerpt import LEFT_OUT, LONGEST, worth_sharing, written
from actions.inquiries.reading import agrees, confirms, is_enough, is_sentence
from actions.titles import chosen_by_title
from actions.turn import Turn
from smartcity.knowledge.source import KnowledgeStore


def _said(text: str, **metadata: Any) -> dict[str, Any]:
    return {"event": "user", "text": text, "metadata": metadata}


def _answered(answer: str, text: str, *buttons: tuple[str, str], kind: str = "answer") -> dict[str, Any]:
    shown = [{"title": title, "payload": payload} for title, payload in buttons]
    return {"event": "bot", "text": text, "data": {"buttons": shown, "custom": {"answer": answer, "kind": kind}}}


GREETED = [_said("/greet"), _answered("talk/greet", "Guten Tag!")]
ASKED = [
    _said("Meine Nummer ist 0151 23456789. Was kostet der KRuiser?"),
    _answered("initiative/kruiser/cost", "Fragen Sie 02151 86-1085.", ("Gibt es ihn?", "/ask_status")),
    _answered("notice/1", "Heute geschlossen.", kind="notice"),
]
PRESSED = [_said("/ask_status"), _answered("initiative/kruiser/status", "Nein.")]
FORM = [
    _said("ich habe eine idee"),
    _answered("office/idea", "Gern.", ("Nachricht hinterlassen", '/inquiry_continue{"step": "begin_message"}')),
    _said('/inquiry_continue{"step": "begin_message"}'),
    _answered("inquiry/subject", "Wie lautet Ihre Nachricht?"),
    _said("Zwetschgen", private=True),
    _answered("initiative/kruiser/place", "Am Rhein."),
    _answered("inquiry/name", "Wie ist Ihr Name?"),
]


def _turn(store: KnowledgeStore, *events: dict[str, Any], text: str = "ja") -> Turn:
    today = dt.date(2026, 11, 26)
    return Turn(store.knowledge, text, "affirm", (), "de", "de", today, events=(*events, _said(text, private=True)))


def test_what_was_asked_and_answered_is_written_redacted(store: KnowledgeStore) -> None:
    text = written(_turn(store, *GREETED, *ASKED, *PRESSED, *FORM))
    assert text == (
        "Frage: Meine Nummer ist <TELEFON>. Was kostet der KRuiser?\nAntwort: Fragen Sie 02151 86-1085.\n\n"
        "Frage: Gibt es ihn?\nAntwort: Nein.\n\n"
        "Frage: ich habe eine idee\nAntwort: Gern."
    )


@pytest.mark.parametrize(
    ("events", "worth"),
    [(GREETED, False), (GREETED + FORM[:4], False), (FORM, False), (ASKED + FORM, True), (ASKED[2:], False)],
)
def test_it_is_asked_only_where_something_was_talked_about(
    store: KnowledgeStore, events: list[dict[str, Any]], worth: bool
) -> None:
    assert worth_sharing(_turn(store, *events)) == worth


def test_of_a_long_conversation_the_end_is_kept(store: KnowledgeStore) -> None:
    events = []
    for number in range(60):
        events += [_said(f"Was ist Angebot Nummer {number}?"), _answered("initiative/x/about", "Viel Text. " * 12)]
    text = written(_turn(store, *events))
    assert len(text) <= LONGEST and text.startswith(LEFT_OUT) and "Nummer 59" in text and "Nummer 0?" not in text
    long = written(_turn(store, _said("x" * 9000), _answered("lost", "Nein.")))
    assert len(long) == LONGEST


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ja, gern", True), ("klar, warum nicht?", True), ("da habe ich nichts dagegen", True), ("dürfen sie", True),
        ("sure, go ahead", True), ("von mir aus", True), ("lieber nicht", False), ("doch lieber nicht", False),
        ("nein danke", False), ("muss nicht sein", False), ("rather not", False), ("I'd rather you didn't", False),
        ("ja, aber nur die letzte Frage", None), ("vielleicht", None), ("Wer liest das?", None), ("ja?", None),
        ("Was passiert, wenn ich nein sage?", None), ("mir egal", None), ("abbrechen", None),
    ],
)  # fmt: skip
def test_only_a_clear_yes_is_one(text: str, meant: bool | None) -> None:
    assert agrees(text) is meant


@pytest.mark.parametrize(
    ("text", "sends"),
    [
        ("jo passt alles", True), ("schick ab", True), ("ja bitte abschicken", True), ("looks good, send it off", True),
        ("das passt so nicht", False), ("passt das so?", False), ("alles", False), ("bitte", False),
        ("ja aber die Nummer ist falsch", False), ("nicht absenden", False),
    ],
)  # fmt: skip
def test_what_sends_a_request(text: str, sends: bool) -> None:
    assert confirms(text) == sends


def test_no_sentence_is_a_name_and_some_say_enough() -> None:
    assert is_sentence("das mach ich nachher fertig") and is_sentence("das weiß ich nicht")
    assert not any(is_sentence(name) for name in ("Petra von der Heide", "Will J Smith", "Kai Uwe Mach", "Do Thi Mai"))
    assert is_enough("das war's") and is_enough("mehr fällt mir nicht ein") and not is_enough("Dienstag")


def test_a_button_may_be_typed(store: KnowledgeStore) -> None:
    turn = _turn(store, *FORM[:2], text="nachricht hinterlassen!")
    assert chosen_by_title(turn) == '/inquiry_continue{"step": "begin_message"}'
    assert chosen_by_title(_turn(store, *FORM[:3], text="Nachricht hinterlassen")) is None, "it is of an answer before"
    assert chosen_by_title(_turn(store, *FORM[:2], text="!!!")) is None
