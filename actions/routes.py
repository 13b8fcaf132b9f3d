"""Which handler does which action, and what choices of the citizen lead on to."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Dict

from actions import conversation, doubt, elsewhere, facts, office, themes
from actions.inquiries import doors
from actions.reply import Card, Reply
from actions.turn import Turn

Handler = Callable[[Turn], Reply]


def affirm(turn: Turn) -> Reply:
    """'Ja' takes what was offered."""
    if turn.yes:
        return pressed(turn, turn.yes)
    card = Card(turn.say("affirm_nothing"), "talk/affirm", turn.language, conversation.start_buttons(turn))
    return Reply(card, topic=turn.topic, aspect=turn.aspect)


def deny(turn: Turn) -> Reply:
    """'Nein' drops what was offered; a name in the same message is taken up."""
    if turn.of_kind("initiative", "theme"):
        return facts.answer(turn)
    card = Card(turn.say("deny_nothing"), "talk/deny", turn.language, conversation.start_buttons(turn))
    return Reply(card, topic=turn.topic, aspect=turn.aspect)


def choose_other(turn: Turn) -> Reply:
    """'Das andere', 'die zweite': another of the choices that were offered."""
    if turn.of_kind("initiative", "theme"):
        return facts.answer(turn)
    payload = conversation.choose(turn) or (turn.offered[1] if len(turn.offered) > 1 else None)
    if payload:
        return pressed(turn, payload)
    return deny(turn)


def resolve_doubt(turn: Turn) -> Reply:
    """Two close readings ask back, unless both lead to the same answer; else offer what fits best, or say so."""
    if turn.desk and doors.names_reference(turn):
        return doors.tell_state(turn)
    if turn.doubt != "unclear":
        return doubt.not_understood(turn)
    readings = [routed(replace(turn, intent=intent, doubt=None)) for intent, _ in turn.ranking[:2]]
    if len(readings) == 2 and readings[0].card == readings[1].card and not readings[0].lost:
        return readings[0]
    if _asks_nothing_named(turn) and readings[0].card.answer == "which":
        return readings[0]
    return doubt.ask_back(turn) or doubt.not_understood(turn)


def _asks_nothing_named(turn: Turn) -> bool:
    """Whether each likely reading is a question about an initiative, and none is named or talked of."""
    asks = all(intent.startswith("ask_") and intent != "ask_source" for intent, _ in turn.ranking[:2])
    return asks and turn.meant() is None and turn.remembered() is None


HANDLERS: Dict[str, Handler] = {
    "action_answer_initiative": facts.answer,
    "action_answer_theme": themes.answer,
    "action_list_themes": themes.list_themes,
    "action_list_initiatives": themes.list_initiatives,
    "action_list_more": themes.list_more,
    "action_answer_office": office.answer,
    "action_converse": conversation.converse,
    "action_switch_language": conversation.switch_language,
    "action_repeat": conversation.repeat,
    "action_tell_source": conversation.tell_source,
    "action_offer_person": conversation.offer_person,
    "action_own_up": conversation.own_up,
    "action_affirm": affirm,
    "action_deny": deny,
    "action_choose_other": choose_other,
    "action_point_to_service": elsewhere.point_to_service,
    "action_point_to_defects": elsewhere.point_to_defects,
    "action_emergency": elsewhere.emergency,
    "action_decline": elsewhere.decline,
    "action_answer_other_language": elsewhere.answer_other_language,
    "action_begin_inquiry": doors.begin,
    "action_tell_inquiry": doors.tell_state,
    "action_withdraw_inquiry": doors.withdraw,
    "action_resolve_doubt": resolve_doubt,
}
"""Handler of each action in domain.yml. Which intent leads to which action stands in data/rules."""

BY_PREFIX = {"ask_": facts.answer, "theme_": themes.answer, "office_": office.answer}
BY_INTENT: Dict[str, Handler] = {
    "list_themes": themes.list_themes,
    "list_initiatives": themes.list_initiatives,
    "list_more": themes.list_more,
    "help": conversation.converse,
    "inquiry_continue": doors.begin,
    "inquiry_state": doors.tell_state,
    "inquiry_withdraw": doors.withdraw,
}
"""What buttons lead to."""
WITHOUT_BUTTON: Dict[str, Handler] = {
    "follow_up": facts.answer,
    "ask_source": conversation.tell_source,
    "city_service": elsewhere.point_to_service,
    "report_defect": elsewhere.point_to_defects,
    "deny": deny,
    "out_of_scope": elsewhere.decline,
    **dict.fromkeys(("bot_identity", "bot_human", "bot_privacy"), conversation.converse),
    "want_person": conversation.offer_person,
    "nlu_fallback": resolve_doubt,
}


def pressed(turn: Turn, payload: str) -> Reply:
    """Answer as if the button with `payload` had been pressed; buttons carry these intents only."""
    return routed(turn.pressing(payload))


def routed(turn: Turn) -> Reply:
    """Answer one question of a message by its intent."""
    handler = BY_INTENT.get(turn.intent) or ({} if turn.pressed else WITHOUT_BUTTON).get(turn.intent)
    for prefix, prefixed in BY_PREFIX.items():
        if handler is None and turn.intent.startswith(prefix):
            handler = prefixed
    return (handler or doubt.not_understood)(turn)
