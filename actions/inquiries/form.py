"""The form that makes a request: reads each answer into the desk's draft, asks the next, files what is confirmed.

Its required slots hold markers only; what is missing is known from the draft. The action speaks, too,
so that there are no `utter_ask_...`: the sentences stand in content/, in three languages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.inquiries import answers, cards, excerpt, reading
from actions.inquiries.desk import Incomplete, TooMany, Unavailable
from actions.inquiries.form_action import FAILURES_UNTIL_OFFICE, FormAction, Outcome
from actions.inquiries.steps import FORM, KINDS, MANNERS, PREFIX, STEPS, Draft, markers, next_step, step_before, step_of
from actions.turn import Turn

STATE = "inquiry"
"""The slot that holds how the form goes: failures in a row, and whether enough wishes were told."""
FAILURES_UNTIL_NO = 2
"""Answers without a clear yes to whether the office may read the conversation: then it may not."""
SHARE_YES, SHARE_NO = "share_yes", "share_no"


class ValidateInquiryForm(FormAction):
    """The form that makes a request."""

    action_name = "validate_inquiry_form"
    form = FORM

    def begin(self, turn: Turn, tracker: Tracker) -> Outcome:
        if turn.desk is None:
            return Outcome(cards.said(turn, "closed", office=True))
        try:
            draft = turn.desk.draft(turn.sender)
        except Unavailable:
            return Outcome(cards.said(turn, "unavailable", office=True))
        continued = bool(set(draft.given) - {"kind", "language", "channel"})
        return _ask(turn, draft, True, turn.say("inquiry_continued" if continued else "inquiry_intro"))

    def go_on(self, turn: Turn, tracker: Tracker) -> Outcome:
        state = tracker.slots.get(STATE) or {}
        asked = step_of(tracker.slots.get("requested_slot")) or "kind"
        if turn.desk is None:
            return Outcome(cards.said(turn, "closed", office=True))
        try:
            draft = turn.desk.draft(turn.sender)
        except Unavailable:
            return _unavailable(turn, asked)
        return _again(turn, draft, asked, bool(state.get("enough", True)), turn.say("inquiry_back_to"))

    def answer(self, turn: Turn, tracker: Tracker) -> Optional[Outcome]:
        state = tracker.slots.get(STATE) or {}
        asked = step_of(tracker.slots.get("requested_slot")) or "kind"
        if turn.desk is None:
            return Outcome(cards.said(turn, "closed", office=True))
        try:
            draft = turn.desk.draft(turn.sender)
            if draft.empty and draft.filed:
                # It was filed, and the answer was lost on its way.
                return _file(turn, draft)
            form = _Form(turn, draft, asked, int(state.get("failures", 0)), bool(state.get("enough", True)))
            return form.outcome()
        except Unavailable:
            return _unavailable(turn, asked)

    def events(self, outcome: Outcome) -> List[Dict[str, Any]]:
        filled = markers(outcome.draft) if outcome.step and outcome.draft else dict.fromkeys(PREFIX + s for s in STEPS)
        state = {"failures": outcome.failures, "enough": outcome.enough} if outcome.step else None
        requested = PREFIX + outcome.step if outcome.step else None
        return [
            *(SlotSet(name, value) for name, value in filled.items()),
            SlotSet(STATE, state),
            SlotSet("requested_slot", requested),
        ]


@dataclass(frozen=True)
class _Form:
    """One message to the form."""

    turn: Turn
    draft: Draft
    step: str
    failures: int
    enough: bool

    def outcome(self) -> Optional[Outcome]:
        turn, step = self.turn, self.step
        chosen = reading.pressed(turn, turn.offered)
        if chosen is not None:
            return self.choose(chosen)
        if turn.pressed:
            return None
        chosen = self.spoken()
        if chosen is not None:
            return self.choose(chosen)
        taken = self.take() if step in answers.FIRST_READ else self.correct() if step == "confirmed" else None
        if taken is not None:
            return taken
        if step == "wishes" and self.draft.wishes and reading.is_enough(turn.text):
            return self.choose("enough")
        if reading.asks_in_between(turn, step, self.draft.kind):
            return self.tell_of_data() if turn.intent == "bot_privacy" else None
        return (None if step in answers.FIRST_READ else self.take()) or self.failed()

    def tell_of_data(self) -> Outcome:
        """What happens with what is said here; outside the form the assistant asks for nothing personal."""
        return _again(self.turn, self.draft, self.step, self.enough, self.turn.say("inquiry_data"))

    def spoken(self) -> Optional[str]:
        """The choice that the words are: a command, or one of what was offered."""
        text, step = self.turn.text, self.step
        about_it = step == "excerpt" or (step == "confirmed" and self.draft.shares and reading.names_conversation(text))
        agreed = reading.agrees(text) if about_it else None
        if agreed is not None:
            return SHARE_YES if agreed else SHARE_NO
        allowed = ["back", "cancel", "later", "again", *(["any", "enough"] if step == "wishes" else ["keep"])]
        found = reading.command(text, *allowed)
        if found:
            return found
        if step == "confirmed":
            changed = reading.change(text)
            return "send" if reading.confirms(text) else f"change_{changed}" if changed else None
        return None

    def choose(self, chosen: str) -> Outcome:
        turn, draft = self.turn, self.draft
        if chosen == "cancel":
            _desk(turn).forget(turn.sender)
            return Outcome(cards.said(turn, "cancelled"))
        if chosen == "later":
            return Outcome(cards.said(turn, "paused", (cards.choice(turn, "inquiry_go_on", "continue"),)))
        if chosen == "send":
            return _file(turn, draft)
        if chosen == "back":
            return _again(turn, draft, step_before(draft, self.step, excerpt.worth_sharing(turn)), self.enough)
        if chosen.startswith("change_"):
            return self.change(chosen[len("change_") :])
        if chosen == "again" or (chosen == "enough" and not draft.wishes):
            return _again(turn, draft, self.step, self.enough)
        if chosen in ("keep", "enough", "continue"):
            return _ask(turn, draft, True)
        if chosen == "any":
            return self.note(wishes=(answers.any_time(),))
        kind = chosen[len("begin_") :] if chosen.startswith("begin_") else chosen
        if kind in KINDS:
            return self.note(kind=kind)
        if chosen in (SHARE_YES, SHARE_NO):
            return self.share(chosen == SHARE_YES)
        if chosen in MANNERS and self.step in ("manner", "contact", "confirmed"):
            return self.note(manner=chosen)
        return _again(turn, draft, self.step, self.enough)

    def change(self, step: str) -> Outcome:
        if step not in STEPS:
            return _again(self.turn, self.draft, self.step, self.enough)
        if step == "wishes":
            _desk(self.turn).note(self.turn.sender, wishes=())
            return _again(self.turn, _desk(self.turn).draft(self.turn.sender), step, False)
        return _again(self.turn, self.draft, step, True)

    def share(self, agreed: bool, remark: str = "") -> Outcome:
        """Whether the office may read the conversation; without a yes nothing of it is kept."""
        text = excerpt.written(self.turn) if agreed else ""
        self.note(shares="yes" if text else "no", excerpt=text or None)
        return _ask(self.turn, _desk(self.turn).draft(self.turn.sender), True, remark)

    def take(self) -> Optional[Outcome]:
        """The answer put into the draft; None where it is none."""
        read = answers.read(self.turn, self.step, self.draft)
        if read is None:
            return None
        return self.note(**read)

    def correct(self) -> Optional[Outcome]:
        """An address, a number or a time that is typed in answer to the summary takes the place of the one shown."""
        read = answers.corrected(self.turn, self.draft)
        if read is None:
            return None
        outcome = self.note(**read)
        return _ask(self.turn, _desk(self.turn).draft(self.turn.sender), True) if outcome.failures == 0 else outcome

    def note(self, **values: Any) -> Outcome:
        desk = _desk(self.turn)
        try:
            desk.note(self.turn.sender, **values)
        except ValueError:
            return self.failed()
        draft = desk.draft(self.turn.sender)
        more = "wishes" in values and answers.any_time() not in values["wishes"]
        return _ask(self.turn, draft, enough=not more)

    def failed(self) -> Outcome:
        """Say what was wrong with the answer and ask again; the office's number after three times."""
        failures = self.failures + 1
        if self.step == "excerpt" and failures >= FAILURES_UNTIL_NO:
            return self.share(False, self.turn.say("inquiry_excerpt_unclear"))
        remark = answers.refusal(self.turn, self.step, self.draft)
        office = failures >= FAILURES_UNTIL_OFFICE
        return replace(_again(self.turn, self.draft, self.step, self.enough, remark, office), failures=failures)


