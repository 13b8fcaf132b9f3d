"""Our assistant as citizens reach it: `smartcity run` with ports, databases and a secret of its own."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Dict

import httpx

from benchmarks.places import OWN_PYTHON
from benchmarks.programs import LOOPBACK, Program, free_port, run

READY_SECONDS = 120.0
SMARTCITY = [str(OWN_PYTHON), "-m", "smartcity.cli"]


def settings(var: Path, actions: str = "inprocess") -> Dict[str, str]:
    """Settings of an assistant beside others: free ports, `var` for its files, no rate limits."""
    # honcho and the Procfile's `smartcity` stand beside the interpreter
    path = os.pathsep.join([str(OWN_PYTHON.parent), os.environ.get("PATH", "")])
    return {
        "PATH": path,
        "SMARTCITY_HOST": LOOPBACK,
        "SMARTCITY_PORT": str(free_port()),
        "SMARTCITY_RASA_PORT": str(free_port()),
        "SMARTCITY_ACTIONS_PORT": str(free_port()),
        "SMARTCITY_VAR": str(var),
        "SMARTCITY_ACTIONS": actions,
        "SMARTCITY_LIMITS": "off",
        # What it costs is measured by benchmarks.console.
        "SMARTCITY_CONSOLE": "off",
    }


def train_when_stale(var: Path) -> Path:
    """The model of the present project, trained unless it stands ready."""
    log = var / "model.log"
    run([*SMARTCITY, "train"], log, settings(var))
    return Path(log.read_text("utf-8").split()[-1])


def train(folder: Path) -> float:
    """Train anew into `folder`; seconds of the whole command."""
    command = [*SMARTCITY, "rasa", "train", "--force", "--out", str(folder)]
    return run(command, folder / "training.log", settings(folder / "var"))


class OwnAssistant(Program):
    """All processes of the assistant; `address` is the gateway's."""

    def __init__(self, var: Path, actions: str = "inprocess") -> None:
        chosen = settings(var, actions)
        self.address = f"http://{LOOPBACK}:{chosen['SMARTCITY_PORT']}"
        self.ports = tuple(int(chosen[f"SMARTCITY_{name}"]) for name in ("PORT", "RASA_PORT", "ACTIONS_PORT"))
        super().__init__([*SMARTCITY, "run"], var / "run.log", chosen)

    def wait_until_ready(self) -> None:
        """Wait until /health answers 200. Raises ProgramError or TimeoutError."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            self.check_running()
            try:
                if httpx.get(f"{self.address}/health", timeout=3, trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise TimeoutError(f"The assistant was not ready within {READY_SECONDS:g} s; see {self.log}.")
