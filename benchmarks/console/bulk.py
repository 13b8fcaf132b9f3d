"""Many invented conversations, the same ones each time, written as fast as the database takes them.

What the measured searches look for is made such that a page of them is full at a thousand turns as well as at a
million: what is common (a word, an intent, a tag) is so in the same share of turns at any size, at least one in
sixteen; what is rare stands in RARE turns at any size, spread over the whole time. So pages of the same length are
compared, and a rare word is as rare as it gets at a million: one turn in seven thousand.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.database import write
from smartcity.console.figures import days
from smartcity.console.tables import accounts, conversations, tags, turn_tags, turns

DAYS = 180
TURNS = 4
"""In each conversation."""
BATCH = 20_000

_WORDS = (
    "wann fährt der bus nach hüls kostet das etwas wie kann ich mitmachen gibt es den kruiser noch wer ist zuständig "
    "barrierefrei anmelden kurse coding school klima sensoren daten schule programmieren termin telefon büro öffnet "
    "heute morgen samstag adresse wohin formular ausweis parken rad weg strom ladesäule wlan"
).split()
RARE = 140
"""Turns that say 'einhorn' and 'kruiser', with the intent `theme_rare` and the tag 'Selten', that failed at
initiative 1 as no other does."""
_INTENTS = [f"ask_{name}" for name in ("cost", "place", "time", "joining", "contact", "about", "data")] + [
    f"theme_{number}" for number in range(20)
]
_WEIGHTS = [1 / place for place in range(1, len(_INTENTS) + 1)]
_OUTCOMES = ("answered " * 10 + "not_understood " * 3 + "unknown " * 3 + "asked_back handed_over talk failed").split()
_TAGS = 30


def fill(engine: Engine, number: int, seed: int = 7) -> int:
    """Insert `number` turns that end now; the id of an account that may read them."""
    random_ = random.Random(seed)
    with write(engine) as connection:
        person = {"name": "probe", "shown": "Probe", "role": "admin", "made": clock.now()}
        account: int = connection.execute(sa.insert(accounts).values(person)).inserted_primary_key[0]
        names = [*(f"Schlagwort {one}" for one in range(1, _TAGS)), "Selten"]
        connection.execute(sa.insert(tags), [{"id": one, "name": name} for one, name in enumerate(names, 1)])
    batch: list[dict[str, Any]] = []
    for row in _turns(random_, number):
        batch.append(row)
        if len(batch) >= BATCH:
            _insert(engine, batch)
            batch = []
    _insert(engine, batch)
    if engine.dialect.name == "postgresql":
        # As autovacuum does after so many rows.
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    days.refresh(engine)
    return account


def _turns(random_: random.Random, number: int) -> Iterator[dict[str, Any]]:
    end = clock.now()
    step = DAYS * clock.DAY / number
    entities, answers = json.dumps([]), json.dumps([_answer()])
    apart = max(number // RARE, 1)
    for place in range(number):
        intent = random_.choices(_INTENTS, _WEIGHTS)[0]
        outcome = random_.choice(_OUTCOMES)
        initiative = f"initiative-{random_.randint(1, 40)}"
        channel = random_.choice(("web", "web", "web", "telegram", "whatsapp", "api"))
        words = random_.choices(_WORDS, k=random_.randint(2, 9))
        if (initiative, outcome) == ("initiative-1", "failed"):
            outcome = "answered"
        if place % 11 == 5:
            # What everybody asks.
            words, channel = ["was", "kostet", "der", "bus", "nach", "hüls"], "telegram"
        if place % 9 == 1:
            intent, outcome = "ask_cost", "unknown"
        if place % apart == 2 and place // apart < RARE:
            words = [*words, "kruiser", "einhorn"]
            intent, outcome, initiative = "theme_rare", "failed", "initiative-1"
            channel = "web" if place // apart % 2 else "api"
        yield {
            "id": place + 1,
            "conversation_id": place // TURNS + 1,
            "number": place % TURNS + 1,
            "source_id": f"{place:x}",
            "at": int(end - (number - place) * step),
            "channel": channel,
            "language": random_.choice(("de", "de", "de", "de", "en", "de-simple")),
            "said": " ".join(words),
            "pressed": False,
            "intent": intent,
            "confidence": round(random_.betavariate(8, 2), 3),
            "runner_up": random_.choice(_INTENTS),
            "runner_up_confidence": 0.1,
            "entities": entities,
            "theme": f"thema-{random_.randint(1, 8)}",
            "initiative": initiative,
            "action": "action_answer",
            "policy": "RulePolicy",
            "answers": answers,
            "answer": f"initiative/{random_.randint(1, 40)}/cost",
            "outcome": outcome,
            "milliseconds": random_.randint(5, 90),
            "feedback": random_.choice((None,) * 18 + ("up", "down")),
            "repeated": random_.random() < 0.03,
            # Half has been looked at, the older half more.
            "reviewed_at": end if random_.random() < 1 - place / number else None,
        }


def _insert(engine: Engine, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    ends = {row["conversation_id"]: row for row in rows}
    talks: list[Mapping[str, Any]] = [
        {"id": number, "pseudonym": f"p{number}", "channel": row["channel"], "language": row["language"],
         "started": row["at"], "ended": row["at"], "turns": TURNS, "rating": None if number % 8 else number % 5 + 1}
        for number, row in ends.items()
    ]  # fmt: skip
    # Every second turn has a tag, one in eight the first.
    tagged = [
        {"turn_id": row["id"], "tag_id": 1 if row["id"] % 8 == 0 else row["id"] // 2 % (_TAGS - 2) + 2}
        for row in rows
        if row["id"] % 2 == 0
    ]
    tagged += [{"turn_id": row["id"], "tag_id": _TAGS} for row in rows if row["intent"] == "theme_rare"]
    with write(engine) as connection:
        _many(connection, conversations, talks)
        _many(connection, turns, rows)
        if tagged:
            _many(connection, turn_tags, tagged)


def _many(connection: Any, table: sa.Table, rows: Any) -> None:
    """Many rows by the driver, past the conversion of each value."""
    names = list(rows[0])
    sign = "?" if connection.dialect.name == "sqlite" else "%s"
    text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES"
    values = [tuple(row[name] for name in names) for row in rows]
    cursor = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        cursor.executemany(f"{text} ({', '.join([sign] * len(names))})", values)
    else:
        from psycopg2.extras import execute_values

        execute_values(cursor, f"{text} %s", values, page_size=1000)
    cursor.close()


def _answer() -> dict[str, Any]:
    return {
        "id": "m",
        "kind": "answer",
        "text": "Fahrten auf Bestellung gibt es **nicht mehr**.\n\n- Bus\n- Bahn",
        "language": "de",
        "source": {"title": "Smart City Themen", "url": "https://www.krefeld.de", "as_of": "2025-12"},
        "links": [{"title": "Fahrplan", "url": "https://www.swk.de"}],
        "buttons": [{"title": "Kosten"}, {"title": "Kontakt"}],
        "answer": "initiative/kruiser/status",
        "known": True,
    }
