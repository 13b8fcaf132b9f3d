"""The mails of a request, put into the outbox within the transaction that they tell of."""

from __future__ import annotations

import secrets
from typing import Any

from smartcity.inquiries.store import now
from smartcity.inquiries.tables import outbox
from smartcity.inquiries.vault import Vault
from smartcity.settings import Settings


def after_filing(
    connection: Any, vault: Vault, settings: Settings, row: Any, given: dict[str, Any], mailed: bool
) -> None:
    _queue(connection, vault, settings, row, "office", "new", given)
    if mailed:
        _queue(connection, vault, settings, row, "citizen", "received", given)


def after_withdrawal(connection: Any, vault: Vault, settings: Settings, row: Any) -> None:
    _queue(connection, vault, settings, row, "office", "withdrawn", {})


def _queue(
    connection: Any, vault: Vault, settings: Settings, row: Any, recipient: str, kind: str, given: dict[str, Any]
) -> None:
    connection.execute(
        outbox.insert().values(
            inquiry_id=row.id,
            recipient=recipient,
            kind=kind,
            message_id=f"<{secrets.token_hex(16)}@smartcity-krefeld>",
            payload=vault.seal(given),
            made=now(),
            due=now(),
        )
    )
