"""A database filled with invented conversations: the same ones for the same seed and day."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.database import migrate, open_database, write
from smartcity.console.demo import wordings
from smartcity.console.tables import conversations, cursors, tags, turn_tags, turns
from smartcity.knowledge.records import Fact, Initiative, Knowledge

CONVERSATIONS = 420
DAYS = 60
MARK = "demo"
"""Name of the row in `cursors` by which pages know that all is invented."""

_CHANNELS = (("web", 60), ("telegram", 15), ("whatsapp", 15), ("messenger", 6), ("matrix", 4))
_LANGUAGES = (("de", 80), ("en", 14), ("de-simple", 6))
_HOURS = (1, 0, 0, 0, 0, 1, 2, 5, 9, 12, 13, 11, 8, 9, 10, 9, 8, 8, 7, 6, 5, 4, 3, 2)
"""How often people write, by hour of the day."""
_RESULTS = {"lost": "not_understood", "talk/want_person": "handed_over", "which": "asked_back"}


class DemoError(RuntimeError):
    """The demo would mix with something else."""


def fill(folder: Path, knowledge: Knowledge, last: dt.date, seed: int = 1, count: int = CONVERSATIONS) -> Path:
    """Fill a fresh database in `folder` with conversations up to the day `last`; its path.

    A demo that lies there is made anew. Raises DemoError where other data lie.
    """
    path = folder / "console.db"
    if path.exists():
        engine = open_database(sa.engine.URL.create("sqlite", database=str(path)))
        try:
            if not is_demo(engine):
                raise DemoError(f"{path} holds something else than a demo; name another folder.")
        finally:
            engine.dispose()
        for old in folder.glob("console.db*"):
            old.unlink()
    engine = open_database(sa.engine.URL.create("sqlite", database=str(path.resolve())))
    try:
        migrate(engine)
        with write(engine) as connection:
            connection.execute(sa.insert(cursors).values(name=MARK, value={"seed": seed, "last": last.isoformat()}))
            _fill(connection, _Inventor(knowledge, last, random.Random(f"{seed}")), count)
    finally:
        engine.dispose()
    return path


def is_demo(engine: Engine) -> bool:
    """Whether all that the database holds is invented; costs one look-up."""
    if not sa.inspect(engine).has_table(cursors.name):
        return False
    with engine.connect() as connection:
        return connection.execute(sa.select(cursors.c.name).where(cursors.c.name == MARK)).first() is not None


def _fill(connection: sa.engine.Connection, inventor: _Inventor, count: int) -> None:
    made = sorted((inventor.conversation(number) for number in range(count)), key=lambda one: one[0]["started"])
    labels = [connection.execute(sa.insert(tags).values(name=name)).inserted_primary_key[0] for name in wordings.TAGS]
    for number, (row, said) in enumerate(made):
        found = connection.execute(sa.insert(conversations).values({**row, "pseudonym": f"demo-{number:04}"}))
        conversation = found.inserted_primary_key[0]
        for turn in said:
            tagged = turn.pop("tag", None)
            turn_id = connection.execute(
                sa.insert(turns).values({**turn, "conversation_id": conversation})
            ).inserted_primary_key[0]
            if tagged is not None:
                connection.execute(sa.insert(turn_tags).values(turn_id=turn_id, tag_id=labels[tagged]))


class _Inventor:
    """Makes up conversations, one after the other, from a seeded chance and the real content."""

    def __init__(self, knowledge: Knowledge, last: dt.date, chance: random.Random) -> None:
        self._knowledge = knowledge
        self._last = last
        self._chance = chance
        listed = sorted((one for one in knowledge.initiatives.values() if one.listed), key=lambda one: one.id)
        self._initiatives = listed
        # Few are asked about often, most now and then.
        self._weights = [1 / (place + 1) for place in range(len(listed))]
        chance.shuffle(self._weights)

    def conversation(self, number: int) -> Tuple[Dict[str, Any], List[Dict[str, Any]]]:
        """A row of `conversations` without its pseudonym, and its turns."""
        channel, language = self._choose(_CHANNELS), self._choose(_LANGUAGES)
        at = self._moment()
        started = at
        said: List[Dict[str, Any]] = []
        for turn in self._turns(language):
            turn.update(
                number=len(said) + 1,
                source_id=f"demo-{number}-{len(said) + 1}",
                at=at,
                channel=channel,
                milliseconds=min(9000, int(self._chance.lognormvariate(4.2, 0.7))),
            )
            said.append(turn)
            at += self._chance.randrange(8_000, 90_000)
        row: Dict[str, Any] = {
            "channel": channel,
            "language": language,
            "started": started,
            "ended": said[-1]["at"],
            "turns": len(said),
            "rating": self._chance.choice((1, 2, 3, 4, 4, 5, 5)) if self._chance.random() < 0.2 else None,
            "comment": None,
            "kept": False,
            "invented": True,
        }
        return row, said

    def _moment(self) -> int:
        while True:
            day = self._last - dt.timedelta(days=self._chance.randrange(DAYS))
            if day.weekday() < 5 or self._chance.random() < 0.45:
                break
        hour = self._chance.choices(range(24), _HOURS)[0]
        second = self._chance.randrange(3000)
        return clock.start_of(day) + (hour * 3600 + second) * 1000

    def _choose(self, choices: Sequence[Tuple[str, int]]) -> str:
        return self._chance.choices([name for name, _ in choices], [weight for _, weight in choices])[0]

    def _turns(self, language: str) -> Iterator[Dict[str, Any]]:
        chance = self._chance
        if chance.random() < 0.3:
            yield self._talk(chance.choice(wordings.GREETINGS), "greet", language)
        scene = chance.random()
        if scene < 0.62:
            yield from self._about_an_initiative(language)
        elif scene < 0.84:
            yield from self._in_vain(language)
        elif scene < 0.9:
            yield self._lost(chance.choice(wordings.PERSONAL), language)
            yield self._talk(chance.choice(wordings.PERSON), "want_person", language)
        elif scene < 0.95:
            yield self._lost(chance.choice(wordings.GIBBERISH), language)
            yield from self._about_an_initiative(language)
        else:
            yield self._which(language)
            yield from self._about_an_initiative(language)
        if chance.random() < 0.2:
            yield self._talk(chance.choice(wordings.THANKS), "thank", language)

    def _about_an_initiative(self, language: str) -> Iterator[Dict[str, Any]]:
        initiative = self._chance.choices(self._initiatives, self._weights)[0]
        asked = wordings.ASKED[language]
        for aspect in self._chance.sample(sorted(asked), k=self._chance.choice((1, 1, 2, 3))):
            turn = self._ask(initiative, aspect, self._chance.choice(asked[aspect]), language)
            yield turn
            if turn["outcome"] == "unknown" and self._chance.random() < 0.4:
                yield {**self._ask(initiative, aspect, turn["said"], language), "repeated": True}

    def _in_vain(self, language: str) -> Iterator[Dict[str, Any]]:
        topic = self._chance.choices(wordings.UNKNOWN_TOPICS, [weight for weight, _ in wordings.UNKNOWN_TOPICS])[0]
        first, *more = self._chance.sample(topic[1], k=min(len(topic[1]), self._chance.choice((1, 1, 2))))
        yield self._lost(first, language)
        for text in more:
            yield {**self._lost(text, language), "repeated": True}
        if self._chance.random() < 0.3:
            yield self._talk(self._chance.choice(wordings.PERSON), "want_person", language)

    def _ask(self, initiative: Initiative, aspect: str, wording: str, language: str) -> Dict[str, Any]:
        name = initiative.name[language]
        said = wording.format(name=name)
        start = said.find(name)
        fact = initiative.facts.get(aspect)
        if fact:
            text = fact.text[language]
        else:
            text = self._say("unknown_aspect", language).format(
                aspect=self._say(f"aspect_{aspect}", language),
                name=name,
                office=self._knowledge.offices[initiative.ask].name[language],
            )
        turn = self._turn(said, f"ask_{aspect}", f"initiative/{initiative.id}/{aspect}", text, language, fact)
        turn.update(
            outcome="answered" if fact else "unknown",
            theme=initiative.themes[0],
            initiative=initiative.id,
            entities=[{"entity": "initiative", "value": initiative.id, "start": start, "end": start + len(name)}],
            action="action_tell_fact",
        )
        self._judge(turn)
        return turn

    def _talk(self, said: str, intent: str, language: str) -> Dict[str, Any]:
        turn = self._turn(said, intent, f"talk/{intent}", self._say(intent, language), language)
        turn["action"] = "action_offer_person" if intent == "want_person" else "action_converse"
        return turn

    def _lost(self, said: str, language: str) -> Dict[str, Any]:
        turn = self._turn(said, "nlu_fallback", "lost", self._say("not_understood", language), language)
        turn.update(action="action_resolve_doubt", confidence=round(self._chance.uniform(0.1, 0.45), 3), doubt="lost")
        self._judge(turn)
        return turn

    def _which(self, language: str) -> Dict[str, Any]:
        said = "Was kostet das?" if language != "en" else "How much is it?"
        turn = self._turn(said, "ask_cost", "which", self._say("ask_which", language), language)
        turn["action"] = "action_tell_fact"
        turn["answers"][0]["buttons"] = [{"title": one.name[language]} for one in self._initiatives[:3]]
        return turn

    def _say(self, phrase: str, language: str) -> str:
        return self._knowledge.phrases[phrase][language]

    def _turn(
        self, said: str, intent: str, answer: str, text: str, language: str, fact: Optional[Fact] = None
    ) -> Dict[str, Any]:
        confidence = round(self._chance.betavariate(9, 1.6), 3)
        return {
            "language": language,
            "said": said,
            "pressed": False,
            "intent": intent,
            "confidence": confidence,
            "runner_up": self._chance.choice(("ask_about", "ask_place", "out_of_scope", "ask_contact")),
            "runner_up_confidence": round((1 - confidence) * self._chance.uniform(0.3, 0.9), 3),
            "doubt": None,
            "entities": [],
            "theme": None,
            "initiative": None,
            "policy": "RulePolicy",
            "answers": [_message(text, answer, language, fact)],
            "answer": answer,
            "outcome": _RESULTS.get(answer, "talk"),
            "feedback": None,
            "comment": None,
            "repeated": False,
            "verdict": None,
            "note": None,
            "reviewed_at": None,
        }

    def _judge(self, turn: Dict[str, Any]) -> None:
        """What citizens thought of it, and now and then what staff did."""
        chance = self._chance
        right = turn["outcome"] == "answered"
        if chance.random() < (0.12 if right else 0.25):
            up = chance.random() < (0.85 if right else 0.1)
            turn["feedback"] = "up" if up else "down"
            if chance.random() < 0.4:
                turn["comment"] = chance.choice(wordings.COMMENTS_UP if up else wordings.COMMENTS_DOWN)
        if chance.random() < 0.12:
            turn["verdict"] = chance.choice(("right", "right", "partly") if right else ("wrong", "wrong", "partly"))
            turn["reviewed_at"] = clock.start_of(self._last)
            if turn["verdict"] != "right":
                turn["note"] = chance.choice(wordings.NOTES)
                turn["tag"] = chance.randrange(len(wordings.TAGS))


def _message(text: str, answer: str, language: str, fact: Optional[Fact]) -> Mapping[str, Any]:
    source = fact.sources[0] if fact else None
    return {
        "id": answer,
        "kind": "answer",
        "text": text,
        "language": language,
        "source": source
        and {
            "title": source.title,
            "url": source.url,
            "as_of": source.as_of,
            "dated": source.date is not None,
            "read": source.read.isoformat(),
        },
        "links": [{"title": link.title[language], "url": link.url} for link in (fact.links if fact else ())],
        "buttons": [],
        "answer": answer,
        "known": fact is not None or not answer.startswith("initiative/"),
    }
