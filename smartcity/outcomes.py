"""What became of a turn, told by the ids of its answers: the table and the rule for what it does not name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

EXACT: Mapping[str, str] = {
    "lost": "not_understood",
    "lost/again": "not_understood",
    # Understood as not its subject: content holds nothing for that.
    "decline": "unknown",
    "which": "asked_back",
    "talk/was_wrong": "asked_back",
    "talk/want_person": "handed_over",
    "talk/other_language": "handed_over",
    "talk/emergency": "handed_over",
    "service/any": "handed_over",
    # A request that is with the office is in a person's hands.
    "inquiry/filed": "handed_over",
    # Where the last answer stands: from content.
    "talk/ask_source": "answered",
}
BEGINNING: Mapping[str, str] = {
    "ask/": "asked_back",
    "talk/": "talk",
    "initiative/": "answered",
    "theme/": "answered",
    "office/": "answered",
    "service/": "answered",
    "list/": "answered",
    # The questions of a form: a conversation, no knowledge.
    "inquiry/": "talk",
    "withdrawal/": "talk",
}
"""What is `answered` here counts as unknown where the answer says that content does not hold it."""
WORST_FIRST = ("not_understood", "unknown", "asked_back", "handed_over", "answered", "talk")
"""Of a message with several questions the worst counts: that is what staff look for."""


def outcome_of(answers: Iterable[Mapping[str, Any]]) -> str:
    """The outcome of a turn with these answers (`kind`, `answer`, `known`); one of tables.OUTCOMES."""
    found = {_one(answer.get("answer"), answer.get("known")) for answer in answers if answer.get("kind") != "notice"}
    return next((outcome for outcome in WORST_FIRST if outcome in found), "failed")


def is_classified(answer: str) -> bool:
    """Whether the tables name this id or its beginning."""
    return answer in EXACT or answer.startswith(tuple(BEGINNING))


def _one(answer: Any, known: Any) -> str:
    name = answer if isinstance(answer, str) else ""
    if name in EXACT:
        return EXACT[name]
    beginning = name.partition("/")[0] + "/"
    outcome = BEGINNING.get(beginning, "answered")
    return "unknown" if outcome == "answered" and known is False else outcome
