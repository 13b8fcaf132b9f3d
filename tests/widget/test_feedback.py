"""Thumbs, reasons and the rating at the end: what is shown, and what reaches Rasa."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from .chat import LISTEN, Chat
from .conftest import Open, Stage
from .states import ANSWER, NOTICE, answer

UP, DOWN = "Hilfreich", "Nicht hilfreich"
NOT_STORED = "Das wurde nicht gespeichert. Bitte versuchen Sie es noch einmal."


def _asked(open_page: Open, stage: Stage, **profile: Any) -> Chat:
    chat = open_page("/", **profile)
    chat.open()
    stage.rasa.messages = [ANSWER]
    chat.say("Gibt es den KRuiser noch?")
    return chat


def _pressed(chat: Chat) -> list[str | None]:
    return [chat.button(name).get_attribute("aria-pressed") for name in (UP, DOWN)]


def test_an_answer_is_rated_changed_and_taken_back(open_page: Open, stage: Stage) -> None:
    chat = _asked(open_page, stage)
    assert _pressed(chat) == ["false", "false"]
    reason = chat.element.locator(".reason")
    for name, pressed in [(UP, ["true", "false"]), (DOWN, ["false", "true"]), (DOWN, ["false", "false"])]:
        chat.button(name).click()
        expect(chat.button(name)).to_have_attribute("aria-pressed", pressed[name == DOWN])
        assert _pressed(chat) == pressed
        assert reason.is_visible() is ("true" in pressed)
    sender = stage.rasa.received[0]["sender"]
    assert stage.rasa.rated == [
        {"sender": sender, "message": "a1", "rating": rating, "comment": None} for rating in ("up", "down", "none")
    ]


@pytest.mark.parametrize(("name", "other", "rating"), [(DOWN, UP, "down"), (UP, DOWN, "up")])
def test_the_reason_is_kept_with_the_answer(open_page: Open, stage: Stage, name: str, other: str, rating: str) -> None:
    chat = _asked(open_page, stage, init=LISTEN)
    chat.button(name).click()
    field = chat.element.get_by_role("textbox", name="Möchten Sie uns etwas dazu sagen? (freiwillig)")
    expect(field).to_be_in_viewport()
    chat.button("Absenden").click()
    expect(field).to_be_focused()  # there is nothing to send
    assert len(stage.rasa.rated) == 1
    field.fill("  Der Preis\u0007 fehlt.  ")
    chat.button("Absenden").click()
    thanks = chat.element.locator(".thanks")
    expect(thanks).to_have_text("Danke. Ihr Hinweis ist gespeichert.")
    expect(thanks).to_be_focused()
    expect(field).to_be_hidden()
    assert stage.rasa.rated[-1] == {
        "sender": stage.rasa.received[0]["sender"],
        "message": "a1",
        "rating": rating,
        "comment": "Der Preis fehlt.",
    }
    # Another mind still counts.
    chat.button(other).click()
    expect(chat.button(other)).to_have_attribute("aria-pressed", "true")


def test_a_reason_has_at_most_500_characters(open_page: Open, stage: Stage) -> None:
    chat = _asked(open_page, stage)
    chat.button(DOWN).click()
    field = chat.element.locator(".reason input")
    expect(field).to_be_visible()  # only when the rating has been stored; what is hidden takes no focus
    field.focus()
    chat.page.keyboard.insert_text("x" * 600)
    expect(field).to_have_value("x" * 500)
    chat.button("Absenden").click()
    expect(chat.element.locator(".thanks")).to_be_visible()


def test_a_rating_that_fails_is_not_shown_as_given(open_page: Open, stage: Stage) -> None:
    chat = _asked(open_page, stage, init=LISTEN, quiet=False)
    stage.rasa.rate_status = 503
    chat.button(UP).click()
    trouble = chat.element.locator(".trouble")
    expect(trouble).to_have_text(NOT_STORED)
    assert chat.told("states") == [NOT_STORED]
    assert _pressed(chat) == ["false", "false"]
    stage.rasa.rate_status = 204
    chat.button(DOWN).click()
    expect(chat.button(DOWN)).to_have_attribute("aria-pressed", "true")
    expect(trouble).to_be_hidden()
    stage.rasa.rate_status = 503
    chat.element.locator(".reason input").fill("Der Preis")
    chat.button("Absenden").click()
    expect(trouble).to_have_text(NOT_STORED)
    expect(chat.element.locator(".reason input")).to_have_value("Der Preis")
    stage.rasa.rate_status = 204
    chat.button("Absenden").click()
    expect(chat.element.locator(".thanks")).to_be_focused()
    expect(trouble).to_be_hidden()


def test_ratings_outlive_a_reload(open_page: Open, stage: Stage) -> None:
    chat = _asked(open_page, stage)
    chat.button(DOWN).click()
    expect(chat.button(DOWN)).to_have_attribute("aria-pressed", "true")
    stage.rasa.messages = [answer("Zweite Antwort.")]
    chat.say("Noch etwas")
    chat.button(UP).last.click()
    expect(chat.button(UP).last).to_have_attribute("aria-pressed", "true")
    chat.page.reload()
    chat.open()
    thumbs = chat.element.locator(".tools [aria-pressed]")
    expect(thumbs).to_have_count(4)
    assert [one.get_attribute("aria-pressed") for one in thumbs.all()] == ["false", "true", "true", "false"]
    chat.button(DOWN).first.click()
    expect(chat.button(DOWN).first).to_have_attribute("aria-pressed", "false")
    assert [one["message"] for one in stage.rasa.rated] == ["a1", "id-Zweite Antwort.", "a1"]


def test_only_answers_can_be_rated(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    expect(chat.element.locator(".tools")).to_have_count(0)
    stage.rasa.messages = [NOTICE, answer("Ohne Nummer.", id=None), answer("Mit Nummer.")]
    chat.say("Hallo", answers=3)
    expect(chat.element.locator(".tools")).to_have_count(1)
    expect(chat.answers.last.locator(".tools")).to_be_visible()


@pytest.mark.parametrize(
    ("choice", "comment", "rated"),
    [
        ("sehr zufrieden", "", ("5", None)),
        ("sehr unzufrieden", "Zu kurz.", ("1", "Zu kurz.")),
    ],
)
def test_the_conversation_is_rated_at_its_end(
    open_page: Open, stage: Stage, choice: str, comment: str, rated: tuple[str, str | None]
) -> None:
    chat = _asked(open_page, stage)
    chat.menu("Gespräch beenden oder löschen")
    chat.element.get_by_role("radio", name=choice, exact=True).check()
    chat.element.locator("#comment").fill(comment)
    chat.button("Beenden").click()
    expect(chat.button("Neues Gespräch")).to_be_visible()
    sender = stage.rasa.received[0]["sender"]
    assert stage.rasa.rated == [{"sender": sender, "message": None, "rating": rated[0], "comment": rated[1]}]


def test_a_sentence_without_a_rating_is_kept_too(open_page: Open, stage: Stage) -> None:
    chat = _asked(open_page, stage, quiet=False)
    chat.menu("Gespräch beenden oder löschen")
    chat.element.get_by_role("textbox", name="Möchten Sie uns etwas dazu sagen? (freiwillig)").fill("Weiter so.")
    chat.button("Beenden").click()
    expect(chat.button("Neues Gespräch")).to_be_visible()
    assert [one["comment"] for one in stage.rasa.rated] == ["Weiter so."]


def test_an_end_rating_that_fails_ends_nothing(open_page: Open, stage: Stage) -> None:
    chat = _asked(open_page, stage, quiet=False)
    stage.rasa.rate_status = 503
    chat.menu("Gespräch beenden oder löschen")
    chat.element.get_by_role("radio", name="zufrieden", exact=True).check()
    chat.element.locator("#comment").fill("Weiter so.")
    chat.button("Beenden").click()
    expect(chat.element.locator(".trouble")).to_have_text(NOT_STORED)
    expect(chat.element.get_by_role("radio", name="zufrieden", exact=True)).to_be_checked()
    expect(chat.element.locator("#comment")).to_have_value("Weiter so.")
    assert len(chat.stored()) == 1
    stage.rasa.rate_status = 204
    chat.button("Beenden").click()
    expect(chat.button("Neues Gespräch")).to_be_visible()
    expect(chat.element.locator(".trouble")).to_be_hidden()
    assert chat.stored() == []


def test_who_deletes_rates_nothing(open_page: Open, stage: Stage) -> None:
    """The rating would be deleted with the rest."""
    chat = _asked(open_page, stage)
    chat.menu("Gespräch beenden oder löschen")
    chat.element.get_by_role("radio", name="zufrieden", exact=True).check()
    chat.button("Beenden und löschen").click()
    expect(chat.button("Neues Gespräch")).to_be_visible()
    assert stage.rasa.rated == []
    assert len(stage.rasa.forgotten) == 1


def test_after_the_end_of_its_session_a_conversation_can_still_be_ended(open_page: Open, stage: Stage) -> None:
    """With a rating that belongs to nothing any more."""
    chat = _asked(open_page, stage, quiet=False)
    stage.rasa.rate_status = 410
    chat.menu("Gespräch beenden oder löschen")
    chat.element.get_by_role("radio", name="zufrieden", exact=True).check()
    chat.button("Beenden").click()
    expect(chat.button("Neues Gespräch")).to_be_visible()
    assert chat.stored() == []
