"""The handlers as Rasa actions: read the tracker, answer, remember in slots."""

from __future__ import annotations

import datetime as dt
import secrets
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, Callable, Dict, List, Mapping, Optional, Type

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.doubt import chosen_by_number
from actions.inquiries import desk as desks
from actions.reading import read_turn
from actions.reply import Card, Reply, source_json
from actions.routes import HANDLERS, Handler, pressed
from actions.several import answers, main_reply
from actions.titles import chosen_by_title
from actions.turn import Turn
from smartcity.knowledge.records import LANGUAGES
from smartcity.knowledge.source import KnowledgeStore, shared_store


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


class TurnAction(Action, ABC):
    """A Rasa action that reads what was said in its conversation.

    Rasa's SDK creates actions without arguments; tests hand over a store, a clock and a desk of their own.
    """

    action_name = ""

    def __init__(
        self,
        store: Optional[KnowledgeStore] = None,
        clock: Callable[[], dt.datetime] = _now,
        desk: Optional[Any] = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk

    def name(self) -> str:
        return self.action_name

    @property
    def desk(self) -> Optional[Any]:
        """Where requests are kept; None where there is no such room."""
        return self._desk or desks.shared_desk()

    def turn(self, tracker: Tracker) -> Turn:
        """What was said, in its conversation."""
        turn = read_turn(tracker, (self._store or shared_store()).knowledge, self._clock())
        desk = self.desk if desks.is_open(tracker.latest_message or {}, self.desk) else None
        channel = tracker.get_latest_input_channel() or ""
        return replace(turn, desk=desk, sender=str(tracker.sender_id), channel=channel, events=tracker.events)

    @abstractmethod
    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> Any:
        """Answer; the events that follow."""


class CitizenAction(TurnAction):
    """One concern of a citizen; `handler` does the work."""

    @abstractmethod
    def handler(self, turn: Turn) -> Reply:
        """Answer the turn."""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Dict[str, Any]]:
        turn = self.turn(tracker)
        chosen = chosen_by_number(turn) or chosen_by_title(turn)
        replies = [pressed(turn, chosen)] if chosen else answers(turn, self.handler)
        for card in (*(reply.card for reply in replies), *dict.fromkeys(n for reply in replies for n in reply.notices)):
            if card.text:
                utter(dispatcher, card)
        main = main_reply(replies)
        remembered = remember(turn, main, tracker.slots) if main.card.text else []
        # A form that is active already follows by itself.
        begins = main.form and main.form != tracker.active_loop_name
        return [*remembered, FollowupAction(main.form)] if begins else remembered


def utter(dispatcher: CollectingDispatcher, card: Card) -> None:
    """Say the card."""
    dispatcher.utter_message(
        text=card.text,
        buttons=[{"title": button.title, "payload": button.payload} for button in card.buttons],
        # The id is the message's, not the card's: it is new each time that something is said.
        json_message={**card.as_json(), "id": secrets.token_hex(16)},
    )


def _action(name: str, handler: Handler) -> Type[CitizenAction]:
    """An action class of this module for a handler (the SDK finds actions as subclasses)."""
    return type(
        "".join(part.capitalize() for part in name.split("_")),
        (CitizenAction,),
        {
            "__module__": __name__,
            "__doc__": handler.__doc__,
            "action_name": name,
            "handler": lambda self, turn: handler(turn),
        },
    )


ACTIONS: Dict[str, Type[CitizenAction]] = {name: _action(name, handler) for name, handler in HANDLERS.items()}
"""Every action by its name in domain.yml."""


def remember(turn: Turn, reply: Reply, slots: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """What the conversation remembers of the reply, as events."""
    card = reply.card
    wanted: Dict[str, Any] = {
        "language": reply.language or (card.language if card.language in LANGUAGES else turn.language),
        "chosen_language": reply.language or turn.chosen_language,
        "topic": reply.topic,
        "aspect": reply.aspect,
        "offered": [button.payload for button in card.buttons],
        "yes": reply.yes.payload if reply.yes else None,
        "listed": dict(reply.listed) if reply.listed else None,
        "lost": float(turn.lost + 1 if reply.lost else 0),
    }
    if card.answer != "talk/ask_source":
        wanted["last_answer"] = {
            **card.as_json(),
            "text": card.stored or card.text,
            "sources": [source_json(source) for source in card.sources],
            "buttons": [{"title": b.title, "intent": b.intent, "entities": dict(b.entities)} for b in card.buttons],
        }
    return [SlotSet(name, value) for name, value in wanted.items() if slots.get(name) != value]
