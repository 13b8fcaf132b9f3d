"""What is said to a form is in no store, no broker and no log; everything else is as it was."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from smartcity.runtime.withholding import LINE, MARK, PLACEHOLDER, PRIVATE

from ..databases import KINDS, database_url

DOMAIN = Domain.load("domain.yml")
SECRET = "Erika Mustermann, Königstraße 5"
PERSONAL = ("Erika", "Mustermann", "Königstraße", "K\\u00f6nigstra")


class Broker:
    """An event broker that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def publish(self, event: dict[str, Any]) -> None:
        self.told.append(event)


class Processor(MessageProcessor):
    """Rasa's own, with a parser that copies the text wherever Rasa's graph would."""

    def __init__(self, store: Any) -> None:
        self.tracker_store, self.domain = store, DOMAIN

    async def parse_message(self, message: UserMessage, *_: Any, **__: Any) -> dict[str, Any]:
        logging.getLogger("rasa").debug("parsed %s", message.text)
        return {
            "text": message.text,
            "intent": {"name": "nlu_fallback", "confidence": 0.5},
            "entities": [{"entity": "office", "value": message.text, "start": 0, "end": 5}],
            "text_tokens": [[0, 5]],
            "parts": [{"text": message.text}],
            "language": "de",
        }


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with database_url(request.param, tmp_path, "conversations.db") as url:
        where = {"db": str(tmp_path / "conversations.db")} if request.param == "sqlite" else {"host": url}
        opened = SQLTrackerStore(DOMAIN, dialect=request.param, event_broker=Broker(), **where)
        yield opened
        opened.engine.dispose()


def _tracker(form: str | None) -> DialogueStateTracker:
    tracker = DialogueStateTracker.from_events("web:1", [], slots=DOMAIN.slots)
    for event in (ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")):
        tracker.update(event)
    if form:
        tracker.update_with_events([UserUttered("Hallo"), ActionExecuted(form), ActiveLoop(form)], DOMAIN)
        tracker.update(ActionExecuted("action_listen"))
    return tracker


async def _turn(processor: Processor, tracker: Any, text: str, *said: BotUttered) -> UserMessage:
    message = UserMessage(text, None, "web:1", metadata={"language": "de"})
    await processor._handle_message_with_tracker(message, tracker)
    for event in said:
        tracker.update(event)
    await processor.save_tracker(tracker)
    return message


def _rows(store: Any) -> str:
    with store.engine.connect() as connection:
        return "\n".join(str(tuple(row)) for row in connection.execute(SQLTrackerStore.SQLEvent.__table__.select()))


async def test_what_is_typed_to_a_form_is_stored_as_a_placeholder(store: Any) -> None:
    await _turn(Processor(store), _tracker("inquiry_form"), SECRET)
    rows = _rows(store)
    assert PLACEHOLDER in rows
    assert not [word for word in PERSONAL if word in rows]
    told = json.dumps(store.event_broker.told, ensure_ascii=False)
    assert PLACEHOLDER in told
    assert not [word for word in PERSONAL if word in told]
    kept = await store.retrieve("web:1")
    assert kept.latest_message.text == PLACEHOLDER
    assert not kept.latest_message.entities


async def test_the_files_hold_nothing_either(tmp_path: Path) -> None:
    store = SQLTrackerStore(DOMAIN, dialect="sqlite", db=str(tmp_path / "c.db"))
    await _turn(Processor(store), _tracker("inquiry_form"), SECRET)
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert PLACEHOLDER.encode() in files
    assert b"Mustermann" not in files
    assert sqlite3.connect(tmp_path / "c.db").execute("SELECT count(*) FROM events").fetchone()[0]


async def test_the_intent_and_the_language_stay(store: Any) -> None:
    tracker = _tracker("inquiry_form")
    await _turn(Processor(store), tracker, SECRET)
    stored = tracker.latest_message.as_dict()
    assert stored["parse_data"]["intent"]["name"] == "nlu_fallback"
    assert set(stored["parse_data"]) == {"intent", "language", "text", "entities", "metadata"}
    assert stored["metadata"] == {"language": "de", MARK: True, PRIVATE: True}


async def test_outside_a_form_all_is_stored_as_it_was_said(store: Any) -> None:
    tracker = _tracker(None)
    await _turn(Processor(store), tracker, "Was kostet der KRuiser?")
    assert "Was kostet der KRuiser?" in _rows(store)
    assert tracker.latest_message.metadata == {"language": "de", MARK: True}


async def test_a_button_stays_and_other_texts_with_a_slash_do_not(store: Any) -> None:
    tracker = _tracker("inquiry_form")
    await _turn(Processor(store), tracker, '/inquiry_continue{"step": "back"}')
    assert tracker.latest_message.text == '/inquiry_continue{"step": "back"}'
    await _turn(Processor(store), tracker, "/Erika Mustermann")
    assert tracker.latest_message.text == PLACEHOLDER


async def test_an_answer_that_repeats_it_is_stored_as_it_says(store: Any) -> None:
    tracker = _tracker(None)
    custom = {"id": "1", "answer": "inquiry/summary", "stored": "[nicht gespeichert]"}
    await _turn(Processor(store), tracker, "weitermachen", BotUttered(f"Name: {SECRET}", {"custom": custom}))
    rows = _rows(store)
    assert "[nicht gespeichert]" in rows
    assert not [word for word in PERSONAL if word in rows]
    assert "stored" not in custom


async def test_a_store_that_fails_hands_on_nothing() -> None:
    class Broken(InMemoryTrackerStore):
        async def save(self, tracker: DialogueStateTracker) -> None:
            raise RuntimeError("no disk")

    fallback = InMemoryTrackerStore(DOMAIN)
    store = FailSafeTrackerStore(Broken(DOMAIN), fallback_tracker_store=fallback)
    with pytest.raises(RuntimeError, match="no disk"):
        await _turn(Processor(store), _tracker("inquiry_form"), SECRET)
    assert fallback.store == {}


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """All that Rasa's loggers write, debug lines too."""
    found: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(self.format(record))

    logger, handler = logging.getLogger("rasa"), Keep()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield found
    logger.removeHandler(handler)
    logger.setLevel(level)


async def test_no_line_of_the_log_holds_it(store: Any, lines: list[str]) -> None:
    async def turn() -> None:
        await _turn(Processor(store), _tracker("inquiry_form"), SECRET)
        logger = logging.getLogger("rasa.core.processor")
        logger.debug("the summary says %s", "Erika")
        logger.error("failed at %s", SECRET)
        try:
            raise ValueError(f"cannot read {SECRET}")
        except ValueError:
            logger.exception("it failed")

    # Each message is a task of its own, as in the channel.
    await asyncio.create_task(turn())
    logging.getLogger("rasa").debug("Erika is somebody else here")
    said = "\n".join(lines)
    assert LINE in said
    assert "failed at" in said and "cannot read" in said
    assert lines[-1] == "Erika is somebody else here"
    assert not [word for word in PERSONAL if word in "\n".join(lines[:-1])]


async def test_outside_a_form_lines_are_whole(store: Any, lines: list[str]) -> None:
    await asyncio.create_task(_turn(Processor(store), _tracker(None), "Was kostet der KRuiser?"))
    assert "parsed Was kostet der KRuiser?" in lines
