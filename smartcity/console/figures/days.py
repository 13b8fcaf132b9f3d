"""What the figures count of each turn, kept a day at a time as columns of numbers.

A database needs seconds to count a million rows several times; columns are added up in a fraction of one, whatever
filters are asked for. A day is one of UTC here. Each day that has turns has a row in `figure_days`. Triggers of the
database (migrations/versions/speed.py) empty it in the very transaction that changes something counted, whoever
changes it, and raise its version: columns that were read before are not stored after. An empty day is counted from
its turns.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.database import write
from smartcity.console.tables import figure_days, turns

NAMES = ("outcome", "channel", "language", "theme", "initiative", "feedback")
"""Columns of `turns` that hold one of few values."""
NONE = -1
"""In place of a response time that there is not."""
_LAYOUT = (("at", "<i4"), ("conversation", "<i8"), ("milliseconds", "<i4"), *((name, "<u2") for name in NAMES))
_MOST_VALUES = 2**16
_MOST_MILLISECONDS = 2**31 - 1

Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Turns:
    """Columns of equal length, in no order."""

    at: Numbers
    conversation: Numbers
    milliseconds: Numbers
    codes: Mapping[str, Numbers]
    """For each of NAMES the places in its `values`."""
    values: Mapping[str, Sequence[str | None]]

    def where(self, chosen: Numbers) -> Turns:
        """Those for which this is true."""
        if chosen.all():
            return self
        return Turns(
            self.at[chosen],
            self.conversation[chosen],
            self.milliseconds[chosen],
            {name: codes[chosen] for name, codes in self.codes.items()},
            self.values,
        )

    def having(self, name: str, value: str) -> Numbers:
        """For each turn whether its column `name` holds this value."""
        values = self.values[name]
        found: Numbers = self.codes[name] == (values.index(value) if value in values else -1)
        return found


def turns_between(engine: Engine, start: int, end: int) -> Turns:
    """The turns from `start`, before `end`. What had to be counted anew is kept for the next time."""
    parts, fresh = [], []
    with engine.connect() as connection:
        days = sa.select(figure_days).where(figure_days.c.day.between(start // clock.DAY, (end - 1) // clock.DAY))
        for day, version, data in connection.execute(days.order_by(figure_days.c.day)).all():
            part = None if data is None else _unpacked(day, data)
            if part is None:
                part = _counted(connection, day)
                fresh.append((day, version, part))
            parts.append(part)
    # Another program that writes for long is no reason to fail: all has been counted.
    with contextlib.suppress(sa.exc.OperationalError):
        for day, version, part in fresh:
            _keep(engine, day, version, part)
    found = _joined(parts)
    return found.where((found.at >= start) & (found.at < end))


def refresh(engine: Engine, stop: Callable[[], bool] = lambda: False) -> int:
    """Count the days before this one that are empty, so that nobody waits for it later; how many."""
    query = sa.select(figure_days.c.day, figure_days.c.version).where(
        figure_days.c.data.is_(None), figure_days.c.day < _today()
    )
    with engine.connect() as connection:
        # The latest ones are those that staff look at.
        empty = connection.execute(query.order_by(figure_days.c.day.desc())).all()
    done = 0
    for day, version in empty:
        if stop():
            break
        with engine.connect() as connection:
            part = _counted(connection, day)
        _keep(engine, day, version, part)
        done += 1
    return done


def _today() -> int:
    return clock.now() // clock.DAY


def _keep(engine: Engine, day: int, version: int, part: Turns) -> None:
    """Store the columns, unless a turn has changed since the version was read. The present day changes all the time."""
    if day >= _today() or any(len(values) > _MOST_VALUES for values in part.values.values()):
        return
    unchanged = (
        sa.select(figure_days.c.day)
        .where(figure_days.c.day == day, figure_days.c.version == version)
        # PostgreSQL: a row that is held is being changed.
        .with_for_update(skip_locked=True)
    )
    with write(engine) as connection:
        update = sa.update(figure_days).where(figure_days.c.day == unchanged.scalar_subquery())
        connection.execute(update.values(data=_packed(day, part)))


def _counted(connection: Any, day: int) -> Turns:
    """The columns of a day, from its turns."""
    start = day * clock.DAY
    columns = (turns.c.at, turns.c.conversation_id, turns.c.milliseconds, *(turns.c[name] for name in NAMES))
    query = sa.select(*columns).where(turns.c.at >= start, turns.c.at < start + clock.DAY)
    rows = list(zip(*connection.execute(query))) or [()] * len(columns)
    at, conversation, milliseconds, *named = rows
    codes, values = {}, {}
    for name, column in zip(NAMES, named):
        known: dict[str | None, int] = {}
        # SQLite keeps whatever a row was given, of any kind.
        places = [known.setdefault(None if value is None else str(value), len(known)) for value in column]
        codes[name], values[name] = np.array(places, np.int64), list(known)
    times = [time if isinstance(time, int) and 0 <= time <= _MOST_MILLISECONDS else NONE for time in milliseconds]
    return Turns(np.array(at, np.int64), np.array(conversation, np.int64), np.array(times, np.int64), codes, values)


def _packed(day: int, part: Turns) -> bytes:
    columns = {
        "at": part.at - day * clock.DAY,
        "conversation": part.conversation,
        "milliseconds": part.milliseconds,
        **part.codes,
    }
    head = json.dumps({"turns": len(part.at), "values": part.values}).encode()
    return zlib.compress(head + b"\n" + b"".join(columns[name].astype(kind).tobytes() for name, kind in _LAYOUT), 1)


def _unpacked(day: int, data: bytes) -> Turns | None:
    """What `_packed` made; None for anything else, which somebody has put there."""
    try:
        head, _, body = zlib.decompress(data).partition(b"\n")
        found = json.loads(head)
        number, values, place, columns = found["turns"], found["values"], 0, {}
        for name, kind in _LAYOUT:
            columns[name] = np.frombuffer(body, kind, number, place)
            place += columns[name].nbytes
        if place != len(body) or any(number and columns[name].max() >= len(values[name]) for name in NAMES):
            return None
        if not all(value is None or isinstance(value, str) for name in NAMES for value in values[name]):
            return None
    except (ValueError, KeyError, TypeError, zlib.error):
        return None
    at = columns["at"].astype(np.int64) + day * clock.DAY
    return Turns(at, columns["conversation"], columns["milliseconds"], {name: columns[name] for name in NAMES}, values)


def _joined(parts: Sequence[Turns]) -> Turns:
    """All of them, with the same code for the same value."""
    codes, values = {}, {}
    for name in NAMES:
        known: dict[str | None, int] = {}
        moved = []
        for part in parts:
            places = [known.setdefault(value, len(known)) for value in part.values[name]]
            moved.append(np.array(places, np.int64)[part.codes[name]])
        codes[name], values[name] = _one(moved, np.int64), list(known)
    return Turns(
        _one([part.at for part in parts], np.int64),
        _one([part.conversation for part in parts], np.int64),
        _one([part.milliseconds for part in parts], np.int64),
        codes,
        values,
    )


def _one(parts: Sequence[Numbers], kind: Any) -> Numbers:
    return np.concatenate(parts).astype(kind, copy=False) if parts else np.array([], kind)
