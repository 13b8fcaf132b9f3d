"""The office's side: lists (lists.py), one request in full, and the deeds, each of which tells the citizen by e-mail.

    office = Office(settings, engine)
    office.lists.page("new")                     # nothing personal
    office.confirm(number, version, appointment, by=account)

`version` is what `read` gave; when somebody else was quicker, Changed is raised and nothing happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from smartcity.inquiries.appointments import Appointment, Method
from smartcity.inquiries.contacts import read_text
from smartcity.inquiries.lists import OPEN, Lists, is_overdue
from smartcity.inquiries.mails import Post
from smartcity.inquiries.store import Store, now, record
from smartcity.inquiries.tables import CLOSED, events, inquiries, outbox
from smartcity.inquiries.wishes import Wish
from smartcity.settings import Settings

TEXT_LENGTH = 4000


class DeedError(ValueError):
    """What cannot be done with a request; the message is a key: gone, changed, closed, no_text."""


class Changed(DeedError):
    """Somebody else changed the request meanwhile."""


@dataclass(frozen=True)
class Note:
    """What staff wrote for themselves."""

    at: int
    by: int | None
    text: str


@dataclass(frozen=True)
class Inquiry:
    """One request in full."""

    row: Any
    """Of the table `inquiries`."""
    version: int
    subject: str
    name: str
    email: str | None
    telephone: str | None
    manner: str | None
    wishes: tuple[Wish, ...]
    excerpt: str | None
    appointment: Appointment | None
    notes: tuple[Note, ...]
    history: Sequence[Any]
    """Rows of `inquiry_events`, the oldest first."""
    mails: Sequence[Any]
    """Rows of the outbox without what they say."""

    @property
    def is_open(self) -> bool:
        return self.row.state in OPEN

    @property
    def overdue(self) -> bool:
        return is_overdue(self.row)


class Office:
    def __init__(self, settings: Settings, engine: Any = None) -> None:
        self._settings = settings
        self._store = Store(settings, engine)
        self.lists = Lists(self._store, settings.stale_inquiries_days)
        self._post = Post(self._store.vault, settings)

    # -- reading

    def read(self, number: int) -> Inquiry | None:
        """One request, decrypted. Raises VaultError."""
        with self._store.reading() as connection:
            row = connection.execute(sa.select(inquiries).where(inquiries.c.id == number)).first()
            if row is None:
                return None
            query = sa.select(events).where(events.c.inquiry_id == number).order_by(events.c.id)
            history = list(connection.execute(query))
            columns = [column for column in outbox.c if column.name != "payload"]
            mails = list(
                connection.execute(sa.select(*columns).where(outbox.c.inquiry_id == number).order_by(outbox.c.id))
            )
        given = self._store.vault.open(row.payload)
        return Inquiry(
            row=row,
            version=_version(history),
            subject=given.get("subject", ""),
            name=given.get("name", ""),
            email=given.get("email"),
            telephone=given.get("telephone"),
            manner=given.get("manner"),
            wishes=tuple(Wish.from_dict(wish) for wish in given.get("wishes", ())),
            excerpt=given.get("excerpt"),
            appointment=Appointment.from_dict(given["appointment"]) if given.get("appointment") else None,
            notes=tuple(Note(**note) for note in given.get("notes", ())),
            history=history,
            mails=mails,
        )

    # -- deeds

    def assign(self, number: int, version: int, account: int | None, by: int) -> None:
        """Give it to somebody, or to nobody; whoever takes a new one has it in work."""
        with self._changing(number, version) as deed:
            deed.values["assigned_to"] = account
            if account is not None and deed.row.state == "new":
                deed.enter("in_work")
            deed.record("assigned", by, to=account)

    def note(self, number: int, version: int, text: str, by: int) -> None:
        """Write something down for staff; also on a closed request."""
        clean = _text(text)
        with self._changing(number, version, closed_too=True) as deed:
            deed.given.setdefault("notes", []).append({"at": now(), "by": by, "text": clean})
            deed.record("noted", by)

    def propose(self, number: int, version: int, appointment: Appointment, by: int, text: str = "") -> None:
        """Propose a time, by an event that is tentative in the citizen's calendar."""
        self._agree(number, version, appointment, by, text, confirmed=False)

    def confirm(self, number: int, version: int, appointment: Appointment, by: int, text: str = "") -> None:
        """Confirm a time; also moves a confirmed one."""
        self._agree(number, version, appointment, by, text, confirmed=True)

    def decline(self, number: int, version: int, text: str, by: int) -> None:
        """Decline with a text for the citizen; a time that was told is cancelled."""
        clean = _text(text)
        with self._changing(number, version) as deed:
            deed.enter("declined")
            deed.record("declined", by)
            deed.tell("declined", "CANCEL" if deed.appointment else None, clean)

    def done(self, number: int, version: int, by: int, text: str = "") -> None:
        """Close it, with a text for the citizen if there is something to say."""
        clean = read_text(text, TEXT_LENGTH) or ""
        with self._changing(number, version) as deed:
            proposed = deed.appointment is not None and not deed.appointment.confirmed
            deed.enter("done")
            deed.record("done", by)
            deed.tell("done", "CANCEL" if proposed else None, clean)

    def _agree(self, number: int, version: int, appointment: Appointment, by: int, text: str, confirmed: bool) -> None:
        clean = read_text(text, TEXT_LENGTH) or ""
        agreed = Appointment(appointment.start, appointment.minutes, _line(appointment.place), confirmed)
        with self._changing(number, version) as deed:
            before = deed.appointment
            deed.given["appointment"] = agreed.as_dict()
            deed.values["ends"] = agreed.ends if confirmed else None
            deed.enter("confirmed" if confirmed else "in_work")
            moved = confirmed and before is not None and before.confirmed
            deed.record("moved" if moved else "confirmed" if confirmed else "proposed", by)
            deed.tell("moved" if moved else "confirmed" if confirmed else "proposed", "REQUEST", clean)

    def _changing(self, number: int, version: int, closed_too: bool = False) -> _Deed:
        return _Deed(self._store, self._post, number, version, closed_too)


