"""Starts are counted, here and at the homeserver: where it knows more of them, keys of a backup came back here.

Sessions of a backup do not know which keys they have used since, so none of them is sent with again.
"""

from __future__ import annotations

import time
from urllib.parse import quote

from smartcity.gateway.channels.channel import Refused
from smartcity.gateway.channels.matrix_keys import Keys
from smartcity.gateway.channels.matrix_machine import Ask

NAME = "de.krefeld.smartcity.starts"
"""Of the number that the homeserver keeps for us."""


async def count_start(user: str, ask: Ask, keys: Keys) -> float:
    """Count one more; when keys of a backup came back last, in seconds since 1970, 0 for never.

    Raises Later, Refused or Overtaken.
    """
    path = f"user/{quote(user, safe='')}/account_data/{NAME}"
    try:
        known = int((await ask("GET", path)).get("starts", 0))
    except Refused:
        known = 0  # none yet
    told = next(iter(keys.records("start")), {"starts": 0, "restored": 0.0})
    restored = time.time() if known > told["starts"] else float(told["restored"])
    starts = max(known, int(told["starts"])) + 1
    keys.put("start", "", lambda: {"starts": starts, "restored": restored})
    await keys.save()
    await ask("PUT", path, json={"starts": starts})
    return restored
