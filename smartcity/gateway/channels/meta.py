"""What WhatsApp and Facebook Messenger share: Meta's signature, handshake and errors.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, ClassVar

from smartcity.gateway.channels.calls import Calls
from smartcity.gateway.channels.channel import Channel, Finding, Forged, Later, Refused, Webhook, same
from smartcity.settings import Settings

VERSION = "v24.0"
"""Of the Graph API; each is served for about two years."""

LATER = {1, 2, 4, 17, 32, 341, 368, 613, 1200, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004}
"""Codes of errors that pass: the platform is busy, or too much was sent."""
CLOSED = {131047, 2018278}
"""The person wrote more than 24 hours ago (the second is a subcode)."""
GONE = {131026, 131050, 551, 1545041}
"""The person cannot be reached: not on the platform, or has blocked us."""


class Meta(Channel):
    needs: ClassVar[tuple[str, ...]] = ("META_APP_SECRET", "META_VERIFY_TOKEN", "PUBLIC_URL")
    methods: ClassVar[tuple[str, ...]] = ("GET", "POST")
    most_bytes: ClassVar[int] = 3 * 1024 * 1024

    def __init__(self, settings: Settings, token: str) -> None:
        self._app_secret: str = settings.meta_app_secret
        self._verify_token: str = settings.meta_verify_token
        self._address = f"{settings.public_url}/channels/{self.name}"
        base = settings.platform_base or "https://graph.facebook.com"
        self.calls = Calls(f"{base}/{VERSION}/", headers={"Authorization": f"Bearer {token}"})

    def handshake(self, webhook: Webhook) -> str:
        query = webhook.query
        if query.get("hub.mode") != "subscribe" or not same(query.get("hub.verify_token", ""), self._verify_token):
            raise Forged
        return query.get("hub.challenge", "")

    def verify(self, webhook: Webhook) -> None:
        expected = "sha256=" + hmac.new(self._app_secret.encode(), webhook.body, hashlib.sha256).hexdigest()
        if not same(webhook.headers.get("x-hub-signature-256", ""), expected):
            raise Forged

    def webhook_finding(self) -> Finding:
        """Meta's webhook is set by hand, so this can only be said."""
        if not self._address.startswith("https://"):
            return Finding(False, "Meta calls https addresses only; PUBLIC_URL is none")
        return Finding(True, f"enter {self._address} and SMARTCITY_META_VERIFY_TOKEN as webhook in Meta's app settings")

    async def close(self) -> None:
        await self.calls.close()


def judge(status: int, found: dict[str, Any]) -> None:
    """Meta says what went wrong by code, whatever the status."""
    error = found.get("error")
    if status < 300 or not isinstance(error, dict):
        return
    fail(error.get("code"), error.get("error_subcode"))


def fail(code: object, subcode: object = None) -> None:
    """Raises Later or Refused for a known code."""
    shown = f"{code}/{subcode}" if subcode else str(code)
    if code in CLOSED or subcode in CLOSED:
        raise Refused("window closed")
    if code in GONE or subcode in GONE:
        raise Refused(shown, gone=True)
    if code in LATER:
        raise Later(shown)
    if code is not None:
        raise Refused(shown)
