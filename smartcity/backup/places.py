"""What belongs to an installation, and where it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smartcity.database import application_url
from smartcity.privacy.tracker_store import tracker_url
from smartcity.settings import Settings

PROJECT_FILES = (".env", "config.yml", "domain.yml", "endpoints.yml", "credentials.yml")
PROJECT_FOLDERS = ("data", "models")
_PASSING = ("trials", "demo", "training.log")
"""What VAR holds for a while only, or makes again by itself."""


@dataclass(frozen=True)
class Database:
    """A database by its name in the backup."""

    name: str
    url: Any

    @property
    def kind(self) -> str:
        return str(self.url.get_backend_name())

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(self.url.database)


class Places:
    """The places of an installation in the folder `project`."""

    def __init__(self, settings: Settings, project: Path = Path()) -> None:
        self._project = project
        self._var: Path = settings.var
        self._content: str = settings.content
        self._settings = settings

    def databases(self) -> list[Database]:
        """In the order in which they are backed up.

        What takes from another comes before it: after a restore the reader reads on from a place that there is, and
        what waits in a messenger's queue is answered once more rather than never.
        """
        application = Database("application", application_url(self._settings))
        conversations = Database("conversations", tracker_url(self._settings, self._project / "endpoints.yml"))
        return [application, conversations]

    def other_databases(self) -> list[Path]:
        """Further SQLite files of VAR: API keys, messengers."""
        own = {database.path.resolve() for database in self.databases() if database.kind == "sqlite"}
        return [path for path in self._below(self._var) if path.suffix == ".db" and path.resolve() not in own]

    def files(self) -> Iterator[tuple[str, Path]]:
        """Every other file, with its name in the backup."""
        for path in self._below(self._var):
            if not path.name.endswith((".db", ".db-wal", ".db-shm", ".db-journal", ".lock")):
                yield f"var/{path.relative_to(self._var).as_posix()}", path
        for name in PROJECT_FILES:
            if (self._project / name).is_file():
                yield f"project/{name}", self._project / name
        for name in PROJECT_FOLDERS:
            for path in self._below(self._project / name):
                yield f"project/{name}/{path.relative_to(self._project / name).as_posix()}", path
        if "://" not in self._content:
            folder = self._project / self._content
            for path in self._below(folder):
                yield f"content/{path.relative_to(folder).as_posix()}", path

    def target(self, member: str) -> Path:
        """Where a file of the backup belongs."""
        top, _, rest = member.partition("/")
        roots = {"var": self._var, "project": self._project, "content": self._project / self._content}
        return roots[top] / rest

    def _below(self, folder: Path) -> list[Path]:
        found = []
        for path in sorted(folder.rglob("*")):
            first = path.relative_to(folder).parts[0]
            passing = folder == self._var and (first in _PASSING or first.startswith("comparison-"))
            if path.is_file() and not path.is_symlink() and not passing and "__pycache__" not in path.parts:
                found.append(path)
        return found
