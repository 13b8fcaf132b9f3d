"""Payloads of buttons: signed here, good in one session only, opaque to the browser.

The session's id is part of the salt, so a payload of another session does not verify.
"""

from __future__ import annotations

import hashlib

from itsdangerous import BadData, URLSafeSerializer

from smartcity.gateway.errors import GatewayError
from smartcity.settings import Settings


class Payloads:
    def __init__(self, settings: Settings) -> None:
        self._secret = settings.secret_for("buttons")

    def seal(self, session: str, payload: str) -> str:
        """What the browser gets in place of the payload."""
        return str(self._signer(session).dumps(payload))

    def open(self, session: str, sealed: str) -> str:
        """The payload that was sealed in this session. Raises GatewayError for any other text."""
        try:
            return str(self._signer(session).loads(sealed))
        except (BadData, UnicodeError):
            raise GatewayError("bad_payload") from None

    def _signer(self, session: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._secret,
            salt=f"button {session}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
