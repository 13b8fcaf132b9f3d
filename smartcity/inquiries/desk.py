"""The citizen's side: a draft that grows with the answers, filed as a whole, asked after, withdrawn.

    desk = Desk(settings)                                     # once in a process
    desk.note(sender, kind="message", subject="Eine Idee ...")  # each answer at once
    desk.draft(sender).missing                                # what to ask next
    receipt = desk.file(sender)                               # after the citizen confirmed

Nothing of a draft belongs into Rasa's slots, events or logs. All methods raise Unavailable when the database cannot
be reached. They are quick but block: a few milliseconds with SQLite.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any

import sqlalchemy as sa

from smartcity.inquiries import days, references
from smartcity.inquiries.contacts import read_email, read_name, read_telephone, read_text
from smartcity.inquiries.mails import Post
from smartcity.inquiries.store import Store, Unavailable, hold_filing, now, record
from smartcity.inquiries.tables import CLOSED, KINDS, drafts, inquiries
from smartcity.inquiries.vault import VaultError, mailbox_of
from smartcity.inquiries.wishes import Wish
from smartcity.settings import Settings

__all__ = ["Desk", "Draft", "Incomplete", "Receipt", "State", "TooMany", "Unavailable"]

DRAFT_HOURS = 24
DAY = 86_400_000
FOR_SESSION, FOR_CONTACT = 3, 5
"""Requests that one session, and one e-mail address or telephone number, may leave in 24 hours."""
WRONG_CONTACTS = 5
"""Wrong contacts that withdrawing one request bears in 24 hours."""
MOST_WISHES = 3
SUBJECT_LENGTH, EXCERPT_LENGTH = 2000, 4000
WORKING_DAYS = 3
"""After these a request that nobody answered is overdue."""
MANNERS = ("in_person", "telephone")
LANGUAGES = ("de", "de-simple", "en")
SHARES = ("yes", "no")
CONTACT = "contact"
"""In `Draft.missing`: an e-mail address or a telephone number, whichever."""


class Incomplete(ValueError):
    """Something is missing still: `missing`."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(f"Missing: {', '.join(missing)}.")
        self.missing = missing


class TooMany(RuntimeError):
    """A limit is reached: `of` says whose, session, contact or all."""

    def __init__(self, of: str) -> None:
        super().__init__(f"Too many requests of one day ({of}).")
        self.of = of


@dataclass(frozen=True)
class Draft:
    """What was given so far; None is not given."""

    kind: str | None = None
    subject: str | None = None
    wishes: tuple[Wish, ...] = ()
    manner: str | None = None
    name: str | None = None
    email: str | None = None
    telephone: str | None = None
    language: str | None = None
    channel: str | None = None
    shares: str | None = None
    """Whether the office may read the conversation: yes, no, or None where nobody was asked."""
    excerpt: str | None = None
    filed: str | None = None
    """The reference of the last request that this sender filed, as long as no new draft is begun (24 hours)."""

    @property
    def empty(self) -> bool:
        return all(not getattr(self, entry.name) for entry in fields(self) if entry.name != "filed")

    @property
    def given(self) -> tuple[str, ...]:
        """The names of what is given."""
        return tuple(entry.name for entry in fields(self) if entry.name != "filed" and getattr(self, entry.name))

    @property
    def missing(self) -> tuple[str, ...]:
        """What must be given still, in the order in which to ask."""
        wanted = ["kind", "subject"]
        if self.kind == "appointment":
            wanted += ["manner", "wishes"]
        wanted += ["name"]
        if self.kind == "callback" or (self.kind == "appointment" and self.manner == "telephone"):
            wanted += ["telephone"]
        missing = [name for name in wanted if not getattr(self, name)]
        if not self.email and not self.telephone and "telephone" not in missing:
            missing.append(CONTACT)
        return tuple(missing)


@dataclass(frozen=True)
class Receipt:
    """A request that is filed."""

    reference: str
    mailed: bool
    """Whether a confirmation goes to the citizen by e-mail."""


@dataclass(frozen=True)
class State:
    """What anybody may read who knows the reference."""

    reference: str
    state: str
    """One of new, in_work, confirmed, declined, withdrawn, done."""
    filed: date
    changed: date


