"""The trained model: named by what it was trained from, trained again only when that changed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, List

from smartcity.runtime import seals
from smartcity.settings import Settings

MODELS = Path("models")
PREFIX = "smartcity-"


class TrainingError(RuntimeError):
    """Rasa could not train; the message holds the end of its output."""


def ingredients() -> Iterator[Path]:
    """Files that a model depends on: the Rasa project and our components, not content/."""
    yield Path("config.yml")
    yield Path("domain.yml")
    yield from sorted(Path("data").rglob("*.yml"))
    for room in ("nlu", "knowledge"):
        yield from sorted((Path(__file__).parent.parent / room).rglob("*.py"))


def model_path() -> Path:
    """Where the model of the present ingredients belongs."""
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for path in ingredients():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return MODELS / f"{PREFIX}{digest.hexdigest()[:12]}.tar.gz"


def train_when_stale(settings: Settings) -> Path:
    """Train unless the model of the present ingredients exists; older ones but those in use are removed.

    Raises TrainingError.
    """
    path = model_path()
    if not seals.is_sealed(path):
        train(settings, path)
        kept = {path.name, *_in_use()}
        for old in MODELS.glob(f"{PREFIX}*.tar.gz"):
            if old.name not in kept:
                old.with_name(old.name + seals.SEAL).unlink(missing_ok=True)
                old.unlink()
    return path


def train(settings: Settings, path: Path) -> None:
    """Train the model of the present ingredients, unless another process does so meanwhile. Raises TrainingError."""
    with _alone():
        if not seals.is_sealed(path):
            _train(settings, path)


@contextmanager
def _alone() -> Iterator[None]:
    """Two processes that train at once would write into the same file; the second one waits."""
    MODELS.mkdir(exist_ok=True)
    with (MODELS / ".training").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _train(settings: Settings, path: Path) -> None:
    log = settings.var / "training.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "smartcity.cli",
        "rasa",
        "train",
        "--force",
        # `make lint` validates; here it would cost an eighth of the time.
        "--skip-validation",
        "--fixed-model-name",
        path.name.split(".")[0],
    ]
    with log.open("w", encoding="utf-8") as output:
        code = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=os.environ).returncode
    if code or not path.exists():
        tail = "\n".join(log.read_text("utf-8").splitlines()[-15:])
        raise TrainingError(f"Training failed; the whole output stands in {log}.\n{tail}")
    seals.seal(path)


def _in_use() -> List[str]:
    try:
        return (MODELS / "in-use").read_text("ascii").split()
    except (OSError, ValueError):
        return []
