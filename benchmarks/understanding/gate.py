"""What must hold before a change of content, data or components goes out."""

from __future__ import annotations

from typing import List

from benchmarks.understanding.evaluation import Evaluation
from benchmarks.understanding.scoring import OUT_OF_SCOPE, Parse, Share, fault, intent_is_right, is_right, share

RIGHT_PERCENT = 93.0
"""Fewest right answers through the running system."""
ANSWERED_PERCENT = 3.0
"""Most out-of-scope questions that get a factual answer."""


def right_answers(evaluation: Evaluation) -> Share:
    return share(is_right(item, answer) for item, answer in zip(evaluation.items, evaluation.answers, strict=True))


def answered_out_of_scope(evaluation: Evaluation) -> Share:
    """Out-of-scope questions that got an answer stating something."""
    pairs = zip(evaluation.items, evaluation.answers, strict=True)
    return share(fault(i, a) == "answered instead of declined" for i, a in pairs if i.intent == OUT_OF_SCOPE)


def intent_accuracy(evaluation: Evaluation, parses: tuple[Parse, ...], after_fallback: bool) -> Share:
    """Right intents, by the likeliest one or by what is left of it after the pipeline's fallback."""
    pairs = zip(evaluation.items, parses, strict=True)
    return share(intent_is_right(i, p.intent if after_fallback else p.top) for i, p in pairs)


def failures(evaluation: Evaluation) -> List[str]:
    """Each condition that does not hold, as a sentence."""
    found = []
    right, answered = right_answers(evaluation), answered_out_of_scope(evaluation)
    if right.percent < RIGHT_PERCENT:
        found.append(f"Right answers are {right}, at least {RIGHT_PERCENT:g} % are needed.")
    if answered.percent > ANSWERED_PERCENT:
        found.append(f"Out-of-scope questions answered are {answered}, at most {ANSWERED_PERCENT:g} % may be.")
    if evaluation.default is not None:
        for after, name in ((False, "likeliest intent"), (True, "intent after the fallback")):
            own = intent_accuracy(evaluation, evaluation.own, after)
            default = intent_accuracy(evaluation, evaluation.default, after)
            if own.percent < default.percent:
                found.append(f"By the {name} ours is right for {own}, Rasa's default pipeline for {default}.")
    return found
