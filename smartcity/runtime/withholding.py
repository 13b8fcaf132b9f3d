"""What a citizen says to a form is answered, and then neither stored nor logged.

Where: rasa.core.processor.MessageProcessor. `_handle_message_with_tracker` puts the message with all
that was read from it into the tracker, and `save_tracker` hands the tracker to the store, its
fallback and the event broker; on the way Rasa's debug lines show the text many times. Why: the answers
to a form are a person's name, address and concern. They belong into the request that the citizen
files, and nowhere else. What: before a tracker is saved, what was typed while a form was active
becomes a placeholder, in the very events that a kept tracker holds, and so does each answer that says
in `stored` what may be kept of it. While a form is at work, debug lines say no more than that they are
withheld, and no other line holds what was typed. Each message tells the actions that it is so
(`withholds` in its metadata): without this repair no form begins.

All that is typed counts, questions asked in between, too: nobody can tell for certain what is in it.
"""

from __future__ import annotations

import contextvars
import json
import logging
import re
from typing import Any, Tuple

from smartcity.runtime.states import follow_no_more

PLACEHOLDER = "[Angabe zu einer Anfrage, nicht gespeichert]"
MARK = "withholds"
"""In the metadata of every message: answers to forms are not stored."""
PRIVATE = "private"
"""In the metadata of a message that was typed to a form."""
LINE = "(a line about what was said to a form, withheld)"
_PRESSED = re.compile(r"/[a-z_0-9]+(\{[^{}]{0,200}\})?")
_KEPT_OF_PARSE = ("intent", "language", "familiarity")
_LEAST = 3
"""Shorter words are not looked for in log lines; they would tear up other words."""

_said: contextvars.ContextVar[Tuple[str, ...]] = contextvars.ContextVar("said_to_a_form", default=())
"""What no line of this turn may hold: the text, and its longer words."""
_at_work: contextvars.ContextVar[bool] = contextvars.ContextVar("form_at_work", default=False)


def withhold_answers() -> None:
    """Put the repair into MessageProcessor and into logging; again does nothing."""
    from rasa.core.actions.loops import LoopAction
    from rasa.core.processor import MessageProcessor

    if getattr(MessageProcessor, "withholds_answers", False):
        return
    handle = MessageProcessor._handle_message_with_tracker
    save = MessageProcessor.save_tracker
    run = MessageProcessor._run_action

    async def handle_message(processor: Any, message: Any, tracker: Any) -> None:
        in_form = tracker.active_loop_name is not None
        private = in_form and not _PRESSED.fullmatch(message.text or "")
        message.metadata = {**(message.metadata or {}), MARK: True, **({PRIVATE: True} if private else {})}
        _said.set(_parts(message.text or "") if private else ())
        _at_work.set(in_form)
        await handle(processor, message, tracker)

    async def run_action(processor: Any, action: Any, *args: Any, **kwargs: Any) -> bool:
        if isinstance(action, LoopAction):
            _at_work.set(True)  # it may say what it holds, also when it has just begun
        going_on: bool = await run(processor, action, *args, **kwargs)
        return going_on

    async def save_tracker(processor: Any, tracker: Any) -> None:
        withhold(tracker)
        await save(processor, tracker)

    setattr(MessageProcessor, "_handle_message_with_tracker", handle_message)
    setattr(MessageProcessor, "_run_action", run_action)
    setattr(MessageProcessor, "save_tracker", save_tracker)
    setattr(MessageProcessor, "withholds_answers", True)
    _withhold_lines()


def withhold(tracker: Any) -> None:
    """Put placeholders in the place of what may not be kept of the last turn; those before went through here, too."""
    from rasa.shared.core.events import BotUttered, UserUttered

    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            custom = event.data.get("custom") or {}
            if custom.get("stored"):
                event.text = custom.pop("stored")
        elif isinstance(event, UserUttered):
            if (event.metadata or {}).get(PRIVATE):
                _empty(event)
                # States that were made of it hold it, too.
                follow_no_more(tracker)
            return


def _empty(event: Any) -> None:
    parse = event.parse_data or {}
    kept = {key: parse[key] for key in _KEPT_OF_PARSE if key in parse}
    event.text = PLACEHOLDER
    event.entities = []
    event.parse_data = {**kept, "text": PLACEHOLDER, "entities": [], "metadata": event.metadata}


def _parts(text: str) -> Tuple[str, ...]:
    """The text and its words, also as JSON writes them, the longest first."""
    plain = {text, *text.split()}
    words = plain | {json.dumps(word)[1:-1] for word in plain} | {repr(text)[1:-1]}
    return tuple(sorted((word for word in words if len(word) >= _LEAST), key=len, reverse=True))


def _withhold_lines() -> None:
    """Make log records that hold nothing of it."""
    make = logging.getLogRecordFactory()

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        made = make(*args, **kwargs)
        said = _said.get()
        if made.levelno <= logging.DEBUG and (said or _at_work.get()):
            made.msg, made.args = LINE, None
        elif said:
            made.msg, made.args = _cleared(made.getMessage(), said), None
        if said and made.exc_info and made.exc_info[0] is not None:
            made.exc_text = _cleared(logging.Formatter().formatException(made.exc_info), said)
        return made

    logging.setLogRecordFactory(record)


def _cleared(line: str, said: Tuple[str, ...]) -> str:
    for part in said:
        line = line.replace(part, "[withheld]")
    return line
