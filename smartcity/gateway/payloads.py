"""Payloads of buttons: signed here, good in one session only, opaque to the browser.

The key is made from the session's id, so a payload of another session does not verify.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from itsdangerous import BadData, URLSafeSerializer

from smartcity.gateway.errors import GatewayError
from smartcity.settings import Settings

KEPT = 500
"""For so many sessions the signer is kept: an answer has several buttons, and more answers follow."""


class Payloads:
    def __init__(self, settings: Settings) -> None:
        secret = settings.secret_for("buttons").encode()

        @lru_cache(KEPT)
        def signer(session: str) -> URLSafeSerializer:
            # The key of the session once; itsdangerous would derive it for every button.
            key = hmac.digest(secret, f"button {session}".encode(), "sha256")
            return URLSafeSerializer(key, signer_kwargs={"key_derivation": "none", "digest_method": hashlib.sha256})

        self._signer = signer

    def seal(self, session: str, payload: str) -> str:
        """What the browser gets in place of the payload."""
        return str(self._signer(session).dumps(payload))

    def open(self, session: str, sealed: str) -> str:
        """The payload that was sealed in this session. Raises GatewayError for any other text."""
        try:
            return str(self._signer(session).loads(sealed))
        except (BadData, UnicodeError):
            raise GatewayError("bad_payload") from None
