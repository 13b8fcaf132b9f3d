"""The condition that a turn holds words that somebody looks for, in the full-text index of either database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from smartcity.console.tables import turns

MOST_WORDS = 16
"""More words of a search are not looked at."""


def holds(dialect: str, text: str) -> Any:
    """A condition on `turns`: all these words stand in what was said, a comment or a note.

    The last word may go on. `dialect` is the engine's name of its database. False where there is no word.
    """
    words = _words(text)[:MOST_WORDS]
    if not words:
        return sa.false()
    if dialect == "sqlite":
        query = " ".join(f'"{word}"' for word in words) + "*"
        found = sa.text("SELECT rowid FROM turns_text WHERE turns_text MATCH :words").bindparams(words=query)
        return turns.c.id.in_(found)
    *whole, last = words
    # The last word as it stands, or as the beginning of one: 'simple' does not cut its ending off, 'german'
    # writes ß and umlauts as the index does.
    ending = "(plainto_tsquery('german', :last) || to_tsquery('simple', :begun) || to_tsquery('german', :begun))"
    return sa.text(
        f"turns.words @@ (plainto_tsquery('german', :whole) && {ending})" if whole else f"turns.words @@ {ending}"
    ).bindparams(**({"whole": " ".join(whole)} if whole else {}), last=last, begun=f"'{last}':*")


def _words(text: str) -> list[str]:
    """Letters and digits alone: nothing that a query language could read as an operator."""
    return "".join(sign if sign.isalnum() else " " for sign in text).split()


def query_of(text: str) -> str | None:
    """What SQLite's index is asked for these words; None where there is no word."""
    words = _words(text)[:MOST_WORDS]
    return " ".join(f'"{word}"' for word in words) + "*" if words else None
