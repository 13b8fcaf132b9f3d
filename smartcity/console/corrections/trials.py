"""Trials: what proposals would change, found out in a process of its own that trains and asks.

One at a time. The process holds a lock on a file as long as it lives, so that whoever looks knows whether a
trial still runs, even after the console was started anew. Texts of citizens are not kept in the result: it
names turns and proposals by their ids, and a text that is deleted is gone from here, too.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Dict, List, Mapping, Optional, Sequence, Set

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.corrections.examples import folded
from smartcity.console.corrections.export import folder_reader, texts_with
from smartcity.console.corrections.proposals import Proposal
from smartcity.console.corrections.retention import OPEN, without_gone
from smartcity.console.corrections.trial_process import begin, reason
from smartcity.console.database import hold, write
from smartcity.console.tables import trials, turns
from smartcity.settings import Settings

logger = logging.getLogger(__name__)

MOST_TURNS = 500
"""Latest different texts of citizens that a trial asks."""
_LOOKED_THROUGH = 5 * MOST_TURNS


class TrialError(RuntimeError):
    """A trial cannot start; `key` says why."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


@dataclass(frozen=True)
class Trial:
    """One row of `trials`."""

    id: int
    state: str
    step: Optional[str]
    share: float
    proposals: Sequence[int]
    result: Optional[Mapping[str, Any]]
    made_by: Optional[int]
    made_at: int
    ended_at: Optional[int]


