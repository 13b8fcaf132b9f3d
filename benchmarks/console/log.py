"""Plausible events of Rasa, as many as wanted, the same at every run: what the reader takes in."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from smartcity.database import write
from smartcity.privacy.tracker_store import EVENTS

ASSISTANT = "smart-city-krefeld"
AT_ONCE = 20_000
BEGIN = 1_790_000_000.0
QUESTIONS = (
    ("Was kostet der {name}?", "ask_cost", "initiative/{id}/cost"),
    ("gibts {name} noch", "ask_status", "initiative/{id}/status"),
    ("Wie kann ich bei {name} mitmachen", "ask_joining", "initiative/{id}/joining"),
    ("wo finde ich {name} und wer ist zuständig?", "ask_place", "initiative/{id}/place"),
    ("ich heiße Anna Muster, Tel. 0171 3920011, was ist {name}", "ask_about", "initiative/{id}/about"),
    ("wie wird das wetter am wochenende", "out_of_scope", "decline"),
    ("ich will mit einem menschen sprechen", "want_person", "talk/want_person"),
    ("asdf", "nlu_fallback", "lost"),
)
NAMES = (("KRuiser", "kruiser"), ("Maak et", "maak_et"), ("CodingSchool", "coding_school"), ("LoRaWAN", "lorawan"))
ANSWER = (
    "Den {name} gibt es nicht mehr, die Stadtwerke haben ihn Ende 2025 eingestellt.\n2019 kostete das Parken "
    "zwischendurch 5 Cent je Minute, und zum Start gab es 20 Freiminuten. Diese Preise gelten nicht mehr."
)
METADATA = {"model_id": "77f2bca727b64c88a8f60acb972af49f", "assistant_id": ASSISTANT}


def fill(engine: Any, events: int, seed: int = 1) -> int:
    """Write at least so many events into an empty store; how many turns they are."""
    with engine.begin() as connection:
        sqlite = engine.dialect.name == "sqlite"
        key = "INTEGER PRIMARY KEY" if sqlite else "SERIAL PRIMARY KEY"
        connection.execute(
            sa.text(
                f"CREATE TABLE events (id {key}, sender_id VARCHAR(255) NOT NULL, type_name VARCHAR(255) NOT NULL, "
                "timestamp FLOAT, intent_name VARCHAR(255), action_name VARCHAR(255), data TEXT)"
            )
        )
        connection.execute(sa.text("CREATE INDEX ix_events_sender_id ON events (sender_id)"))
    rows = _rows(random.Random(seed))
    written = turns = 0
    while written < events:
        some = list(itertools.islice(rows, AT_ONCE))
        turns += sum(row["type_name"] == "user" for row in some)
        with write(engine) as connection:
            connection.execute(EVENTS.insert(), some)
        written += len(some)
    return turns


def _rows(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Conversations of one to eight turns, four at a time, turn by turn."""
    at = BEGIN
    running: list[tuple[str, int]] = []
    for number in itertools.count():
        if len(running) < 4:
            running.append((f"web:{chance.getrandbits(128):032x}", chance.randint(1, 8)))
        place = chance.randrange(len(running))
        sender, left = running[place]
        at += chance.expovariate(1 / 3)
        yield from _turn(chance, sender, number, at)
        running[place] = (sender, left - 1)
        if left == 1:
            del running[place]


def _turn(chance: random.Random, sender: str, number: int, at: float) -> Iterator[dict[str, Any]]:
    text, intent, answer = chance.choice(QUESTIONS)
    name, key = chance.choice(NAMES)
    said, source = text.format(name=name), f"{chance.getrandbits(128):032x}"
    start = said.find(name)
    entities = [{"entity": "initiative", "value": key, "start": start, "end": start + len(name),
                 "extractor": "MentionExtractor"}] if start >= 0 else []  # fmt: skip
    ranking = [{"name": intent, "confidence": 0.93}, *({"name": f"ask_{i}", "confidence": 0.01} for i in range(9))]
    parsed = {"intent": ranking[0], "entities": entities, "text": said, "message_id": source, "parts": [],
              "metadata": {"language": "de"}, "language": "de",
              "intent_ranking": ranking, "familiarity": 1.0}  # fmt: skip
    user = {"text": said, "parse_data": parsed, "input_channel": "web", "message_id": source}
    yield _row(sender, "user", at, user)
    yield _row(sender, "user_featurization", at, {"use_text_for_featurization": False})
    yield _row(sender, "action", at, {"name": "action_answer_initiative", "policy": "RulePolicy", "confidence": 1.0})
    custom = {"language": "de", "links": [], "known": True, "kind": "answer", "answer": answer.format(id=key),
              "source": {"title": "Mein Krefeld", "url": "https://www.mein-krefeld.de/", "as_of": "2019"},
              "id": f"{chance.getrandbits(128):032x}"}  # fmt: skip
    buttons = [{"title": f"Frage {i}", "payload": f'/ask_{i}{{"initiative": "{key}"}}'} for i in range(3)]
    bot = {"text": ANSWER.format(name=name), "data": {"buttons": buttons, "custom": custom}}
    yield _row(sender, "bot", at + 0.004, bot)
    for slot in ("topic", "aspect", "offered", "last_answer"):
        yield _row(sender, "slot", at + 0.005, {"name": slot, "value": f"{slot} {number}"})
    yield _row(sender, "action", at + 0.006, {"name": "action_listen", "policy": "RulePolicy", "confidence": 1.0})
    if chance.random() < 0.05:
        rating = {"message": custom["id"], "rating": chance.choice(("up", "down")), "comment": None}
        yield _row(sender, "slot", at + 9, {"name": "feedback", "value": rating})
        yield _row(sender, "slot", at + 9, {"name": "feedback", "value": None})


def _row(sender: str, kind: str, at: float, data: dict[str, Any]) -> dict[str, Any]:
    whole = {"event": kind, "timestamp": at, "metadata": METADATA, **data}
    return {"sender_id": sender, "type_name": kind, "timestamp": at, "intent_name": None,
            "action_name": data.get("name"), "data": json.dumps(whole)}  # fmt: skip
