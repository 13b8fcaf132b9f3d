"""What both forms are: validation actions that speak, and give way to questions asked in between."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Optional

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecutionRejected
from rasa_sdk.executor import CollectingDispatcher

from actions.inquiries.steps import Draft
from actions.rasa_actions import TurnAction, remember, utter
from actions.reply import Card, Reply
from actions.turn import Turn

FAILURES_UNTIL_OFFICE = 3


@dataclass(frozen=True)
class Outcome:
    """What a form answers: a card, and the step that is asked now; without a step it ends."""

    card: Card
    step: Optional[str] = None
    failures: int = 0
    enough: bool = True
    draft: Optional[Draft] = None


class FormAction(TurnAction):
    """A form's validation action: one turn of the form."""

    form = ""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]
    ) -> List[Dict[str, Any]]:
        # In a thread: a database that lets the desk wait must not hold up other conversations.
        return await asyncio.to_thread(self._run, dispatcher, tracker)

    def _run(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> List[Dict[str, Any]]:
        turn = _in_its_language(self.turn(tracker), tracker.slots)
        happened = _last_of_form(tracker, self.form)
        if happened == "action_execution_rejected":
            outcome = self.go_on(replace(turn, language=tracker.slots.get("language") or turn.language), tracker)
        elif happened == "active_loop":
            outcome = self.begin(turn, tracker)
        else:
            answered = self.answer(turn, tracker)
            if answered is None:
                # Another question: its own rule answers, and Rasa comes back to the form.
                return [ActionExecutionRejected(self.form)]
            outcome = answered
        utter(dispatcher, outcome.card)
        reply = Reply(outcome.card, topic=turn.topic, aspect=turn.aspect, language=None)
        return [*remember(turn, reply, tracker.slots), *self.events(outcome)]

    @abstractmethod
    def begin(self, turn: Turn, tracker: Tracker) -> Outcome:
        """The form becomes active."""

    @abstractmethod
    def answer(self, turn: Turn, tracker: Tracker) -> Optional[Outcome]:
        """The citizen answered; None when something else was asked."""

    @abstractmethod
    def go_on(self, turn: Turn, tracker: Tracker) -> Outcome:
        """Something else was answered in between: ask again."""

    @abstractmethod
    def events(self, outcome: Outcome) -> List[Dict[str, Any]]:
        """The form's slots after this."""


def _in_its_language(turn: Turn, slots: Mapping[str, Any]) -> Turn:
    """The turn in the conversation's language: names and addresses are in none of their own."""
    spoken = slots.get("language")
    if not spoken or turn.chosen_language != (slots.get("chosen_language") or turn.chosen_language):
        return turn
    return replace(turn, language=spoken)


def _last_of_form(tracker: Tracker, form: str) -> str:
    """What happened to the form last since the citizen's message: it became active, or gave way to a question."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") in ("active_loop", "action_execution_rejected") and event.get("name") == form:
            return str(event["event"])
    return ""
