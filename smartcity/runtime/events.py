"""Event classes are looked up by name once.

Where: rasa.shared.core.events.Event.resolve_by_type walks all subclasses of Event for every
event that is read. Effect: about a tenth of the processor time of a message.
"""

from __future__ import annotations

from functools import lru_cache


def remember_types() -> None:
    """Remember the class of each event name."""
    from rasa.shared.core.events import Event

    if not hasattr(Event.resolve_by_type, "cache_info"):
        setattr(Event, "resolve_by_type", staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type)))