class Desk:
    """Opened once in a process; may be used by several threads. The database is opened at the first need."""

    def __init__(self, settings: Settings, engine: Any = None) -> None:
        self._settings = settings
        self._store = Store(settings, engine)

    @property
    def open(self) -> bool:
        """Whether requests are taken: there is an office's address and a mail server (OFFICE_MAIL, SMTP_HOST)."""
        return bool(self._settings.office_mail and self._settings.smtp_host)

    def draft(self, sender: str) -> Draft:
        """What was given so far; an empty Draft when nothing was, or when it is older than 24 hours."""
        with self._store.reading() as connection:
            return self._read(connection, self._key(sender), lock=False)

    def note(self, sender: str, **values: Any) -> None:
        """Put answers into the draft; None takes one out again. Raises ValueError for what is no such value.

        `wishes` is all wishes, in their order; `excerpt` comes only from citizens who agreed to it.
        """
        clean = {name: _clean(name, value) for name, value in values.items()}
        key = self._key(sender)
        with self._store.writing() as connection:
            draft = replace(self._read(connection, key), filed=None, **clean)
            row = {"payload": self._store.vault.seal(_packed(draft)), "filed": None, "mailed": False, "at": now()}
            row["pseudonym"] = self._store.vault.pseudonym(sender)
            if not connection.execute(drafts.update().where(drafts.c.sender == key).values(**row)).rowcount:
                connection.execute(drafts.insert().values(sender=key, **row))

    def forget(self, sender: str) -> None:
        """Drop the draft. What was filed stays."""
        with self._store.writing() as connection:
            connection.execute(drafts.delete().where(drafts.c.sender == self._key(sender)))

    def file(self, sender: str) -> Receipt:
        """Make the draft a request, with its mails, in one transaction: all of it or nothing.

        Filing the same draft again gives the same receipt. Raises Incomplete, TooMany, Unavailable.
        """
        key = self._key(sender)
        with self._store.writing() as connection:
            hold_filing(connection)
            row = connection.execute(_young(key).with_for_update()).first()
            if row is not None and row.filed and row.payload is None:
                return Receipt(row.filed, row.mailed)
            draft = self._opened(row)
            if draft.missing:
                raise Incomplete(draft.missing)
            digests = self._digests(draft)
            self._check_limits(connection, key, digests)
            receipt = self._insert(connection, key, draft, digests)
            done = {
                "payload": None,
                "pseudonym": None,
                "filed": receipt.reference,
                "mailed": receipt.mailed,
                "at": now(),
            }
            connection.execute(drafts.update().where(drafts.c.sender == key).values(**done))
        return receipt

    def state(self, reference: str) -> State | None:
        """The state of a request; None where there is none (any more). `reference` may stand in a sentence."""
        wanted = references.find(reference)
        with self._store.reading() as connection:
            row = connection.execute(sa.select(inquiries).where(inquiries.c.reference == (wanted or ""))).first()
        if row is None:
            return None
        return State(row.reference, row.state, _day(row.at), _day(row.changed))

    def withdraw(self, reference: str, contact: str) -> bool:
        """Withdraw a request, proved by the e-mail address or telephone number used in it.

        False for an unknown reference, another contact, a closed request and after too many wrong contacts alike.
        True also where it was withdrawn before.
        """
        try:
            return self._withdraw(reference, contact)
        except VaultError as error:
            raise Unavailable(str(error)) from None

    def _withdraw(self, reference: str, contact: str) -> bool:
        vault = self._store.vault
        typed = {vault.contact_digest(value) for value in (read_email(contact), read_telephone(contact)) if value}
        given = typed.pop() if len(typed) == 1 else vault.digest("nothing", contact)
        with self._store.writing() as connection:
            wanted = inquiries.c.reference == (references.find(reference) or "")
            row = connection.execute(sa.select(inquiries).where(wanted).with_for_update()).first()
            nothing = vault.digest("nobody", "")
            stored = (row.email or nothing, row.telephone or nothing) if row else (nothing, nothing)
            # Both are compared whatever the first says.
            right = sum([hmac.compare_digest(given, digest) for digest in stored]) > 0
            if row is None:
                return False
            recent = row.tries if row.tried is not None and row.tried > now() - DAY else 0
            if not right or recent >= WRONG_CONTACTS:
                wrong = {"tries": recent + 1, "tried": row.tried if recent else now()}
                connection.execute(inquiries.update().where(inquiries.c.id == row.id).values(**wrong))
                return False
            if row.state in CLOSED:
                return bool(row.state == "withdrawn")
            at = now()
            closing = {"state": "withdrawn", "changed": at, "closed": at, "ends": None, "sequence": row.sequence + 1}
            connection.execute(inquiries.update().where(inquiries.c.id == row.id).values(**closing))
            record(connection, row.id, "withdrawn")
            row = connection.execute(sa.select(inquiries).where(inquiries.c.id == row.id)).one()
            self._post.withdrawn(connection, row, self._store.vault.open(row.payload))
        return True

    def close(self) -> None:
        self._store.close()

    # -- inside

    @property
    def _post(self) -> Post:
        return Post(self._store.vault, self._settings)

    def _key(self, sender: str) -> str:
        return self._store.vault.digest("sender", sender)

    def _digests(self, draft: Draft) -> dict[str, str | None]:
        of = self._store.vault.contact_digest
        return {
            name: of(value) if value else None
            for name, value in (("email", draft.email), ("telephone", draft.telephone))
        }

    def _is_ours(self, email: str) -> bool:
        """The office needs no confirmation of what it is told anyway, and no mail that it answers to itself."""
        ours = (self._settings.office_mail, self._settings.mail_from)
        return mailbox_of(email) in {mailbox_of(one) for one in ours if one}

    def _read(self, connection: Any, key: str, lock: bool = True) -> Draft:
        query = _young(key)
        return self._opened(connection.execute(query.with_for_update() if lock else query).first())

    def _opened(self, row: Any) -> Draft:
        if row is None:
            return Draft()
        if row.payload is None:
            return Draft(filed=row.filed)
        try:
            return _unpacked(self._store.vault.open(row.payload))
        except VaultError as error:
            raise Unavailable(str(error)) from None

    def _check_limits(self, connection: Any, key: str, digests: dict[str, str | None]) -> None:
        def recent(*conditions: Any) -> int:
            query = sa.select(sa.func.count()).where(inquiries.c.at > now() - DAY, *conditions)
            number: int = connection.execute(query.select_from(inquiries)).scalar()
            return number

        if recent(inquiries.c.sender == key) >= FOR_SESSION:
            raise TooMany("session")
        for name, digest in digests.items():
            if digest is not None and recent(inquiries.c[name] == digest) >= FOR_CONTACT:
                raise TooMany("contact")
        if recent() >= self._settings.inquiries_a_day:
            raise TooMany("all")

    def _insert(self, connection: Any, key: str, draft: Draft, digests: dict[str, str | None]) -> Receipt:
        at = now()
        reference = _new_reference(connection)
        known = (
            digests["email"] is not None
            and connection.execute(
                sa.select(inquiries.c.id).where(inquiries.c.email == digests["email"]).limit(1)
            ).first()
        )
        values = {
            "reference": reference,
            "kind": draft.kind,
            "state": "new",
            "language": draft.language or "de",
            "channel": draft.channel or "web",
            "payload": self._store.vault.seal(_packed(draft)),
            "sender": key,
            **digests,
            "at": at,
            "due": due(at),
            "changed": at,
            "uid": f"{secrets.token_hex(16)}@smartcity-krefeld",
        }
        number = connection.execute(inquiries.insert().values(**values)).inserted_primary_key[0]
        record(connection, number, "filed")
        # An address that nobody has proved gets one confirmation, however often it is typed.
        mailed = draft.email is not None and not known and not self._is_ours(draft.email)
        row = connection.execute(sa.select(inquiries).where(inquiries.c.id == number)).one()
        self._post.filed(connection, row, _packed(draft), mailed)
        return Receipt(reference, mailed)


