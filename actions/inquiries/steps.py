"""What the form asks, in which order, and what is still missing."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

FORM = "inquiry_form"
PREFIX = "inquiry_"
"""What stands before a step in the name of its slot."""
KINDS = ("appointment", "message", "callback")
MANNERS = ("in_person", "telephone")
ORDER: Dict[str, Tuple[str, ...]] = {
    "appointment": ("kind", "subject", "wishes", "manner", "name", "contact", "excerpt", "confirmed"),
    "message": ("kind", "subject", "name", "contact", "excerpt", "confirmed"),
    "callback": ("kind", "subject", "name", "contact", "excerpt", "confirmed"),
}
"""The steps of each kind of request: only what it needs is asked. `excerpt` asks whether the office may read the
conversation, where there was one."""
STEPS = ORDER["appointment"]
PERSONAL = frozenset({"subject", "wishes", "name", "contact"})
"""Steps whose answers are about the person."""
MOST_WISHES = 3

Draft = Any
"""smartcity.inquiries' draft: kind, subject, wishes, manner, name, email, telephone, shares."""


def steps_of(draft: Draft) -> Tuple[str, ...]:
    """The steps of the request's kind; of an unknown one, the shortest way there is."""
    return ORDER.get(draft.kind or "", ORDER["message"])


def by_telephone(draft: Draft) -> bool:
    """Whether the office has to call, so that nothing but a telephone number helps."""
    return draft.kind == "callback" or (draft.kind == "appointment" and draft.manner == "telephone")


def is_given(draft: Draft, step: str, enough: bool = True) -> bool:
    """Whether the step has its answer; wishes need that no more are wanted."""
    if step == "contact":
        return bool(draft.telephone or (draft.email and not by_telephone(draft)))
    if step == "wishes":
        return bool(draft.wishes) and (enough or len(draft.wishes) >= MOST_WISHES)
    if step == "excerpt":
        return bool(draft.shares)
    return step != "confirmed" and bool(getattr(draft, step))


def next_step(draft: Draft, enough: bool, talked: bool) -> str:
    """The first step without an answer; the last one is to confirm. `talked`: whether there is a conversation."""
    steps = (step for step in steps_of(draft) if step != "excerpt" or talked)
    return next(step for step in steps if not is_given(draft, step, enough))


def step_before(draft: Draft, step: str, talked: bool) -> str:
    """The step that is asked before this one; of the first one, itself."""
    steps = [one for one in steps_of(draft) if one != "excerpt" or talked]
    return steps[max(steps.index(step) - 1, 0)] if step in steps else "kind"


def step_of(slot: Optional[str]) -> str:
    """The step that the form asks for, by the name of its slot."""
    step = (slot or "")[len(PREFIX) :]
    return step if step in STEPS else ""


def markers(draft: Draft) -> Dict[str, Optional[str]]:
    """The form's slots: that there is an answer, never which."""
    return {PREFIX + step: "given" if is_given(draft, step) else None for step in STEPS}
