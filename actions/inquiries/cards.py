"""What the forms say: their questions, the summary, and what became of a request."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from actions import facts
from actions.inquiries.reading import CHOICE
from actions.inquiries.steps import KINDS, MANNERS, PERSONAL, Draft, by_telephone, is_given, steps_of
from actions.reply import Button, Card
from actions.turn import Turn

PERSONAL_ANSWER = "personal"
"""In `expects` of a card: what is asked for is about the person."""
STORED = "[Antwort mit persönlichen Angaben, nicht gespeichert]"
"""What is kept of an answer that repeats what the citizen said."""


def choice(turn: Turn, phrase: str, step: str) -> Button:
    """A button of the forms: what it says, and which choice it is."""
    return Button(turn.say(phrase), CHOICE, {"step": step})


def begin_buttons(turn: Turn, *kinds: str) -> Tuple[Button, ...]:
    """Buttons that begin a request; none while the desk is closed."""
    return tuple(choice(turn, f"inquiry_begin_{kind}", f"begin_{kind}") for kind in kinds) if turn.desk else ()


def question(turn: Turn, step: str, draft: Draft, remark: str = "", office: bool = False) -> Card:
    """What the form asks, after a remark on the answer before; with the office's number after three failures."""
    lines = [remark, *([office_line(turn)] if office else []), _asked(turn, step, draft)]
    return Card(
        "\n".join(line for line in lines if line),
        f"inquiry/{step}",
        turn.language,
        _choices(turn, step, draft),
        links=_office_links(turn) if office else (),
        expects=PERSONAL_ANSWER if step in PERSONAL else None,
        # Wishes are repeated, or the day that was refused.
        stored=STORED if step == "wishes" and remark else None,
    )


def _asked(turn: Turn, step: str, draft: Draft) -> str:
    if step == "subject":
        return turn.say(f"inquiry_ask_subject_{draft.kind}")
    if step == "contact" and by_telephone(draft):
        return turn.say("inquiry_ask_telephone")
    if step == "wishes" and draft.wishes:
        return turn.say("inquiry_ask_wish_more")
    return turn.say(f"inquiry_ask_{step}")


def _choices(turn: Turn, step: str, draft: Draft) -> Tuple[Button, ...]:
    found: List[Button] = []
    if step == "kind":
        found = [choice(turn, f"inquiry_kind_{kind}", kind) for kind in KINDS]
    elif step == "manner":
        found = [choice(turn, f"inquiry_manner_{manner}", manner) for manner in MANNERS]
    elif step == "contact" and draft.kind == "callback":
        found = [choice(turn, "inquiry_by_email", "message")]
    elif step == "contact" and by_telephone(draft):
        found = [choice(turn, "inquiry_manner_in_person", "in_person")]
    elif step == "excerpt":
        found = [choice(turn, f"inquiry_share_{answer}", f"share_{answer}") for answer in ("yes", "no")]
    elif step == "wishes" and draft.wishes:
        found = [choice(turn, "inquiry_enough", "enough")]
    elif step == "wishes":
        found = [choice(turn, "inquiry_any", "any")]
    if step not in ("wishes", "kind", "excerpt") and is_given(draft, step):
        found.append(choice(turn, "inquiry_keep", "keep"))
    if step != "kind":
        found.append(choice(turn, "inquiry_back", "back"))
    return (*found, choice(turn, "inquiry_cancel", "cancel"))


def summary(turn: Turn, draft: Draft, wishes: str, remark: str = "", retry: bool = False) -> Card:
    """All that was said, to be confirmed; `wishes` are the wishes in words."""
    lines = [remark, turn.say("inquiry_summary")]
    for step in _shown(draft):
        lines += [f"- {turn.say(label)}: {value}" for label, value in _said(turn, step, draft, wishes) if value]
    lines += [turn.say("inquiry_data"), turn.say("inquiry_ask_confirmed")]
    send = choice(turn, "inquiry_retry" if retry else "inquiry_send", "send")
    changes = [choice(turn, f"inquiry_change_{step}", f"change_{step}") for step in _shown(draft)[1:]]
    buttons = (send, *changes, choice(turn, "inquiry_cancel", "cancel"))
    text = "\n".join(line for line in lines if line)
    # What is wrong may be put right by typing it.
    return Card(text, "inquiry/summary", turn.language, buttons, expects=PERSONAL_ANSWER, stored=STORED)


def _shown(draft: Draft) -> Tuple[str, ...]:
    """The steps whose answers the summary shows; the conversation only where somebody was asked about it."""
    return tuple(step for step in steps_of(draft)[:-1] if step != "excerpt" or draft.shares)


def _said(turn: Turn, step: str, draft: Draft, wishes: str) -> List[Tuple[str, Optional[str]]]:
    """Lines of the summary: label and value."""
    if step in ("kind", "manner"):
        return [(f"inquiry_line_{step}", turn.say(f"inquiry_{step}_{getattr(draft, step)}"))]
    if step == "contact":
        return [("inquiry_line_email", draft.email), ("inquiry_line_telephone", draft.telephone)]
    if step == "excerpt":
        return [("inquiry_line_excerpt", turn.say(f"inquiry_excerpt_{draft.shares}"))]
    return [(f"inquiry_line_{step}", wishes if step == "wishes" else getattr(draft, step))]


def filed(turn: Turn, kind: str, reference: str, mailed: bool) -> Card:
    """The reference, and what happens next."""
    lines = [turn.say("inquiry_filed", reference=reference), turn.say(f"inquiry_next_{kind}")]
    if mailed:
        lines.append(turn.say("inquiry_mailed"))
    lines.append(turn.say("inquiry_ask_later"))
    return Card("\n".join(lines), "inquiry/filed", turn.language)


def said(turn: Turn, key: str, buttons: Tuple[Button, ...] = (), office: bool = False, **values: str) -> Card:
    """The phrase `inquiry_<key>` as a card, with the way to the office where that is what is left."""
    lines = [turn.say(f"inquiry_{key}", **values), *([office_line(turn)] if office else [])]
    links = _office_links(turn) if office else ()
    return Card("\n".join(lines), f"inquiry/{key}", turn.language, buttons, links)


def office_line(turn: Turn) -> str:
    office = turn.knowledge.offices[facts.SMART_CITY_OFFICE]
    return turn.say("inquiry_office", phone=str(office.phone), email=str(office.email))


def _office_links(turn: Turn) -> Tuple[Any, ...]:
    return facts.office_links(turn, turn.knowledge.offices[facts.SMART_CITY_OFFICE])