class _Deed:
    """A transaction that changes one request: reads it, lets it be changed, writes it and its mail."""

    def __init__(self, store: Store, post: Post, number: int, version: int, closed_too: bool) -> None:
        self._store, self._post = store, post
        self._number, self._version, self._closed_too = number, version, closed_too
        self._mail: tuple[str, Method | None, str] | None = None
        self.values: dict[str, Any] = {}

    def __enter__(self) -> _Deed:
        self._writing = self._store.writing()
        self._connection = self._writing.__enter__()
        try:
            self._read()
        except BaseException as error:
            self._writing.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            if error is None:
                self._write()
        except BaseException as later:
            self._writing.__exit__(type(later), later, later.__traceback__)
            raise
        self._writing.__exit__(kind, error, trace)

    @property
    def appointment(self) -> Appointment | None:
        known = self.given.get("appointment")
        return Appointment.from_dict(known) if known else None

    def enter(self, state: str) -> None:
        """Go into a state; closing it starts the days after which it is deleted."""
        if state != self.row.state:
            self.values |= {"state": state, "changed": now()}
        if state in CLOSED:
            self.values |= {"closed": now(), "ends": None}

    def record(self, deed: str, by: int, **details: Any) -> None:
        record(self._connection, self._number, deed, by, **details)

    def tell(self, kind: str, method: Method | None, text: str) -> None:
        """Tell the citizen, if they gave an address."""
        if method is not None:
            self.values["sequence"] = self.row.sequence + 1
        self._mail = (kind, method, text)

    def _read(self) -> None:
        wanted = inquiries.c.id == self._number
        self.row = self._connection.execute(sa.select(inquiries).where(wanted).with_for_update()).first()
        if self.row is None:
            raise DeedError("gone")
        latest = sa.select(sa.func.max(events.c.id)).where(_changes(), events.c.inquiry_id == self._number)
        if (self._connection.execute(latest).scalar() or 0) != self._version:
            raise Changed("changed")
        if self.row.state in CLOSED and not self._closed_too:
            raise DeedError("closed")
        self.given = self._store.vault.open(self.row.payload)

    def _write(self) -> None:
        values = {**self.values, "payload": self._store.vault.seal(self.given)}
        self._connection.execute(inquiries.update().where(inquiries.c.id == self._number).values(**values))
        if self._mail is not None and self.given.get("email"):
            kind, method, text = self._mail
            row = self._connection.execute(sa.select(inquiries).where(inquiries.c.id == self._number)).one()
            self._post.deed(self._connection, row, self.given, kind, self.appointment, method, text)


_OF_THE_MAILER = ("mailed", "mail_failed")


def _changes() -> Any:
    """What the mailer writes down changes nothing that somebody could have overlooked."""
    return events.c.deed.not_in(_OF_THE_MAILER)


def _version(history: Sequence[Any]) -> int:
    return max((event.id for event in history if event.deed not in _OF_THE_MAILER), default=0)


def _text(text: str) -> str:
    clean = read_text(text, TEXT_LENGTH)
    if clean is None:
        raise DeedError("no_text")
    return clean


def _line(text: str) -> str:
    return " ".join((read_text(text, 200) or "").split())
