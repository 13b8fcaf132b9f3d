"""The evaluation as a picture: accuracy by group, and confusions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from benchmarks.understanding.evaluation import Evaluation
from benchmarks.understanding.scoring import Item, Parse, by_group, intent_is_right, is_right

GROUPS = (
    ("ask_", "initiatives by aspect"),
    ("theme_", "themes"),
    ("list_", "lists"),
    ("office_", "office"),
    ("city_service", "city services"),
    ("report_defect", "city services"),
    ("emergency", "emergencies"),
    ("out_of_scope", "out of scope"),
)
ALL = "all"


def group_of(item: Item) -> str:
    """The group of an item's intent."""
    return next((name for start, name in GROUPS if item.intent.startswith(start)), "conversation")


def draw(evaluation: Evaluation, path: Path) -> None:
    """Write the picture as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    panels = [("ours", evaluation.own), ("Rasa's default pipeline", evaluation.default)]
    figure, axes = pyplot.subplots(1, 3, figsize=(30, 12), width_ratios=(1, 1.4, 1.4), layout="constrained")
    _bars(axes[0], evaluation)
    for axis, (name, parses) in zip(axes[1:], panels, strict=True):
        if parses is None:
            axis.set_axis_off()
        else:
            _confusions(axis, f"Confusions, {name}: likeliest intent (share of the row)", evaluation, parses)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def _bars(axis: Any, evaluation: Evaluation) -> None:
    groups = [group_of(item) for item in evaluation.items]
    series: List[Tuple[str, Dict[str, float]]] = [
        ("ours: right answers", _percents(groups, [is_right(i, a) for i, a in _pairs(evaluation, evaluation.answers)])),
        ("ours: intent after fallback", _percents(groups, _intents(evaluation, evaluation.own))),
    ]
    if evaluation.default is not None:
        values = _percents(groups, _intents(evaluation, evaluation.default))
        series.append(("Rasa's default pipeline: intent after fallback", values))
    names = list(series[0][1])
    places = np.arange(len(names))
    height = 0.8 / len(series)
    for number, (label, percents) in enumerate(series):
        bars = axis.barh(places + number * height, [percents[name] for name in names], height, label=label)
        axis.bar_label(bars, fmt="%.0f", padding=2, fontsize=8)
    axis.set_yticks(places + 0.4 - height / 2, names)
    axis.invert_yaxis()
    axis.set_xlim(0, 108)
    axis.set_xlabel("right, in %")
    axis.set_title(f"Held-out set, {len(evaluation.items)} utterances")
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), fontsize=9)


def _pairs(evaluation: Evaluation, values: Sequence[str]) -> List[Tuple[Item, str]]:
    return list(zip(evaluation.items, values, strict=True))


def _intents(evaluation: Evaluation, parses: Tuple[Parse, ...]) -> List[bool]:
    return [intent_is_right(i, p.intent) for i, p in zip(evaluation.items, parses, strict=True)]


def _percents(groups: List[str], flags: List[bool]) -> Dict[str, float]:
    shares = by_group([ALL] * len(flags) + groups, flags + flags)
    return {name: part.percent for name, part in shares.items()}


def _confusions(axis: Any, title: str, evaluation: Evaluation, parses: Tuple[Parse, ...]) -> None:
    rows = sorted({item.intent for item in evaluation.items}, key=_order)
    columns = rows + sorted({str(p.top) for p in parses} - set(rows))
    matrix = np.zeros((len(rows), len(columns)))
    for item, parse in zip(evaluation.items, parses, strict=True):
        matrix[rows.index(item.intent), columns.index(str(parse.top))] += 1
    axis.imshow(matrix / matrix.sum(axis=1, keepdims=True), cmap="magma_r", vmin=0, vmax=1)
    axis.set_xticks(range(len(columns)), columns, rotation=90, fontsize=7)
    axis.set_yticks(range(len(rows)), rows, fontsize=7)
    axis.set_xlabel("taken for")
    axis.set_title(title)


def _order(intent: str) -> Tuple[int, str]:
    place: Optional[int] = next((n for n, (start, _) in enumerate(GROUPS) if intent.startswith(start)), None)
    return (len(GROUPS) if place is None else place, intent)
