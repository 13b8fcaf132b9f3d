"""What is remembered of words, bounded in number and in length, whatever people type."""

from __future__ import annotations

from typing import Dict, TypeVar

from smartcity.knowledge.folding import REMEMBERED_LETTERS

Value = TypeVar("Value")


def remember(of_word: Dict[str, Value], form: str, value: Value, most: int) -> None:
    """Keep the value of a word. A full memory begins anew, so that rubbish cannot keep usual words out for good."""
    if len(form) > REMEMBERED_LETTERS:
        return
    if len(of_word) >= most:
        of_word.clear()
    of_word[form] = value