class Trials:
    """The trials of one console. `root` is the project's folder, `command` what is started there."""

    def __init__(self, engine: Engine, settings: Settings, root: Path, command: Sequence[str] = ()) -> None:
        self._engine = engine
        self._root = root
        self._folder: Path = settings.var.resolve() / "trials"
        self._command = list(command) or [sys.executable, "-m", "smartcity.cli", "understanding", "compare"]
        self._watched: Set[int] = set()

    def get(self, trial_id: int) -> Optional[Trial]:
        self.look()
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(trials).where(trials.c.id == trial_id)).mappings().first()
        return Trial(**row) if row else None

    def latest(self, limit: int = 20) -> List[Trial]:
        """The newest first."""
        self.look()
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(trials).order_by(trials.c.id.desc()).limit(limit)).mappings().all()
        return [Trial(**row) for row in rows]

    def start(self, chosen: Sequence[Proposal], account: Optional[int]) -> int:
        """Begin a trial of the proposals; its id. Raises TrialError, and ContentError for a broken data file."""
        examples = [one for one in chosen if one.kind == "example"]
        if not examples:
            raise TrialError("nothing")
        lock = self._lock()
        if lock is None:
            raise TrialError("busy")
        with lock:
            self._give_up_lost()
            texts = texts_with(examples, folder_reader(self._root))
            with write(self._engine) as connection:
                questions = self._questions(connection, examples)
                row = {
                    "state": "running",
                    "step": "preparing",
                    "share": 0.0,
                    "proposals": [one.id for one in examples],
                    "made_by": account,
                    "made_at": clock.now(),
                }
                trial_id: int = connection.execute(sa.insert(trials).values(**row)).inserted_primary_key[0]
            try:
                process = begin(self._command, self._root, self._place(trial_id), texts, questions, lock)
            except OSError as error:
                self._end(trial_id, "failed", {"error": "crashed", "detail": str(error)})
                raise TrialError("no_start") from error
        self._watched.add(trial_id)
        threading.Thread(target=self._watch, args=(trial_id, process), daemon=True).start()
        return trial_id

    def cancel(self, trial_id: int) -> bool:
        """End a running trial; whether it still ran."""
        stopped = self._end(trial_id, "failed", {"error": "cancelled"})
        if stopped:
            with suppress(OSError, ValueError):
                # The number is the trial's only while the lock is held: the system may give it to another.
                if self._lock() is None:
                    os.killpg(int(self._place(trial_id, "pid").read_text("ascii")), signal.SIGTERM)
        return stopped

    def look(self) -> None:
        """Give up trials whose process is gone."""
        lock = self._lock()
        if lock is not None:
            with lock:
                self._give_up_lost()

    def tidy(self) -> None:
        """Give up trials whose process is gone, and remove what they have left; the reader does it once a day."""
        lock = self._lock() if self._folder.is_dir() else None
        if lock is not None:
            with lock:
                self._give_up_lost()
                for place in self._folder.iterdir():
                    if place.is_dir() and place.name not in map(str, self._watched):
                        shutil.rmtree(place, ignore_errors=True)

    def _give_up_lost(self) -> None:
        with self._engine.connect() as connection:
            left = connection.execute(sa.select(trials.c.id).where(trials.c.state.in_(OPEN))).scalars()
            lost = [trial_id for trial_id in left if trial_id not in self._watched]
        for trial_id in lost:
            self._end(trial_id, "failed", {"error": "lost"})
            shutil.rmtree(self._place(trial_id), ignore_errors=True)

    def _lock(self) -> Optional[IO[bytes]]:
        """The lock, or None while a trial holds it."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file: IO[bytes] = (self._folder / "lock").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
        return file

    def _place(self, trial_id: int, name: str = "") -> Path:
        return self._folder / str(trial_id) / name

    def _questions(self, connection: sa.engine.Connection, chosen: Sequence[Proposal]) -> List[Dict[str, Any]]:
        """What the proposals say, then the latest different texts of citizens."""
        found: List[Dict[str, Any]] = [{"text": one.text, "proposal": one.id} for one in chosen]
        seen = {folded(one.text) for one in chosen}
        rows = connection.execute(
            sa.select(turns.c.id, turns.c.said, turns.c.language)
            .where(turns.c.pressed.is_(False))
            .order_by(turns.c.at.desc(), turns.c.id.desc())
            .limit(_LOOKED_THROUGH)
        )
        for turn_id, said, language in rows:
            form = folded(said)
            if form and form not in seen and len(seen) < MOST_TURNS + len(chosen):
                seen.add(form)
                found.append({"text": said, "turn": turn_id, "language": language})
        return found

    def _watch(self, trial_id: int, process: subprocess.Popen[bytes]) -> None:
        try:
            result: Optional[Dict[str, Any]] = None
            assert process.stdout is not None
            with process.stdout as lines:
                for line in lines:
                    with suppress(ValueError, AttributeError, ProcessLookupError):
                        told = json.loads(line)
                        result = told.get("result", result)
                        if "step" in told and not self._tell(trial_id, str(told["step"])[:64], float(told["share"])):
                            # Its proposals were deleted: only this console can end the process.
                            os.killpg(process.pid, signal.SIGTERM)
            code = process.wait()
            if code == 0 and result is not None:
                self._end(trial_id, "done", _without_texts(result), even="lost")
            else:
                self._end(trial_id, "failed", reason(self._place(trial_id), code))
        except Exception as error:
            logger.exception("Trial %s could not be watched.", trial_id)
            with suppress(Exception):
                self._end(trial_id, "failed", {"error": "crashed", "detail": str(error)})
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        finally:
            shutil.rmtree(self._place(trial_id), ignore_errors=True)
            self._watched.discard(trial_id)

    def _tell(self, trial_id: int, step: str, share: float) -> bool:
        """Note how far it is; False where the trial is over for others."""
        with write(self._engine) as connection:
            told: int = connection.execute(
                sa.update(trials)
                .where(trials.c.id == trial_id, trials.c.state == "running")
                .values(step=step, share=min(max(share, 0.0), 1.0))
            ).rowcount
        return told == 1

    def _end(self, trial_id: int, state: str, result: Mapping[str, Any], even: str = "") -> bool:
        values = {"state": state, "result": dict(result), "ended_at": clock.now(), "step": None}
        if state == "done":
            values["share"] = 1.0
        with write(self._engine) as connection:
            if state == "done":
                # Whoever deletes texts meanwhile waits, or is done.
                hold(connection)
                values["result"] = without_gone(connection, result)
            if even:
                row = connection.execute(
                    sa.select(trials.c.state, trials.c.result).where(trials.c.id == trial_id)
                ).first()
                open_ = row is not None and (row.state == "running" or (row.result or {}).get("error") == even)
                where = [trials.c.id == trial_id] if open_ else [sa.false()]
            else:
                where = [trials.c.id == trial_id, trials.c.state.in_(OPEN)]
            changed: int = connection.execute(sa.update(trials).where(*where).values(**values)).rowcount
        return changed == 1


def _without_texts(result: Mapping[str, Any]) -> Dict[str, Any]:
    """The result without what citizens said: turns and proposals are known by their ids."""
    flips = [
        {key: value for key, value in flip.items() if key != "text" or flip.get("origin") == "development"}
        for flip in result.get("flips", ())
    ]
    return {**result, "flips": flips}
