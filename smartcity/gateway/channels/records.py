"""What the messengers' store holds: persons, messages on their way in and out, dead letters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PRIVATE = "private-"
"""Beginning of the key of a part that may repeat what a citizen told a form: no dead letter keeps its text."""


@dataclass(frozen=True)
class Person:
    """What is known of a person: how often they stopped, and how the conversation stands."""

    person: str
    number: int = 0
    greeted: bool = False
    language: str = ""
    """In which the conversation began."""
    spoken: str = ""
    """In which the last answer was."""
    numbered: tuple[str, ...] = ()
    """References of the choices with the numbers 1, 2, ..."""


@dataclass(frozen=True)
class Arrived:
    """A message on its way into the store; `seen` is the digest of its id."""

    seen: str
    person: str
    channel: str
    said: Mapping[str, Any]
    stops: bool = False
    written: float | None = None
    """When, where the platform tells: what overtook another one on its way is answered after it."""


@dataclass(frozen=True)
class Waiting:
    """A message that waits for its answer."""

    id: int
    person: str
    channel: str
    said: dict[str, Any]
    at: float


@dataclass(frozen=True)
class Part:
    """A part of an answer that waits to be sent."""

    id: int
    person: str
    channel: str
    sender: str
    address: dict[str, Any]
    body: dict[str, Any]
    key: str
    attempts: int
    until: float
    handed: float | None = None
    """Since when the platform may have it: set just before it is sent, gone when it was not taken."""


@dataclass(frozen=True)
class Letter:
    """A message that was given up."""

    at: float
    channel: str
    sender: str
    reason: str
    attempts: int
    content: str | None


def as_json(value: Any) -> str:
    """The value as it is stored."""
    # In ASCII: a platform may send halves of surrogate pairs, which no database takes.
    return json.dumps(value, separators=(",", ":"))