def due(at: int) -> int:
    """The end of the third working day after this time."""
    last = days.after(_day(at), WORKING_DAYS)
    return int(datetime.combine(last + timedelta(1), clock(), days.KREFELD).timestamp() * 1000)


def _young(key: str) -> Any:
    return sa.select(drafts).where(drafts.c.sender == key, drafts.c.at > now() - DRAFT_HOURS * 3_600_000)


def _day(at: int) -> date:
    return datetime.fromtimestamp(at / 1000, days.KREFELD).date()


def _new_reference(connection: Any) -> str:
    while True:
        reference = references.make()
        if connection.execute(sa.select(inquiries.c.id).where(inquiries.c.reference == reference)).first() is None:
            return reference


def _clean(name: str, value: Any) -> Any:
    """The value as it may be kept; raises ValueError, whose text does not repeat it."""
    if name not in {entry.name for entry in fields(Draft)} - {"filed"}:
        raise ValueError(f"A draft has no '{name}'.")
    if name == "wishes":
        wishes = tuple(value or ())
        if len(wishes) > MOST_WISHES or not all(isinstance(wish, Wish) for wish in wishes):
            raise ValueError(f"Wishes are at most {MOST_WISHES} of Wish.")
        return wishes
    if value is None:
        return None
    clean = _READ[name](str(value))
    if clean is None:
        raise ValueError(f"This is no {name} of a request.")
    return clean


def _one_of(known: Iterable[str]) -> Any:
    known = tuple(known)
    return lambda text: text if text in known else None


_READ = {
    "kind": _one_of(KINDS),
    "manner": _one_of(MANNERS),
    "language": _one_of(LANGUAGES),
    "subject": lambda text: read_text(text, SUBJECT_LENGTH),
    "shares": _one_of(SHARES),
    "excerpt": lambda text: read_text(text, EXCERPT_LENGTH),
    "name": read_name,
    "email": read_email,
    "telephone": read_telephone,
    "channel": lambda text: text if text.isascii() and text.replace("-", "").replace("_", "").isalnum() else None,
}


def _packed(draft: Draft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in draft.given}
    if draft.wishes:
        values["wishes"] = [wish.as_dict() for wish in draft.wishes]
    return values


def _unpacked(values: dict[str, Any]) -> Draft:
    return Draft(**{**values, "wishes": tuple(Wish.from_dict(wish) for wish in values.get("wishes", ()))})
