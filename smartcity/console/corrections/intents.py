"""The intents of domain.yml that a text can be taught as."""

from __future__ import annotations

from pathlib import Path
from typing import Tuple

import yaml

from smartcity.knowledge.documents import ContentError, Problem

DOMAIN = Path("domain.yml")
_NEVER_TAUGHT = frozenset({"nlu_fallback"})
"""What the assistant says of itself, not of a text."""


def read_intents(root: Path) -> Tuple[str, ...]:
    """Their names in the order of domain.yml. Raises ContentError with file and line."""
    try:
        # Rasa reads YAML 1.2, where a slot may be called 'yes'.
        data = yaml.load((root / DOMAIN).read_text("utf-8"), yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _unreadable(line, f"This is not valid YAML: {error.problem}.") from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _unreadable(1, f"It cannot be read: {error}") from error
    listed = data.get("intents") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise _unreadable(1, "There is no list of intents.")
    names = (str(next(iter(entry), "")) if isinstance(entry, dict) else str(entry) for entry in listed)
    return tuple(name for name in names if name and name not in _NEVER_TAUGHT)


def _unreadable(line: int, message: str) -> ContentError:
    return ContentError([Problem(DOMAIN.as_posix(), line, message, "See Rasa's documentation of the domain.")])
