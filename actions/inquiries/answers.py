"""Answers to the form's questions, read by the rules of smartcity/inquiries."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

from actions.inquiries import reading
from actions.inquiries.desk import contacts, wishes
from actions.inquiries.steps import MOST_WISHES, Draft, by_telephone
from actions.turn import Turn

FIRST_READ = frozenset({"wishes", "contact"})
"""Steps where an answer cannot be taken for a question, so it is looked for first."""
LEAST_LETTERS = 3
"""Of a subject."""
_ALSO = re.compile(r"^\s*(?:oder|or|und|and|auch|sonst)\b", re.IGNORECASE)
"""What a further wish may begin with."""


Values = Dict[str, Any]
"""What an answer holds for the draft."""


def read(turn: Turn, step: str, draft: Draft) -> Optional[Values]:
    """The values in the answer; None where it is no answer."""
    text = turn.text
    if step in ("kind", "manner"):
        chosen = reading.choice(text, step)
        return {step: chosen} if chosen else None
    if step in ("subject", "name") and reading.says_nothing(text):
        return None
    if step == "subject":
        subject = contacts.read_text(text)
        enough = subject is not None and sum(sign.isalpha() for sign in subject) >= LEAST_LETTERS
        return {"subject": subject} if enough else None
    if step == "name":
        name = contacts.read_name(text)
        return {"name": name} if name and not reading.is_sentence(name) else None
    if step == "contact":
        return _contact(turn, draft)
    if step == "wishes":
        return _wishes(turn, draft)
    return None


def corrected(turn: Turn, draft: Draft) -> Optional[Values]:
    """What a text in answer to the summary puts right without saying what: an address, a number, a time."""
    if len(reading.folded(turn.text).split()) > reading.LONGEST_CHOICE:
        return None
    email, telephone = contacts_in(turn.text)
    if email or telephone:
        return {**({"email": email} if email else {}), **({"telephone": telephone} if telephone else {})}
    if draft.kind != "appointment":
        return None
    found = wishes.read_wishes(turn.text, turn.today, turn.language)
    if isinstance(found, wishes.Refused) or not all(one.day or one.weekday is not None for one in found):
        return None
    return {"wishes": found[:MOST_WISHES]}


def _contact(turn: Turn, draft: Draft) -> Optional[Values]:
    email, telephone = contacts_in(turn.text)
    if by_telephone(draft) and not telephone:
        return None
    if not email and not telephone:
        return None
    return {"email": email or (draft.email if by_telephone(draft) else None), "telephone": telephone}


def contacts_in(text: str) -> Tuple[Optional[str], Optional[str]]:
    """The e-mail address and the telephone number in a text."""
    email: Optional[str] = contacts.read_email(text)
    rest = re.sub(r"\S+@\S+", " ", text)
    telephone: Optional[str] = contacts.read_telephone(rest)
    return email, telephone


def _wishes(turn: Turn, draft: Draft) -> Optional[Values]:
    told: Tuple[Any, ...] = () if len(draft.wishes) >= MOST_WISHES else tuple(draft.wishes)
    found = wishes.read_wishes(_ALSO.sub("", turn.text), turn.today, turn.language)
    if isinstance(found, wishes.Refused):
        return None
    fresh = tuple(one for one in found if one not in told)
    return {"wishes": (*told, *fresh)[:MOST_WISHES]}


def any_time() -> Any:
    """The wish of somebody to whom every time is right."""
    return wishes.Wish()


def wishes_in_words(turn: Turn, draft: Draft) -> str:
    """All wishes of the draft."""
    told: List[str] = [wishes.tell(wish, turn.language) for wish in draft.wishes]
    return f" {turn.say('inquiry_or')} ".join(told)


def noted(turn: Turn, draft: Draft) -> str:
    """What is noted of the wishes."""
    return turn.say("inquiry_noted", wishes=wishes_in_words(turn, draft))


def refusal(turn: Turn, step: str, draft: Draft) -> str:
    """Why the answer is none."""
    if step == "contact" and by_telephone(draft):
        return turn.say("inquiry_not_telephone")
    if step != "wishes":
        return turn.say(f"inquiry_not_{step}")
    refused = wishes.read_wishes(_ALSO.sub("", turn.text), turn.today, turn.language)
    reason = refused.reason if isinstance(refused, wishes.Refused) else "not_understood"
    following = wishes.tell_day(refused.next, turn.language) if isinstance(refused, wishes.Refused) else ""
    holiday = (refused.holiday or "") if isinstance(refused, wishes.Refused) else ""
    return turn.say(f"inquiry_wish_{reason}", next=following, holiday=holiday)
