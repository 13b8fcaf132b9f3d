"""Rankings of intents, weighed by what else is known."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence

from rasa.shared.nlu.constants import INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY

Ranking = Sequence[Mapping[str, Any]]
"""Name and confidence of intents, best first."""


def weighed(ranking: Ranking, odds: Mapping[str, float]) -> List[Dict[str, Any]]:
    """The ranking by Bayes' rule, best first: each intent of `odds` is so many times likelier.

    `ranking` holds name and confidence; what it leaves out of the whole keeps its share.
    """
    shares = [reading[PREDICTED_CONFIDENCE_KEY] * odds.get(reading[INTENT_NAME_KEY], 1.0) for reading in ranking]
    total = sum(shares) + max(0.0, 1.0 - sum(reading[PREDICTED_CONFIDENCE_KEY] for reading in ranking))
    found = [
        {INTENT_NAME_KEY: reading[INTENT_NAME_KEY], PREDICTED_CONFIDENCE_KEY: share / total if total else 0.0}
        for reading, share in zip(ranking, shares)
    ]
    return sorted(found, key=lambda reading: -reading[PREDICTED_CONFIDENCE_KEY])
