"""The table of what happened."""

from __future__ import annotations

from typing import List, Sequence

from benchmarks.faults.trial import Trial
from benchmarks.tables import table


def report(trials: Sequence[Trial], notes: Sequence[str]) -> str:
    """One line for each fault, then every fault of ours in words."""
    rows: List[List[object]] = []
    for trial in trials:
        found = trial.judgement
        rows.append([
            f"{trial.fault.part}: {trial.fault.kind}", found.sent, found.answered, found.again, found.refused,
            ", ".join(f"{count} x {name}" for name, count in trial.refusals.most_common(3)) or "-",
            len(found.twice), len(found.missing), len(found.wrong), len(trial.dishonest), trial.console or "-",
            "never" if trial.recovered is None else f"{trial.recovered:.1f}", trial.restarts,
            "fine" if trial.is_fine else "NOT FINE",
        ])  # fmt: skip
    head = [
        "fault", "sent", "answered", "of these sent again", "refused", "refusals on the way", "twice in the log",
        "missing in the log", "wrong", "dishonest", "console lacks", "well again after s", "new starts", "",
    ]  # fmt: skip
    parts = [table("What happened", head, rows), *notes]
    for trial in trials:
        found = trial.judgement
        for name, faults in (
            ("twice", found.twice), ("missing", found.missing), ("wrong", found.wrong), ("dishonest", trial.dishonest),
        ):  # fmt: skip
            parts += [f"{trial.fault.part} {trial.fault.kind}: {name}: {fault}" for fault in faults[:3]]
    return "\n\n".join(parts) + "\n"
