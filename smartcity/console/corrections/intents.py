"""The intents of domain.yml, with what each means in German and English."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Dict, Mapping, Tuple

import yaml

from smartcity.knowledge.documents import ContentError, Problem

DOMAIN = Path("domain.yml")
_MEANINGS = Path(__file__).with_name("intents.yml")
_NEVER_TAUGHT = frozenset({"nlu_fallback"})
"""What the assistant says of itself, not of a text."""


@dataclass(frozen=True)
class Intent:
    """One intent and its meaning by language; of one that nobody described its name."""

    name: str
    meaning: Mapping[str, str]


@lru_cache(maxsize=1)
def meanings() -> Dict[str, Dict[str, str]]:
    """The meaning of each intent by language."""
    found: Dict[str, Dict[str, str]] = yaml.safe_load(_MEANINGS.read_text("utf-8"))
    return found


def read_intents(root: Path) -> Tuple[Intent, ...]:
    """What a text may be taught as, in the order of domain.yml. Raises ContentError with file and line."""
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
    names = [next(iter(entry)) if isinstance(entry, dict) else str(entry) for entry in listed]
    return tuple(
        Intent(name, meanings().get(name, {"de": name, "en": name})) for name in names if name not in _NEVER_TAUGHT
    )


def _unreadable(line: int, message: str) -> ContentError:
    return ContentError([Problem(DOMAIN.as_posix(), line, message, "See Rasa's documentation of the domain.")])