def _ask(turn: Turn, draft: Draft, enough: bool, remark: str = "") -> Outcome:
    """Ask what is missing next; when nothing is, show all to confirm."""
    return _again(turn, draft, next_step(draft, enough, excerpt.worth_sharing(turn)), enough, remark)


def _again(turn: Turn, draft: Draft, step: str, enough: bool, remark: str = "", office: bool = False) -> Outcome:
    """Ask for this step."""
    if step == "confirmed":
        card = cards.summary(turn, draft, answers.wishes_in_words(turn, draft), remark)
    else:
        if step == "wishes" and draft.wishes and not remark:
            remark = answers.noted(turn, draft)
        card = cards.question(turn, step, draft, remark, office)
    return Outcome(card, step, 0, enough, draft)


def _file(turn: Turn, draft: Draft) -> Outcome:
    """File the request; what goes wrong leaves the draft as it is."""
    try:
        receipt = _desk(turn).file(turn.sender)
    except Incomplete:
        return _ask(turn, draft, True)
    except TooMany:
        return Outcome(cards.said(turn, "too_many", office=True))
    except Unavailable:
        remark = turn.say("inquiry_not_filed")
        card = cards.summary(turn, draft, answers.wishes_in_words(turn, draft), remark, retry=True)
        return Outcome(card, "confirmed", 0, True, draft)
    return Outcome(cards.filed(turn, draft.kind or "message", receipt.reference, receipt.mailed))


def _unavailable(turn: Turn, step: str) -> Outcome:
    buttons = (cards.choice(turn, "inquiry_retry", "again"), cards.choice(turn, "inquiry_later", "later"))
    return Outcome(cards.said(turn, "unavailable", buttons, office=True), step)


def _desk(turn: Turn) -> Any:
    assert turn.desk is not None
    return turn.desk
