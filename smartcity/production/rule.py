"""What one rule is, and what it looks at."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smartcity.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1", "")


@dataclass(frozen=True)
class Situation:
    """All that rules look at: settings, environment, the project's folder, what Rasa's command line is given."""

    settings: Settings
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    project: Path = Path()
    rasa: tuple[str, ...] = ()
    """Arguments of `smartcity rasa`; empty for every other command."""

    @property
    def database(self) -> Any:
        """The URL of the application's database; None where it is SQLite in VAR."""
        from sqlalchemy.engine import make_url  # a quarter of a second that no development start needs

        return make_url(self.settings.database) if self.settings.database else None

    @property
    def tracker_store(self) -> Any:
        """The URL of Rasa's database; None where endpoints.yml names none that can be read."""
        from smartcity.privacy.tracker_store import TrackerStoreError, tracker_url

        try:
            return tracker_url(self.settings, self.project / "endpoints.yml")
        except TrackerStoreError:
            return None


@dataclass(frozen=True)
class Rule:
    """Something unsafe: the setting, why it is, what to do, and whether it is so."""

    setting: str
    why: str
    remedy: str
    broken: Callable[[Situation], bool]


def is_loopback(host: str | None) -> bool:
    return (host or "").strip("[]").lower() in LOOPBACK
