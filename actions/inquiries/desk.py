"""The way to smartcity/inquiries, where citizens' requests are kept.

Where the room is missing (stock Rasa has not what it stands on), or Rasa would store what is said to a
form, the desk is closed: nothing is asked then, and all answers are as they are without it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Mapping, Optional

try:
    from smartcity.inquiries import contacts, references, wishes
    from smartcity.inquiries.desk import Desk, Incomplete, TooMany, Unavailable
except ImportError:  # then nothing here is called but `shared_desk`
    contacts = references = wishes = Desk = None  # type: ignore[assignment,misc]

    class Unavailable(RuntimeError):  # type: ignore[no-redef]
        """As in the room."""

    class Incomplete(ValueError):  # type: ignore[no-redef]
        """As in the room."""

    class TooMany(RuntimeError):  # type: ignore[no-redef]
        """As in the room."""


__all__ = ["Incomplete", "TooMany", "Unavailable", "contacts", "drop", "is_open", "references", "shared_desk", "wishes"]

MARK = "withholds"
"""In the metadata of a message: Rasa does not store answers to forms (smartcity/runtime/withholding.py)."""


@lru_cache(maxsize=1)
def shared_desk() -> Optional[Any]:
    """The desk of this process, by its settings; None where there is no such room."""
    if Desk is None:
        return None
    from smartcity.settings import read_settings

    return Desk(read_settings())


def is_open(message: Mapping[str, Any], desk: Optional[Any]) -> bool:
    """Whether a request can be taken after this message: Rasa does not store it, and the channel has forms."""
    metadata = message.get("metadata") or {}
    possible = bool(metadata.get(MARK)) and metadata.get("forms") is not False
    return possible and desk is not None and bool(desk.open)


def drop(sender: str) -> None:
    """Drop the request that was begun in this conversation, which is being deleted."""
    desk = shared_desk()
    if desk is not None and desk.open:
        desk.forget(sender)
