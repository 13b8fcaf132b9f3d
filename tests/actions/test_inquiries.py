"""The forms for requests, message by message, with a real desk in a file."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.inquiries.cards import STORED
from actions.inquiries.form import ValidateInquiryForm
from actions.inquiries.reading import change, choice, command, wants_appointment, wants_call
from actions.inquiries.steps import STEPS
from actions.rasa_actions import ACTIONS
from actions.turn import Turn
from smartcity.inquiries.desk import Desk
from smartcity.knowledge.source import KnowledgeStore
from smartcity.settings import read_settings

SENDER = "web:1"
WITHHELD = {"withholds": True}
NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.timezone.utc)  # a Thursday


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    environ = {
        "SMARTCITY_OFFICE_MAIL": "buero@beispiel.example",
        "SMARTCITY_SMTP_HOST": "127.0.0.1",
        "SMARTCITY_VAR": str(tmp_path),
        "SMARTCITY_SECRET": "0123456789abcdef" * 4,
    }
    return Desk(read_settings(environ))


class Form:
    """One conversation with the form; it carries the slots from message to message, as Rasa does."""

    def __init__(self, store: KnowledgeStore, desk: Desk) -> None:
        self._store, self._desk = store, desk
        self.slots: dict[str, Any] = {"language": "de", "chosen_language": "de"}
        self.messages: list[dict[str, Any]] = []
        self.rejected = False

    def begin(self, kind: str) -> Form:
        self._desk.note(SENDER, kind=kind, language="de")
        return self._run("", "nlu_fallback", [{"event": "active_loop", "name": "inquiry_form"}])

    def say(self, text: str, intent: str = "nlu_fallback", share: float = 0.9) -> Form:
        return self._run(text, intent, [], share)

    def press(self, step: str) -> Form:
        return self._run(f'/inquiry_continue{{"step": "{step}"}}', "inquiry_continue", [])

    @property
    def text(self) -> str:
        return str(self.messages[0]["text"])

    @property
    def answer(self) -> str:
        return str(self.messages[0]["custom"]["answer"])

    def _run(self, text: str, intent: str, happened: list[dict[str, Any]], share: float = 0.9) -> Form:
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": share},
            "intent_ranking": [{"name": intent, "confidence": share}],
            "entities": [],
            "metadata": WITHHELD,
        }
        events = [{"event": "user", "text": text, "metadata": WITHHELD}, *happened]
        loop = {"name": "inquiry_form"}
        tracker = Tracker(SENDER, self.slots, message, events, False, None, loop, "action_listen")
        dispatcher = CollectingDispatcher()
        told = asyncio.run(ValidateInquiryForm(self._store, lambda: NOW, self._desk).run(dispatcher, tracker, {}))
        self.slots.update({event["name"]: event["value"] for event in told if event["event"] == "slot"})
        self.rejected = any(event["event"] == "action_execution_rejected" for event in told)
        self.messages = dispatcher.messages
        return self


@pytest.fixture
def form(store: KnowledgeStore, desk: Desk) -> Form:
    return Form(store, desk)


def test_slots_hold_markers_only(form: Form) -> None:
    form.begin("message").say("Mehr Licht am Rhein").say("Erika Mustermann").say("erika@beispiel.example")
    assert form.answer == "inquiry/summary"
    assert {form.slots[f"inquiry_{step}"] for step in STEPS} == {"given", None}
    told = str({**form.slots, "last_answer": form.slots["last_answer"]})
    assert not [word for word in ("Rhein", "Erika", "beispiel") if word in told]
    assert form.messages[0]["custom"]["stored"] == STORED


def test_when_it_ends_nothing_is_left(form: Form, desk: Desk) -> None:
    form.begin("message").say("Mehr Licht").say("Erika Mustermann").say("erika@beispiel.example").say("ja")
    assert form.answer == "inquiry/filed"
    assert form.slots["requested_slot"] is None and form.slots["inquiry"] is None
    assert {form.slots[f"inquiry_{step}"] for step in STEPS} == {None}
    assert desk.draft(SENDER).empty and desk.draft(SENDER).filed in form.text


def test_a_holiday_is_refused_with_the_next_possible_day(form: Form) -> None:
    form.begin("appointment").say("Sensoren").say("am 25.12.")
    assert "Feiertag" in form.text and "Weihnachtstag" in form.text and "28. Dezember 2026" in form.text
    assert form.messages[0]["custom"]["stored"] == STORED, "the refused day is not kept"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Dienstag oder Mittwoch nachmittags",
            ["Dienstag, 1. Dezember 2026, nach", "Mittwoch, 2. Dezember 2026, nach"],
        ),
        ("3.12. ab 14 Uhr; 4.12. vormittags", ["3. Dezember 2026, ab 14:00", "4. Dezember 2026, vormittags"]),
        ("next week", ["30. November"]),
    ],
)
def test_several_wishes_in_one_message(form: Form, text: str, told: list[str]) -> None:
    form.begin("appointment").say("Sensoren").say(text)
    assert not [one for one in told if one not in form.text], form.text


def test_three_wishes_are_enough(form: Form) -> None:
    form.begin("appointment").say("Sensoren").say("1.12.").say("2.12.")
    assert form.answer == "inquiry/wishes"
    assert form.say("3.12.").answer == "inquiry/manner"


def test_three_failures_in_a_row_offer_the_office(form: Form) -> None:
    form.begin("message").say("Mehr Licht")
    for number in (1, 2, 3):
        form.say("12345")
        assert ("02151 86-1085" in form.text) == (number == 3)
    assert form.slots["inquiry"]["failures"] == 3
    assert form.say("Erika Mustermann").slots["inquiry"]["failures"] == 0


@pytest.mark.parametrize(
    ("text", "intent", "share", "rejected"),
    [
        ("Wo ist das Büro?", "office_address", 0.9, True),
        ("Wo ist das Büro?", "office_address", 0.3, False),
        ("Erika Mustermann", "office_responsible", 0.9, False),
        ("es brennt", "emergency", 0.9, True),
        ("English please", "switch_english", 0.9, True),
        ("Können Sie mir das auf Türkisch sagen?", "switch_other", 0.9, True),
        ("Erika Spanier", "switch_other", 0.9, False),
        ("Ich will mit einem Menschen sprechen", "want_person", 0.9, True),
        ("Anna Mensch", "want_person", 0.9, False),
    ],
)
def test_a_clear_question_of_another_intent_is_answered_first(
    form: Form, text: str, intent: str, share: float, rejected: bool
) -> None:
    form.begin("message").say("Mehr Licht").say(text, intent, share)
    assert form.rejected == rejected


@pytest.mark.parametrize("text", ["ja", "Nein!", "weiß nicht", "Hallo"])
def test_a_yes_is_neither_a_name_nor_a_subject(form: Form, text: str) -> None:
    assert form.begin("message").say(text).answer == "inquiry/subject"
    assert form.say("Mehr Licht").say(text).answer == "inquiry/name"


def test_a_message_may_be_a_question(form: Form) -> None:
    assert not form.begin("message").say("Was kostet eigentlich das WLAN?", "ask_cost").rejected
    assert form.answer == "inquiry/name"


def test_an_old_button_to_send_files_nothing_incomplete(form: Form, desk: Desk) -> None:
    form.begin("message").say("Mehr Licht").press("send")
    assert form.answer == "inquiry/name"
    assert desk.draft(SENDER).filed is None


def test_where_answers_would_be_stored_the_desk_is_closed(store: KnowledgeStore, desk: Desk) -> None:
    """As under stock Rasa, whose messages do not carry the mark of the repair."""
    for metadata, begun in (({}, []), ({**WITHHELD, "forms": False}, []), (WITHHELD, ["inquiry_form"])):
        text = "Ich möchte einen Termin vereinbaren"
        message = {"text": text, "intent": {"name": "office_appointment"}, "entities": [], "metadata": metadata}
        tracker = Tracker(SENDER, {}, message, [], False, None, {}, None)
        dispatcher = CollectingDispatcher()
        events = ACTIONS["action_answer_office"](store, lambda: NOW, desk).run(dispatcher, tracker, {})
        assert [event["name"] for event in events if event["event"] == "followup"] == begun
        offered = [button["payload"] for button in dispatcher.messages[0]["buttons"]]
        assert any(payload.startswith("/inquiry_continue") for payload in offered) == bool(begun)
        assert dispatcher.messages[0]["custom"]["answer"] == "office/appointment"


def _turn(store: KnowledgeStore, text: str, intent: str) -> Turn:
    return Turn(store.knowledge, text, intent, (), "de", "de", NOW.date())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Ich möchte einen Termin vereinbaren", True),
        ("Ich brauche einen Termin", True),
        ("ich hätte gern einen Termin bei Herrn Lewitzki", True),
        ("Bitte einen Termin", True),
        ("I would like to make an appointment", True),
        ("Brauche ich einen Termin?", False),
        ("Ich möchte wissen, wie ich einen Termin bekomme", False),
        ("Ich will keinen Termin", False),
        ("Termin", False),
        ("Wie bekomme ich einen Termin", False),
    ],
)
def test_explicit_wishes_for_an_appointment(store: KnowledgeStore, text: str, wanted: bool) -> None:
    assert wants_appointment(_turn(store, text, "office_appointment")) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Bitte um Rückruf", True),
        ("bitte rufen Sie mich zurück", True),
        ("Kann mich jemand zurückrufen?", True),
        ("please have somebody call me back", True),
        ("Ich möchte keinen Rückruf", False),
        ("Ich will mit einem Menschen sprechen", False),
    ],
)
def test_explicit_wishes_to_be_called(store: KnowledgeStore, text: str, wanted: bool) -> None:
    assert wants_call(_turn(store, text, "want_person")) == wanted


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Abbrechen!", "cancel"),
        ("zurück, bitte", "back"),
        ("Continue later", "later"),
        ("Zurück in die Zukunft, das Kino am Platz", None),
        ("Stopp der Bauarbeiten", None),
    ],
)
def test_commands_are_whole_messages(said: str, meant: str | None) -> None:
    assert command(said, "back", "cancel", "later") == meant


def test_choices_and_changes_in_words() -> None:
    assert choice("ich möchte eine Beschwerde loswerden", "kind") == "message"
    assert choice("lieber persönlich vor Ort", "manner") == "in_person"
    assert change("die Telefonnummer stimmt nicht") == "contact"
    assert change("Mein Name ist falsch geschrieben") == "name"
    assert change("alles bestens") is None
