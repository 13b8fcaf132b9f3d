"""The form that withdraws a filed request: its reference, and the e-mail address or telephone number used in it."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.inquiries import cards, reading
from actions.inquiries.answers import contacts_in
from actions.inquiries.desk import Unavailable, references
from actions.inquiries.doors import WITHDRAWAL, known_reference
from actions.inquiries.form_action import FAILURES_UNTIL_OFFICE, FormAction, Outcome
from actions.reply import Card
from actions.turn import Turn

STATE = "withdrawal"
"""The slot that holds the reference and the failures in a row. A reference tells nobody who filed the request."""
PREFIX = "withdrawal_"
STEPS = ("reference", "contact")


class ValidateWithdrawalForm(FormAction):
    """The form that withdraws a request."""

    action_name = "validate_withdrawal_form"
    form = WITHDRAWAL

    def begin(self, turn: Turn, tracker: Tracker) -> Outcome:
        if turn.desk is None:
            return Outcome(cards.said(turn, "closed", office=True))
        try:
            return _asked(turn, known_reference(turn))
        except Unavailable:
            return Outcome(cards.said(turn, "unavailable", office=True))

    def go_on(self, turn: Turn, tracker: Tracker) -> Outcome:
        return _asked(turn, _reference(tracker), remark=turn.say("inquiry_back_to"))

    def answer(self, turn: Turn, tracker: Tracker) -> Optional[Outcome]:
        if turn.desk is None:
            return Outcome(cards.said(turn, "closed", office=True))
        reference = _reference(tracker)
        failures = int((tracker.slots.get(STATE) or {}).get("failures", 0)) + 1
        chosen = reading.pressed(turn, turn.offered) or reading.command(turn.text, "back", "cancel", "later", "again")
        if chosen in ("cancel", "later"):
            return Outcome(cards.said(turn, "not_withdrawing"))
        if chosen is not None:
            return _asked(turn, None if chosen == "back" else reference)
        typed = references.find(turn.text)
        if typed and not turn.pressed:
            reference, failures = typed, 1
        email, telephone = contacts_in(turn.text) if not turn.pressed else (None, None)
        if reference and (email or telephone):
            return _withdrawn(turn, reference, email or telephone or "", failures)
        if typed:
            return _asked(turn, reference)
        if reading.asks_in_between(turn, "contact", None):
            return None
        remark = turn.say("inquiry_not_contact" if reference else "inquiry_not_reference")
        return _asked(turn, reference, failures, remark)

    def events(self, outcome: Outcome) -> List[Dict[str, Any]]:
        reference = outcome.draft if outcome.step else None
        state = {"reference": reference, "failures": outcome.failures} if outcome.step else None
        return [
            SlotSet(PREFIX + "reference", "given" if reference else None),
            SlotSet(STATE, state),
            SlotSet("requested_slot", PREFIX + outcome.step if outcome.step else None),
        ]


def _withdrawn(turn: Turn, reference: str, contact: str, failures: int) -> Outcome:
    assert turn.desk is not None
    try:
        done = turn.desk.withdraw(reference, contact)
    except Unavailable:
        return _asked(turn, reference, 0, turn.say("inquiry_unavailable"))
    if done:
        return Outcome(cards.said(turn, "withdrawn", reference=reference))
    return _asked(turn, reference, failures, turn.say("inquiry_not_withdrawn"))


def _asked(turn: Turn, reference: Optional[str], failures: int = 0, remark: str = "") -> Outcome:
    step = "contact" if reference else "reference"
    text = turn.say("inquiry_ask_proof", reference=reference) if reference else turn.say("inquiry_ask_reference")
    office = cards.office_line(turn) if failures >= FAILURES_UNTIL_OFFICE else ""
    card = Card(
        "\n".join(line for line in (remark, office, text) if line),
        f"withdrawal/{step}",
        turn.language,
        (
            *([cards.choice(turn, "inquiry_back", "back")] if reference else []),
            cards.choice(turn, "inquiry_cancel", "cancel"),
        ),
        expects=cards.PERSONAL_ANSWER,
    )
    return Outcome(card, step, failures, draft=reference)


def _reference(tracker: Tracker) -> Optional[str]:
    kept: Optional[str] = (tracker.slots.get(STATE) or {}).get("reference")
    return kept
