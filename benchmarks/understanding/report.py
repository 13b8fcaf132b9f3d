"""The evaluation as text tables."""

from __future__ import annotations

from typing import Iterable, List, Optional, Tuple

from benchmarks.tables import table
from benchmarks.understanding import scoring
from benchmarks.understanding.evaluation import Evaluation
from benchmarks.understanding.gate import answered_out_of_scope, intent_accuracy, right_answers
from benchmarks.understanding.scoring import FALLBACK, OUT_OF_SCOPE, Item, Parse, Share, by_group, fault, is_right

MOST_CONFUSIONS = 25
DASH = "-"


def report(evaluation: Evaluation, show_errors: bool = False) -> str:
    """All tables; single utterances only with `show_errors`."""
    parts = [
        _summary(evaluation),
        *([_dialogues(evaluation)] if evaluation.dialogues else []),
        _right("Right answers by kind of writing", evaluation, [item.kind for item in evaluation.items]),
        _right("Right answers by intent", evaluation, [item.intent for item in evaluation.items]),
        _faults(evaluation),
        _answered(evaluation),
        _aspects(evaluation),
        _rates(evaluation),
        _confusions("ours", evaluation, evaluation.own),
    ]
    if evaluation.default is not None:
        parts.append(_confusions("Rasa's default pipeline", evaluation, evaluation.default))
    if show_errors:
        parts.append(_errors(evaluation))
    return "\n\n".join(parts) + "\n"


def _summary(evaluation: Evaluation) -> str:
    def line(name: str, of: object) -> List[object]:
        own = of(evaluation.own)  # type: ignore[operator]
        return [name, own, DASH if evaluation.default is None else of(evaluation.default)]  # type: ignore[operator]

    def time(percent: float) -> object:
        return lambda parses: f"{scoring.percentile([p.milliseconds for p in parses], percent):.1f} ms"

    rows = [
        ["right answers through the running system", right_answers(evaluation), DASH],
        ["the same, the second of two answers counted too", _served(evaluation), DASH],
        ["out of scope, answered instead of declined", answered_out_of_scope(evaluation), DASH],
        line("out of scope, another intent above the fallback", lambda parses: _above_fallback(evaluation, parses)),
        ["answerable, asked back", _answerable(evaluation, "asked back"), DASH],
        ["answerable, declined", _answerable(evaluation, "declined"), DASH],
        line("likeliest intent right", lambda parses: intent_accuracy(evaluation, parses, False)),
        line("intent after the fallback right", lambda parses: intent_accuracy(evaluation, parses, True)),
        line("parse time, median", time(50)),
        line("parse time, p95", time(95)),
    ]
    title = f"Held-out set: {len(evaluation.items)} utterances (default pipeline: {evaluation.default_epochs} epochs)"
    return table(title, ["", "ours", "Rasa's default pipeline"], rows)


def _served(evaluation: Evaluation) -> Share:
    pairs = zip(evaluation.items, evaluation.answers, strict=True)
    return scoring.share(scoring.is_served(item, answer) for item, answer in pairs)


def _dialogues(evaluation: Evaluation) -> str:
    turns = [right for held in evaluation.dialogues for right in held.right if right is not None]
    later = [right for held in evaluation.dialogues for right in held.right[1:] if right is not None]
    rows = [
        ["dialogues, every turn right", scoring.share(held.whole for held in evaluation.dialogues)],
        ["turns right", scoring.share(turns)],
        ["turns after the first right", scoring.share(later)],
    ]
    return table(f"Held-out dialogues: {len(evaluation.dialogues)}", ["", "ours"], rows)


def _above_fallback(evaluation: Evaluation, parses: Iterable[Parse]) -> Share:
    pairs = zip(evaluation.items, parses, strict=True)
    return scoring.share(p.intent not in (OUT_OF_SCOPE, FALLBACK, None) for i, p in pairs if i.intent == OUT_OF_SCOPE)


def not_answered(evaluation: Evaluation) -> Share:
    """Answerable questions that were asked back or declined."""
    asked, declined = _answerable(evaluation, "asked back"), _answerable(evaluation, "declined")
    return Share(asked.count + declined.count, asked.total)


