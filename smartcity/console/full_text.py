"""Words that somebody looks for, as the full-text index of either database is asked for them.

All words must stand in what was said, a comment or a note; the last one may go on.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import sqlalchemy as sa

MOST_WORDS = 16
"""More words of a search are not looked at."""
INDEXED = 3
"""SQLite has beginnings of words up to this length in its index."""
MOST_TERMS = 100
"""So many words that begin alike are asked for one by one."""

_TERMS = sa.text(
    """
    WITH RECURSIVE terms (term) AS (
        SELECT (SELECT term FROM turns_text_terms WHERE term >= :begun AND term < :end ORDER BY term LIMIT 1)
        UNION ALL
        SELECT (SELECT term FROM turns_text_terms
                WHERE term >= terms.term || char(1) AND term < :end ORDER BY term LIMIT 1)
        FROM terms WHERE term IS NOT NULL
    )
    SELECT term FROM terms WHERE term IS NOT NULL LIMIT :most
    """
)


def match_of(connection: Any, text: str) -> str | None:
    """What SQLite's index is asked for; None where there is no word."""
    words = words_of(text)
    if not words:
        return None
    *whole, last = (f'"{word}"' for word in words)
    return " AND ".join([*whole, _going_on(connection, words[-1]) or f"{last} *"])


def holds(connection: Any, text: str) -> Any:
    """PostgreSQL's condition on `turns`; false where there is no word."""
    words = words_of(text)
    if not words:
        return sa.false()
    *whole, last = words
    # The last word as it stands, or as the beginning of one: 'simple' does not cut its ending off, 'german'
    # writes ß and umlauts as the index does.
    endings = sa.text(
        "SELECT to_tsquery('simple', :begun)::text, to_tsquery('german', :begun)::text, "
        "plainto_tsquery('german', :last)::text"
    )
    simple, german, stem = connection.execute(endings, {"begun": f"'{last}':*", "last": last}).one()
    # Often all three are the same, and the index would gather the same places three times.
    found = {simple, german} | ({stem} if f"{stem}:*" not in (simple, german) else set())
    ending = " | ".join(f"({one})" for one in sorted(found) if one)
    condition = "CAST(:ending AS tsquery)"
    if whole:
        condition = f"(plainto_tsquery('german', :whole) && {condition})"
    values = {"ending": ending, **({"whole": " ".join(whole)} if whole else {})}
    return sa.text(f"turns.words @@ {condition}").bindparams(**values)


def words_of(text: str) -> list[str]:
    """Letters and digits alone: nothing that a query language could read as an operator."""
    return "".join(sign if sign.isalnum() else " " for sign in text).split()[:MOST_WORDS]


def _going_on(connection: Any, word: str) -> str | None:
    """The words of the index that begin like this one; None where they are better not named.

    Asked for a beginning that it has no list for, FTS5 first gathers all places of all these words; of words that
    are named it reads no more than is wanted.
    """
    begun = _folded(word)
    if begun is None or len(begun) <= INDEXED:
        return None
    values = {"begun": begun, "end": f"{begun}\U0010ffff", "most": MOST_TERMS + 1}
    terms = [f'"{term}"' for term in connection.execute(_TERMS, values).scalars()]
    if len(terms) > MOST_TERMS:
        return None
    return f"({' OR '.join(terms)})" if terms else f'"{word}"'


def _folded(word: str) -> str | None:
    """As the index writes the word; None where that is not certain."""
    plain = "".join(sign for sign in unicodedata.normalize("NFD", word.lower()) if sign not in "\u0308")
    return plain if plain.isascii() else None
