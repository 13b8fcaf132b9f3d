"""One conversation while events are put into it: its row, its latest turns, and what changed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.distance import Levenshtein

from smartcity.console.ingest.events import Answered, Event, Rated, Said
from smartcity.console.ingest.known import Known
from smartcity.outcomes import outcome_of
from smartcity.privacy.redaction import redact

LIKENESS = 0.85
"""Share of equal letters from which two questions are the same; those shorter than this many letters must be equal."""
LEAST_LETTERS = 8
DEFAULT_LANGUAGE = "de"

Turn = dict[str, Any]


@dataclass
class Conversation:
    """`turns` are the latest ones and older ones that the events are about, by number; those without `id` are new."""

    pseudonym: str
    row: dict[str, Any] | None = None
    turns: list[Turn] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)
    """Places in `turns` of what changed or is new."""
    updates: dict[str, Any] = field(default_factory=dict)
    current: int | None = None
    """The place of the turn whose message came last; None until one came: then an event's time tells its turn."""
    later: list[Rated] = field(default_factory=list)
    """Feedback on messages that are not among `turns`."""

    def add(self, event: Event, known: Known) -> bool:
        """Put the event in; False for an answer or an action that belongs to nothing. Again does nothing."""
        if isinstance(event, Said):
            self._say(event, known)
            return True
        if isinstance(event, Rated):
            self._rate(event, known)
            return True
        place = self.current if self.current is not None else self._turn_at(event.at)
        if place is None:
            return bool(self.turns)
        turn = self.turns[place]
        if isinstance(event, Answered):
            self._answer(place, event, known)
        elif turn["action"] is None:
            turn["action"], turn["policy"] = event.action, event.policy
            self.changed.add(place)
        return True

    def _turn_at(self, at: int) -> int | None:
        """The last turn that had begun then: an insert may be read in two batches, and again after a step back."""
        return next((place for place in reversed(range(len(self.turns))) if self.turns[place]["at"] <= at), None)

    def finish(self, known: Known) -> None:
        """Work out what follows from all of a turn: outcome, answer, topic, language."""
        for place in sorted(self.changed):
            turn = self.turns[place]
            answers = [one for one in turn["answers"] if one["kind"] != "notice"]
            turn["outcome"] = outcome_of(turn["answers"])
            turn["answer"] = answers[0]["answer"] if answers else None
            if answers and answers[0]["language"]:
                turn["language"] = answers[0]["language"]
            turn["initiative"], turn["theme"] = _topic(turn, known.themes)
            # 'Danke' twice is no question that was asked again.
            turn["repeated"] = turn["repeated"] and turn["outcome"] != "talk"
        if self.turns:
            self.updates["language"] = self.turns[-1]["language"]

    def _say(self, said: Said, known: Known) -> None:
        for place, turn in enumerate(self.turns):
            if turn["source_id"] == said.source_id:
                self.current = place
                return
        text, entities = self._text(said, known)
        number = self.turns[-1]["number"] + 1 if self.turns else 1
        turn = {
            "number": number, "source_id": said.source_id, "at": said.at, "channel": said.channel,
            "language": said.language or DEFAULT_LANGUAGE, "said": text, "pressed": said.pressed,
            "intent": said.intent, "confidence": said.confidence, "runner_up": said.runner_up,
            "runner_up_confidence": said.runner_up_confidence, "doubt": said.doubt, "entities": entities,
            "theme": None, "initiative": None, "action": None, "policy": None, "answers": [], "answer": None,
            "outcome": "failed", "milliseconds": None, "feedback": None, "comment": None,
            "repeated": not said.pressed and _is_repeated(text, self.turns),
        }  # fmt: skip
        self.turns.append(turn)
        self.current = len(self.turns) - 1
        self.changed.add(self.current)
        self.updates["ended"] = max(said.at, self.updates.get("ended", self.row["ended"] if self.row else 0))

    def _text(self, said: Said, known: Known) -> tuple[str, list[dict[str, Any]]]:
        """What was said, redacted, of a pressed button its title; and the entities at their places in it."""
        if said.pressed:
            return self._title(said.text), [{**one, "start": 0, "end": 0} for one in said.entities]
        redacted = redact(said.text, known.public)
        entities = []
        for one in said.entities:
            moved = redacted.moved(one["start"], one["end"])
            if moved is not None:
                entities.append({**one, "start": moved[0], "end": moved[1]})
        return redacted.text, entities

    def _title(self, payload: str) -> str:
        for turn in reversed(self.turns):
            for answer in turn["answers"]:
                for button in answer["buttons"]:
                    if button.get("payload") == payload:
                        return str(button["title"])
        # Nothing was there to press: the greeting that begins a conversation, or a button of long ago.
        return payload.partition("{")[0]

    def _answer(self, place: int, event: Answered, known: Known) -> None:
        turn = self.turns[place]
        ids = {answer["id"] for one in self.turns for answer in one["answers"]}
        if event.message["id"] in ids:
            return
        text = known.redact_answer(event.message["text"])
        turn["answers"] = [*turn["answers"], {**event.message, "text": text}]
        turn["milliseconds"] = min(max(turn["milliseconds"] or 0, event.at - turn["at"], 0), 2**31 - 1)
        self.changed.add(place)

    def _rate(self, rated: Rated, known: Known) -> None:
        comment = redact(rated.comment, known.public).text if rated.comment else None
        if rated.message is None:
            self.updates["rating"], self.updates["comment"] = rated.stars, comment
            return
        for place, turn in enumerate(self.turns):
            if any(answer["id"] == rated.message for answer in turn["answers"]):
                turn["feedback"], turn["comment"] = rated.thumb, comment
                self.changed.add(place)
                return
        self.later.append(Rated(rated.message, rated.thumb, None, comment))


def _topic(turn: Turn, themes: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Initiative and theme of a turn: what the answer is about, else what the message names."""
    kind, _, rest = (turn["answer"] or "").partition("/")
    named = {one["entity"]: one["value"] for one in reversed(turn["entities"])}
    initiative = rest.partition("/")[0] if kind == "initiative" else named.get("initiative")
    theme = rest.partition("/")[0] if kind == "theme" else named.get("theme")
    if initiative and not theme:
        theme = themes.get(initiative)
    return initiative, theme


def _is_repeated(text: str, turns: Iterable[Turn]) -> bool:
    """Whether the same question was typed in the conversation before."""
    asked = _plain(text)
    if not asked:
        return False
    for turn in turns:
        if turn["pressed"]:
            continue
        earlier = _plain(turn["said"])
        if earlier == asked:
            return True
        if min(len(asked), len(earlier)) >= LEAST_LETTERS and Levenshtein.normalized_similarity(
            asked[:500], earlier[:500], score_cutoff=LIKENESS
        ):
            return True
    return False


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(sign if sign.isalnum() else " " for sign in folded).split())
