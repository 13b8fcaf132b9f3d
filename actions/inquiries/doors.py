"""What leads to a request, on with it, or back to one that is filed."""

from __future__ import annotations

from typing import Any, Optional

from actions.inquiries import cards
from actions.inquiries.desk import Unavailable, references
from actions.inquiries.reading import CHOICE
from actions.inquiries.steps import FORM, KINDS
from actions.reply import Button, Card, Reply
from actions.turn import Turn, parse_payload

WITHDRAWAL = "withdrawal_form"
BEGIN = "begin_"
_SILENT = ""


def begin(turn: Turn) -> Reply:
    """Begin a request, or go on with the one that was begun."""
    from actions.conversation import offer_person
    from actions.themes import list_more

    if turn.desk is None:
        return list_more(turn) if turn.listed and not turn.pressed else offer_person(turn)
    kind = _kind(turn)
    if kind:
        return start(turn, kind)
    try:
        draft = turn.desk.draft(turn.sender)
    except Unavailable:
        return unavailable(turn)
    if not draft.empty:
        return Reply(Card(_SILENT, _SILENT, turn.language), form=FORM)
    if turn.listed and not turn.pressed:
        return list_more(turn)
    return Reply(cards.said(turn, "nothing_to_continue", cards.begin_buttons(turn, *KINDS)), topic=turn.topic)


def _kind(turn: Turn) -> Optional[str]:
    intent, entities = parse_payload(turn.text) if turn.pressed else ("", {})
    step = entities.get("step", "") if intent == CHOICE else ""
    kind = step[len(BEGIN) :]
    return kind if step.startswith(BEGIN) and kind in KINDS else None


def start(turn: Turn, kind: str, card: Optional[Card] = None) -> Reply:
    """Begin a request of this kind, after the card if there is one."""
    values = {"channel": turn.channel} if turn.channel else {}
    try:
        assert turn.desk is not None
        turn.desk.note(turn.sender, kind=kind, language=turn.language, **values)
    except Unavailable:
        return unavailable(turn)
    return Reply(card or Card(_SILENT, _SILENT, turn.language), topic=turn.topic, aspect=turn.aspect, form=FORM)


def unavailable(turn: Turn) -> Reply:
    """Nothing can be kept just now, so nothing was; the office can be reached all the same."""
    return Reply(cards.said(turn, "unavailable", office=True), topic=turn.topic, aspect=turn.aspect)


def tell_state(turn: Turn) -> Reply:
    """How a filed request stands."""
    from actions.conversation import offer_person

    if turn.desk is None:
        return offer_person(turn)
    try:
        reference = known_reference(turn)
        if not references.find(turn.text) and references.looks_like_one(turn.text):
            reference = None  # a slip in it: the last request of this conversation is not meant
        state = turn.desk.state(reference) if reference else None
    except Unavailable:
        return unavailable(turn)
    if reference is None:
        mistyped = not turn.pressed and references.looks_like_one(turn.text)
        return _kept(turn, cards.said(turn, "not_reference" if mistyped else "which_reference"))
    if state is None:
        return _kept(turn, cards.said(turn, "no_such", office=True, reference=reference))
    text = turn.say("inquiry_state", reference=state.reference, state=turn.say(f"inquiry_state_{state.state}"))
    # The reference goes with the button: it may be another one than was filed in this conversation.
    button = Button(turn.say("inquiry_withdraw"), "inquiry_withdraw", {"step": state.reference})
    buttons = (button,) if state.state in _OPEN else ()
    return _kept(turn, Card(text, "inquiry/state", turn.language, buttons))


_OPEN = ("new", "in_work", "confirmed")


def withdraw(turn: Turn) -> Reply:
    """Begin to withdraw a filed request."""
    from actions.conversation import offer_person

    if turn.desk is None:
        return offer_person(turn)
    return Reply(Card(_SILENT, _SILENT, turn.language), form=WITHDRAWAL)


def known_reference(turn: Turn) -> Optional[str]:
    """The reference in the message, else of the request that was filed last in this conversation."""
    assert turn.desk is not None
    typed: Optional[str] = references.find(turn.text)
    filed: Any = None if typed else turn.desk.draft(turn.sender).filed
    return typed or filed


def names_reference(turn: Turn) -> bool:
    """Whether the message holds the reference of a request."""
    return references.find(turn.text) is not None


def _kept(turn: Turn, card: Card) -> Reply:
    return Reply(card, topic=turn.topic, aspect=turn.aspect)
