"""The switch of the chat on websites: off while a marker file stands in VAR, looked at on every request.

`smartcity website off` and `on` put it there and take it away; the gateway need not be restarted.
"""

from __future__ import annotations

import os
from pathlib import Path

from smartcity.gateway.errors import GatewayError
from smartcity.settings import Settings

RETRY_SECONDS = 300


class Switch:
    def __init__(self, settings: Settings) -> None:
        self.marker: Path = settings.var / "website-off"

    def is_on(self) -> bool:
        return not os.path.exists(self.marker)

    def check(self) -> None:
        """Raises GatewayError while the chat is off."""
        if not self.is_on():
            raise GatewayError("switched_off", retry_after=RETRY_SECONDS)

    def turn_on(self) -> None:
        self.marker.unlink(missing_ok=True)

    def turn_off(self) -> None:
        self.marker.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.marker.touch()