def _answerable(evaluation: Evaluation, sort: str) -> Share:
    pairs = zip(evaluation.items, evaluation.answers, strict=True)
    return scoring.share(fault(i, a) == sort for i, a in pairs if i.intent != OUT_OF_SCOPE)


def _right(title: str, evaluation: Evaluation, groups: List[str]) -> str:
    flags = [is_right(i, a) for i, a in zip(evaluation.items, evaluation.answers, strict=True)]
    return table(title, ["", "right"], [[name, part] for name, part in by_group(groups, flags).items()])


def _faults(evaluation: Evaluation) -> str:
    sorts = [fault(i, a) for i, a in zip(evaluation.items, evaluation.answers, strict=True)]
    rows = scoring.most_frequent(sort for sort in sorts if sort)
    return table("Sorts of mistakes through the running system", ["", "items"], rows)


def _answered(evaluation: Evaluation) -> str:
    pairs = zip(evaluation.items, evaluation.answers, strict=True)
    own = scoring.most_frequent(a for i, a in pairs if fault(i, a) == "answered instead of declined")
    parts = [table("Answered instead of declined, ours by answer", ["", "items"], own)]
    for name, parses in (("ours", evaluation.own), ("Rasa's default pipeline", evaluation.default)):
        if parses is not None:
            wrong = [
                p.intent
                for i, p in zip(evaluation.items, parses, strict=True)
                if i.intent == OUT_OF_SCOPE and p.intent not in (OUT_OF_SCOPE, FALLBACK, None)
            ]
            title = f"Out of scope with another intent above the fallback: {name}"
            parts.append(table(title, ["", "items"], scoring.most_frequent(wrong)))
    return "\n\n".join(parts)


def _aspects(evaluation: Evaluation) -> str:
    chosen = [n for n, i in enumerate(evaluation.items) if i.intent.startswith("ask_")]
    groups = [evaluation.items[n].intent for n in chosen]

    def shares(parses: Optional[Tuple[Parse, ...]]) -> dict[str, Share]:
        if parses is None:
            return {}
        return by_group(groups, [parses[n].top == evaluation.items[n].intent for n in chosen])

    own, default = shares(evaluation.own), shares(evaluation.default)
    rows = [[name, own[name], default.get(name, DASH)] for name in own]
    return table("Aspects: likeliest intent right", ["", "ours", "default pipeline"], rows)


def _rates(evaluation: Evaluation) -> str:
    true = [item.intent for item in evaluation.items]
    own = scoring.rates(true, [p.top for p in evaluation.own])
    default = {} if evaluation.default is None else scoring.rates(true, [p.top for p in evaluation.default])
    rows = []
    for intent, found in own.items():
        cells = [f"{found.recall.percent:.0f}", f"{found.precision.percent:.0f}"]
        other = default.get(intent)
        cells += [f"{other.recall.percent:.0f}", f"{other.precision.percent:.0f}"] if other else [DASH, DASH]
        rows.append([intent, str(found.recall.total), *cells])
    head = ["", "items", "ours: recall", "precision", "default: recall", "precision"]
    return table("Intents: recall and precision of the likeliest intent, in %", head, rows)


def _confusions(name: str, evaluation: Evaluation, parses: Tuple[Parse, ...]) -> str:
    found = scoring.confusions([item.intent for item in evaluation.items], [p.top for p in parses])
    rows = [[true, taken, number] for (true, taken), number in found[:MOST_CONFUSIONS]]
    return table(f"Most frequent confusions: {name}", ["intent", "taken for", "items"], rows)


def _errors(evaluation: Evaluation) -> str:
    def shown(item: Item, answer: str, parse: Parse) -> List[str]:
        return [item.text[:70], " | ".join(item.labels), answer, str(parse.intent)]

    entries = zip(evaluation.items, evaluation.answers, evaluation.own, strict=True)
    rows = [shown(i, a, p) for i, a, p in entries if not is_right(i, a)]
    for held in evaluation.dialogues:
        for turn, answer, right in zip(held.dialogue.turns, held.answers, held.right, strict=True):
            if right is False:
                name = f"{held.dialogue.name}: {turn.text}"[:70]
                rows.append([name, (" + " if turn.both else " | ").join(turn.labels), answer, DASH])
    title = "Wrong answers (an utterance that was looked at belongs into the training data, and a new one here)"
    return table(title, ["utterance", "expected", "answered", "intent"], rows)
