"""The id of a request, from the gateway to the action: all that happens for one message carries the same.

It is random and belongs to the request, not to the person, so it may stand in every log.
"""

from __future__ import annotations

import contextvars
import re
import secrets
from typing import Optional

HEADER = "X-Request-Id"
_SHAPE = re.compile(r"[0-9a-f-]{8,36}")
"""Hexadecimal digits and hyphens, as nginx and UUIDs have them: no name or address fits in."""

_current: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")


def current() -> str:
    """The id of the request that is being worked on; empty where there is none."""
    return _current.get()


def begin(given: Optional[str] = None) -> str:
    """Work on a request from here on: under the id that was given, if it has the shape of one, else a new one."""
    found = given if given and _SHAPE.fullmatch(given) else secrets.token_hex(8)
    _current.set(found)
    return found
