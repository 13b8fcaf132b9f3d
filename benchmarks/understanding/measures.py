"""Measures of a classifier with confidences: pure functions over predictions. Shares run from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

import numpy as np

BINS = 15
RECALL = 0.8
"""Share of the out-of-scope sentences of the validation part that the operating point recognises."""


@dataclass(frozen=True)
class Prediction:
    """The likeliest intent of a sentence, and its probability."""

    intent: Optional[str]
    confidence: float


def accuracy(truth: Sequence[str], found: Sequence[Prediction]) -> float:
    return float(np.mean([t == p.intent for t, p in zip(truth, found, strict=True)]))


def macro_f1(truth: Sequence[str], found: Sequence[Prediction]) -> float:
    """Mean F1 over the intents that occur in `truth`."""
    scores = []
    for intent in sorted(set(truth)):
        hits = sum(t == intent == p.intent for t, p in zip(truth, found, strict=True))
        wanted, given = sum(t == intent for t in truth), sum(p.intent == intent for p in found)
        scores.append(2 * hits / (wanted + given))
    return float(np.mean(scores))


def calibration_error(truth: Sequence[str], found: Sequence[Prediction]) -> float:
    """Expected calibration error of the likeliest intent, `BINS` bins of equal width (Guo et al., ICML 2017)."""
    return float(sum(share * abs(mean - right) for mean, right, share in reliability(truth, found)))


def reliability(truth: Sequence[str], found: Sequence[Prediction]) -> List[Tuple[float, float, float]]:
    """Mean confidence, accuracy and share of the sentences of each bin that holds any."""
    confidences = np.array([p.confidence for p in found])
    right = np.array([t == p.intent for t, p in zip(truth, found, strict=True)], dtype=float)
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    return [
        (float(confidences[bins == n].mean()), float(right[bins == n].mean()), float((bins == n).mean()))
        for n in range(BINS)
        if (bins == n).any()
    ]


def risk_coverage(truth: Sequence[str], found: Sequence[Prediction]) -> List[float]:
    """The error of the most confident sentence, of the two most confident ones, and so on to all."""
    order = np.argsort([-p.confidence for p in found], kind="stable")
    wrong = np.array([t != p.intent for t, p in zip(truth, found, strict=True)], dtype=float)[order]
    return [float(risk) for risk in np.cumsum(wrong) / np.arange(1, len(wrong) + 1)]


def risk_coverage_area(truth: Sequence[str], found: Sequence[Prediction]) -> float:
    """Area under the risk-coverage curve."""
    return float(np.mean(risk_coverage(truth, found)))


def in_scope_score(prediction: Prediction, foreign: str) -> float:
    """How sure the system is that the sentence is in scope: 0 when it says that it is not."""
    return 0.0 if prediction.intent in (foreign, None) else prediction.confidence


def operating_point(truth: Sequence[str], found: Sequence[Prediction], foreign: str) -> float:
    """The least score to be answered, so that `RECALL` of the out-of-scope sentences are recognised."""
    scores = sorted(in_scope_score(p, foreign) for t, p in zip(truth, found, strict=True) if t == foreign)
    if not scores:
        return 0.0
    return scores[min(int(np.ceil(RECALL * len(scores))), len(scores) - 1)]


def at_point(
    truth: Sequence[str], found: Sequence[Prediction], foreign: str, point: float
) -> Tuple[Optional[float], Optional[float]]:
    """In-scope sentences answered rightly, and out-of-scope sentences recognised, below or above `point`."""
    pairs = list(zip(truth, found, strict=True))
    inside = [t == p.intent and in_scope_score(p, foreign) >= point for t, p in pairs if t != foreign]
    outside = [in_scope_score(p, foreign) < max(point, 1e-9) for t, p in pairs if t == foreign]
    return (float(np.mean(inside)) if inside else None, float(np.mean(outside)) if outside else None)
