"""The mails of a request, put into the outbox within the transaction that they tell of."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from smartcity.inquiries import letters
from smartcity.inquiries.appointments import Appointment, Method, calendar
from smartcity.inquiries.store import now
from smartcity.inquiries.tables import outbox
from smartcity.inquiries.vault import Vault
from smartcity.inquiries.wishes import Wish
from smartcity.settings import Settings


class Post:
    """Writes mails into the outbox, sealed whole: address, subject and text."""

    def __init__(self, vault: Vault, settings: Settings) -> None:
        self._vault = vault
        self._settings = settings

    def filed(self, connection: Any, row: Any, given: Mapping[str, Any], mailed: bool) -> None:
        """To the office; and to the citizen if `mailed`."""
        wishes = [Wish.from_dict(wish) for wish in given.get("wishes", ())]
        subject, text = letters.new_to_office(row, given, wishes)
        self._put(connection, row, "office", "new", subject=subject, text=text, reply_to=given.get("email"))
        if mailed:
            subject, text = letters.to_citizen("received", row, self._settings.keep_inquiries_days, wishes)
            self._put(connection, row, "citizen", "received", subject=subject, text=text, to=given["email"])

    def withdrawn(self, connection: Any, row: Any, given: Mapping[str, Any]) -> None:
        """To the office; and to the citizen where a time had been agreed or proposed to them."""
        subject, text = letters.withdrawn_to_office(row)
        self._put(connection, row, "office", "withdrawn", subject=subject, text=text)
        if given.get("email") and given.get("appointment"):
            self.deed(connection, row, given, "withdrawn", Appointment.from_dict(given["appointment"]), "CANCEL")

    def deed(
        self,
        connection: Any,
        row: Any,
        given: Mapping[str, Any],
        kind: str,
        appointment: Appointment | None = None,
        method: Method | None = None,
        text: str = "",
    ) -> None:
        """To the citizen, who must have given an address: what the office did, with the calendar's file."""
        days, cancelled = self._settings.keep_inquiries_days, method == "CANCEL"
        told = appointment if method is not None else None
        subject, body = letters.to_citizen(kind, row, days, (), told, cancelled, text)
        more: dict[str, Any] = {}
        if appointment is not None and method is not None:
            made = datetime.fromtimestamp(now() // 1000, timezone.utc)
            ics = calendar(appointment, row, method, self._settings.office_mail, given["email"], made)
            more = {"ics": ics, "method": method}
        self._put(connection, row, "citizen", kind, subject=subject, text=body, to=given["email"], **more)

    def _put(self, connection: Any, row: Any, recipient: str, kind: str, **mail: Any) -> None:
        mail = {"language": row.language if recipient == "citizen" else "de", **mail}
        at = now()
        values = {
            "inquiry_id": row.id,
            "recipient": recipient,
            "kind": kind,
            "message_id": f"<{secrets.token_hex(16)}@{self._settings.office_mail.rpartition('@')[2] or 'smartcity'}>",
            "payload": self._vault.seal(mail),
            "made": at,
            "due": at,
        }
        connection.execute(outbox.insert().values(**values))
