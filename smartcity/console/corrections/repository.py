"""The git checkout of the console: commits on a branch, made without touching files or the current branch."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Mapping, Optional

BRANCH = "console/corrections-"
_SECONDS = 30
_NOTHING = "0" * 40


class RepositoryError(RuntimeError):
    """Git refused; the message says what."""


@dataclass(frozen=True)
class Person:
    """Who a commit is by."""

    name: str
    address: str

    @classmethod
    def of(cls, shown: str, account: str) -> Person:
        """Of an account; one that is no e-mail address gets an address that never exists."""
        clean = "".join(sign for sign in account if sign.isalnum() or sign in "@._-+")
        return cls(
            " ".join("".join(s for s in shown if s.isprintable() and s not in "<>").split()) or clean or "console",
            clean if "@" in clean else f"{clean or 'console'}@console.invalid",
        )


@dataclass(frozen=True)
class Commit:
    """What was made: the branch and the commit on it."""

    branch: str
    id: str


class Repository:
    """A checkout, by its root folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def at(cls, root: Path) -> Optional[Repository]:
        """The repository whose checkout begins at `root`; None when there is none, or no git."""
        try:
            top = _git(root, "rev-parse", "--show-toplevel").strip()
            _git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        except RepositoryError:
            return None
        return cls(root) if Path(top).resolve() == root.resolve() else None

    def commit(
        self,
        change: Callable[[Callable[[str], Optional[str]]], Mapping[str, str]],
        message: str,
        author: Person,
        day: dt.date,
    ) -> Commit:
        """Commit what `change` makes of the files on the day's branch, which goes on where it ended.

        `change` gets a reader of the branch's files (None for one that is not there) and gives the new
        texts. Working tree, index and current branch stay as they are. Raises RepositoryError.
        """
        branch = self._branch(day)
        tip = self._tip(branch)
        parent = tip or _git(self._root, "rev-parse", "HEAD").strip()
        texts = change(lambda file: self._text(parent, file))
        with tempfile.TemporaryDirectory() as folder:
            environment = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            _git(self._root, "read-tree", parent, environment=environment)
            for file, text in texts.items():
                blob = _git(self._root, "hash-object", "-w", "--stdin", given=text).strip()
                _git(
                    self._root,
                    "update-index",
                    "--add",
                    "--cacheinfo",
                    f"100644,{blob},{file}",
                    environment=environment,
                )
            tree = _git(self._root, "write-tree", environment=environment).strip()
        if tree == _git(self._root, "rev-parse", f"{parent}^{{tree}}").strip():
            raise RepositoryError("There is nothing to commit: the branch holds all of it already.")
        who = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.address,
            "GIT_COMMITTER_NAME": author.name,
            "GIT_COMMITTER_EMAIL": author.address,
        }
        made = _git(self._root, "commit-tree", tree, "-p", parent, given=message, environment=who).strip()
        # Refused when somebody else moved the branch meanwhile.
        _git(self._root, "update-ref", f"refs/heads/{branch}", made, tip or _NOTHING)
        return Commit(branch, made)

    def _branch(self, day: dt.date) -> str:
        """The day's branch; one that is checked out somewhere would pull the ground from under that checkout."""
        taken = {
            line.removeprefix("branch refs/heads/")
            for line in _git(self._root, "worktree", "list", "--porcelain").splitlines()
            if line.startswith("branch ")
        }
        name, number = f"{BRANCH}{day.isoformat()}", 1
        while name in taken:
            number += 1
            name = f"{BRANCH}{day.isoformat()}-{number}"
        return name

    def _tip(self, branch: str) -> Optional[str]:
        try:
            return _git(self._root, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}").strip()
        except RepositoryError:
            return None

    def _text(self, commit: str, file: str) -> Optional[str]:
        if not _git(self._root, "ls-tree", commit, "--", file).strip():
            return None
        return _git(self._root, "cat-file", "blob", f"{commit}:{file}")


def _git(root: Path, *arguments: str, given: str = "", environment: Optional[Mapping[str, str]] = None) -> str:
    # Variables of a git that called us (in a hook) would lead to another repository.
    inherited: Dict[str, str] = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command: List[str] = ["git", "-c", "core.quotepath=off", "-c", "core.hooksPath=/dev/null", *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env={**inherited, "LC_ALL": "C", **(environment or {})},
            input=given.encode(),
            capture_output=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RepositoryError(f"git {arguments[0]} could not run: {error}") from error
    if done.returncode:
        raise RepositoryError(f"git {arguments[0]}: {done.stderr.decode('utf-8', 'replace').strip() or 'refused'}")
    return done.stdout.decode("utf-8")
