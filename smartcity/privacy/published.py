"""What the city itself has published, in records of any kind: it stays readable in redacted texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from smartcity.privacy.redaction import Public, personal


def published(records: Any, ways: Iterable[str | None] = ()) -> Public:
    """Whatever looks personal in the records' texts, and the `ways` to reach somebody that stand there alone."""
    found = {way for way in ways if way}
    for text in set(_texts(records)):
        found.update(text[span.start : span.end] for span in personal(text))
    return Public(found)


def _texts(value: Any) -> Iterator[str]:
    """All texts within records, mappings and sequences."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _texts(getattr(value, one.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _texts(one)
