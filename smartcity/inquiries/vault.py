"""Encryption of what is personal, and keyed digests of what must be compared."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from smartcity.settings import Settings

_DOTLESS = ("gmail.com", "googlemail.com")


def mailbox_of(contact: str) -> str:
    """The address without case, and without what people may add to it freely: 'a.b+c@gmail.com' is 'ab@gmail.com'.

    Otherwise one mailbox could be sent as many confirmations as there are such spellings.
    """
    local, at, domain = contact.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), _DOTLESS[0]
    return f"{local}{at}{domain}" if at else domain


class VaultError(RuntimeError):
    """A token cannot be read: its key is missing from SMARTCITY_INQUIRY_KEYS, or SMARTCITY_SECRET has changed."""


class Vault:
    """Seals values in Fernet tokens; the first key seals, all of them open.

    The key derived from SECRET stays the last one, so that keys can be set without a step of their own.
    """

    def __init__(self, settings: Settings) -> None:
        derived = base64.urlsafe_b64encode(bytes.fromhex(settings.secret_for("inquiries")))
        self._fernet = MultiFernet([Fernet(key) for key in (*settings.inquiry_keys, derived)])
        self._digests = bytes.fromhex(settings.secret_for("inquiry digests"))
        self._pseudonyms = bytes.fromhex(settings.secret_for("pseudonyms"))

    def seal(self, value: dict[str, Any]) -> str:
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")).decode()

    def open(self, token: str) -> dict[str, Any]:
        """Raises VaultError."""
        try:
            opened: dict[str, Any] = json.loads(self._fernet.decrypt(token.encode()).decode("utf-8", "surrogatepass"))
        except InvalidToken:
            raise VaultError(
                "A request cannot be decrypted: is its key missing from SMARTCITY_INQUIRY_KEYS, "
                "or has SMARTCITY_SECRET changed?"
            ) from None
        return opened

    def renew(self, token: str) -> str:
        """The same, sealed with the first key. Raises VaultError."""
        try:
            return self._fernet.rotate(token.encode()).decode()
        except InvalidToken:
            raise VaultError("A request cannot be decrypted: its key is missing from SMARTCITY_INQUIRY_KEYS.") from None

    def digest(self, purpose: str, value: str) -> str:
        """64 hex digits; equal for equal values of one purpose, and telling nothing without the secret."""
        text = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self._digests, text, hashlib.sha256).hexdigest()

    def pseudonym(self, sender: str) -> str:
        """What the console knows the conversation by: the room privacy makes the same (a test holds them together)."""
        return hmac.new(self._pseudonyms, sender.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def contact_digest(self, contact: str) -> str:
        """Of an e-mail address or of a telephone number; equal for all spellings that reach the same mailbox."""
        return self.digest("contact", mailbox_of(contact))
