"""Python's search for garbage leaves alone what a server keeps for good.

Where: rasa.core.run.load_agent_on_start. Why: modules, model and content are some hundred thousand objects. To search
them is a tenth of the start, and later it holds up every conversation at once. What: no search while starting, and
afterwards among newer objects alone (gc.freeze); when another model takes the place of the first, once among all.
Training keeps what it reads until it ends, so there is no search at all: it took a tenth of the time.
"""

from __future__ import annotations

import gc
from typing import Any


def search_never() -> None:
    """Search for nothing as long as this process lives."""
    gc.disable()


def search_later() -> None:
    """Search for nothing from now on; `collect_when_started` must follow."""
    gc.disable()


def collect_when_started() -> None:
    """Search again when the server has started; again does nothing."""
    from rasa.core import run

    if getattr(run, "collects_when_started", False):
        return
    load = run.load_agent_on_start

    async def load_and_collect(*arguments: Any, **named: Any) -> Any:
        try:
            return await load(*arguments, **named)
        finally:
            gc.freeze()
            gc.enable()

    setattr(run, "load_agent_on_start", load_and_collect)
    setattr(run, "collects_when_started", True)


def collect_everything() -> None:
    """Search once through what was kept for good, since the model before is garbage now; then keep the rest."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
