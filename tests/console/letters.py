"""Dead letters for tests, written by the gateway's own store into the file where the console looks for them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from smartcity.gateway.channels.records import Letter
from smartcity.gateway.channels.store import Store
from smartcity.settings import read_settings

DAY = 86_400.0


def a_letter(text: str | None = "Den KRuiser gibt es nicht mehr.", **values: Any) -> Letter:
    """A letter that Telegram did not take, as it goes into the store."""
    body = {"text": text, "parse_mode": "HTML"}
    row = {
        "at": time.time(),
        "channel": "telegram",
        "sender": "telegram:5f1d",
        "reason": "500",
        "attempts": 12,
        "content": None if text is None else json.dumps(body),
    }
    return Letter(**{**row, **values})


def bury(var: Path, letters: Iterable[Letter] = ()) -> None:
    """Let the gateway leave these letters."""
    with closing(_store(var)) as store:
        for letter in letters:
            store.outbox.bury(letter)


def columns(var: Path) -> Mapping[str, str]:
    """The columns of the gateway's table with their kinds."""
    with closing(_store(var)) as store:
        return {column["name"]: str(column["type"]) for column in sa.inspect(store.engine).get_columns("dead_letters")}


def _store(var: Path) -> Store:
    return Store(read_settings({"SMARTCITY_VAR": str(var)}))
