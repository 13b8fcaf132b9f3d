"""A new model without a pause: trained beside the one in use, measured, switched to, switched back from.

The file `models/in-use` names the model that answers and, below it, the one before. Each Rasa process looks at it once
a second, loads the named model beside its own and changes over between two turns: a turn that has begun ends with the
model it began with, and no connection is closed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, List, Optional

from smartcity.runtime import comparison, garbage, seals
from smartcity.runtime.model import MODELS, model_path, train
from smartcity.settings import Settings

logger = logging.getLogger(__name__)

POINTER = "in-use"
REFUSED = "refused"
LOOK_SECONDS = 1.0
CHANGE_SECONDS = 120.0
"""How long the running processes may take to change over."""
WORST = 0.5
"""How many points of a hundred a new model may be right less often."""


class RolloutError(RuntimeError):
    """Nothing was changed, or it was changed back; the message says why."""


@dataclass(frozen=True)
class Measured:
    """Right answers of two models to the same questions."""

    total: int
    before: int
    after: int

    @property
    def is_good(self) -> bool:
        return self.after >= self.before - self.total * WORST / 100


def chosen(models: Path = MODELS) -> Path:
    """The model that answers: the one that was switched to, or that of the present ingredients."""
    named = _read(models)
    return models / named[0] if named and (models / named[0]).exists() else model_path()


def former(models: Path = MODELS) -> Optional[Path]:
    """The model before that one, if it is kept."""
    named = _read(models)
    return models / named[1] if len(named) > 1 and (models / named[1]).exists() else None


def adopt(model: Path) -> None:
    """Use this model from the next start on, unless it was switched back from or found worse.

    Nothing where no other one was ever switched to.
    """
    named = _read(model.parent)
    if named and model.name not in (*named, *_read(model.parent, REFUSED)):
        _switch(model, chosen(model.parent))


def start(settings: Settings, tell: Callable[[str], None], measure: bool = True) -> Path:
    """Train where needed, measure, switch. Raises RolloutError, TrainingError."""
    before, after = _answering(settings), model_path()
    if not seals.is_sealed(after):
        tell("Training beside the model in use ...")
        train(settings, after)
    if before == after or not before.exists():
        # Again: the way back to the one before stays.
        _switch(after, former() if before == after else None)
        tell(f"{after.name} is in use.")
        return after
    # Named before anything can go wrong: a new start must not take the new one by itself.
    _switch(before, former())
    if measure:
        tell("Asking both models the same questions ...")
        measured = compare(settings, before, after)
        tell(f"Right of {measured.total}: {measured.before} before, {measured.after} with the new model.")
        if not measured.is_good:
            (MODELS / REFUSED).write_text(f"{after.name}\n", "ascii")
            raise RolloutError("The new model is right less often; it is not used. The one in use stays.")
    change(settings, after, before, tell)
    return after


def back(settings: Settings, tell: Callable[[str], None]) -> Path:
    """Switch to the model before. Raises RolloutError where there is none."""
    target, now = former(), chosen()
    if target is None:
        raise RolloutError("There is no model before this one.")
    change(settings, target, now, tell)
    return target


def change(settings: Settings, target: Path, now: Path, tell: Callable[[str], None]) -> None:
    """Name the target and wait until all that runs has it; otherwise name the old one again. Raises RolloutError."""
    seals.check(target)
    _switch(target, now)
    end, running = time.monotonic() + CHANGE_SECONDS, _told(settings)
    if not running:
        tell(f"{target.name} is in use from the next start on; no Rasa runs now.")
        return
    while time.monotonic() < end:
        running = _told(settings)
        if running and set(running) == {target.name}:
            tell(f"{target.name} is in use.")
            return
        time.sleep(LOOK_SECONDS / 4)
    _switch(now, target)
    raise RolloutError(
        f"Rasa did not take {target.name} within {CHANGE_SECONDS:g} s; its log says why. {now.name} stays."
    )


def compare(settings: Settings, before: Path, after: Path) -> Measured:
    """Right answers of both to the project's held-out questions; totals alone."""
    entries = comparison.held_out()
    first, second = (comparison.answers(settings, model, entries) for model in (before, after))
    return Measured(len(entries), comparison.right(entries, first), comparison.right(entries, second))


def _answering(settings: Settings) -> Path:
    """The model that answers now. Before the first roll-out no file names it, and what it was made from has changed."""
    if not _read(MODELS):
        for name in _told(settings):
            if "/" not in name and (MODELS / name).exists():
                return MODELS / name
    return chosen()


async def follow(agent: Any, models: Path = MODELS, pause: float = LOOK_SECONDS) -> None:
    """Change the agent's model whenever another one is named; for good."""
    refused = ""
    while True:
        await asyncio.sleep(pause)
        named = _read(models)
        if not named or named[0] in (agent.model_name, refused):
            continue
        try:
            await _take(agent, models / named[0])
            refused = ""
        except Exception as error:
            # Whatever is wrong with it: the one in use goes on answering.
            refused = named[0]
            logger.error("The model %s cannot be used (%s: %s).", refused, type(error).__name__, error)


def follow_when_started() -> None:
    """Let every Rasa server follow; again does nothing."""
    from rasa.core import run

    if getattr(run, "follows_rollouts", False):
        return
    load = run.load_agent_on_start

    async def load_and_follow(*arguments: Any, **named: Any) -> Any:
        agent = await load(*arguments, **named)
        setattr(agent, "smartcity_follows", asyncio.ensure_future(follow(agent)))
        return agent

    setattr(run, "load_agent_on_start", load_and_follow)
    setattr(run, "follows_rollouts", True)


async def _take(agent: Any, model: Path) -> None:
    from rasa.core.processor import MessageProcessor

    def made() -> Any:
        seals.check(model)
        return MessageProcessor(
            model_path=model,
            tracker_store=agent.tracker_store,
            lock_store=agent.lock_store,
            action_endpoint=agent.action_endpoint,
            generator=agent.nlg,
            http_interpreter=agent.http_interpreter,
        )

    # In a thread: conversations go on while the model is read.
    processor = await asyncio.to_thread(made)
    # From here on nothing waits, so every turn sees the one or the other.
    agent.processor = processor
    agent.domain = processor.domain
    agent.tracker_store.domain = processor.domain
    if hasattr(agent.nlg, "responses"):
        agent.nlg.responses = processor.domain.responses
    garbage.collect_everything()
    logger.warning("From now on %s answers.", model.name)


def _read(models: Path, file: str = POINTER) -> List[str]:
    try:
        return [line for line in (models / file).read_text("ascii").splitlines() if "/" not in line and line]
    except (OSError, ValueError):
        return []


def _switch(target: Path, before: Optional[Path]) -> None:
    fresh = target.with_name(f".{POINTER}.{os.getpid()}")
    fresh.write_text("".join(f"{path.name}\n" for path in (target, before) if path), "ascii")
    fresh.replace(target.with_name(POINTER))


def _told(settings: Settings) -> List[str]:
    """The model of each Rasa process that answers."""
    import httpx

    headers = {"Authorization": f"Bearer {settings.secret_for('internal')}"}
    found = []
    for address in rasa_addresses(settings):
        try:
            answer = httpx.get(f"{address}/webhooks/internal/health", headers=headers, timeout=10, trust_env=False)
            found.append(str(answer.json().get("model")))
        except (httpx.HTTPError, ValueError):
            continue
    return found


def rasa_addresses(settings: Settings) -> List[str]:
    """Where the Rasa processes of this installation listen."""
    several = list(getattr(settings, "rasa_urls", ()))
    return several or [f"http://127.0.0.1:{settings.rasa_port}"]
