"""The outbox's other end: takes mails that are due, gives them to the mail server, tries again when it is away.

smtplib of the standard library: mails are few and a worker does nothing else, so nothing is gained by an asynchronous
client, and one dependency less reads passwords.

A mail is claimed for some minutes, in a transaction of its own, so that two workers never send the same one. Whoever
dies between the server's 250 and the mark 'sent' leaves a claim that runs out; then the mail is sent again, with the
same Message-ID, by which most servers and programs show it once. Never sending twice and never losing one cannot be
had together over SMTP.
"""

from __future__ import annotations

import contextlib
import logging
import random
import secrets
import signal
import smtplib
import socket
import ssl
import threading
import time
from datetime import datetime, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import sqlalchemy as sa

from smartcity.inquiries.retention import purge
from smartcity.inquiries.store import Store, now, record
from smartcity.inquiries.tables import outbox
from smartcity.inquiries.vault import VaultError
from smartcity.settings import SettingError, Settings

logger = logging.getLogger(__name__)

CLAIM_SECONDS = 600
"""Longer than a server can hold a worker up: each of its answers may take SMTP_SECONDS."""
SMTP_SECONDS = 20.0
FIRST_PAUSE, LONGEST_PAUSE = 30, 3600
GIVE_UP_SECONDS = 5 * 86_400
"""After that a mail to a citizen is given up, and the console shows it; one to the office never is."""
PAUSE_SECONDS = 5.0
PURGE_SECONDS = 3600.0
NAME = "Smart City Krefeld"


class Refused(Exception):
    """The server will not take the mail: its code. From 500 on it never will."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def send_due(store: Store, worker: str | None = None) -> tuple[int, int]:
    """Send what is due; how many were sent, and how many tries failed.

    It stops at a server that cannot be reached: the next one would not get through either.
    """
    worker = worker or secrets.token_hex(8)
    sent = failed = 0
    while True:
        row = _claim(store, worker)
        if row is None:
            return sent, failed
        problem, permanent, unreachable = None, False, False
        try:
            message = message_of(row, store.vault.open(row.payload), store.settings)
            _deliver(message, store.settings)
        except Refused as error:
            problem, permanent = f"smtp {error.code}", error.code >= 500
        except VaultError:
            problem = "cannot be decrypted"
        except (OSError, smtplib.SMTPException) as error:
            problem, unreachable = type(error).__name__, True
        if _settle(store, row, worker, problem, permanent):
            sent += problem is None
        failed += problem is not None
        if problem is not None:
            logger.warning("Mail %s (%s to %s) was not sent: %s.", row.id, row.kind, row.recipient, problem)
        if unreachable:
            return sent, failed


def follow(settings: Settings, stop: threading.Event | None = None) -> None:
    """Send what becomes due until SIGTERM, SIGINT or `stop`, and once an hour delete what is too old.

    A fault is logged and tried again.
    """
    ending = stop or threading.Event()
    if stop is None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: ending.set())
    check(settings)
    store = Store(settings)
    troubled, purged = "", -PURGE_SECONDS
    while not ending.is_set():
        try:
            send_due(store)
            if time.monotonic() - purged >= PURGE_SECONDS:
                counts = purge(store, settings.keep_inquiries_days)
                if any(counts.values()):
                    logger.info("Deleted: %s.", ", ".join(f"{number} {name}" for name, number in counts.items()))
                purged = time.monotonic()
            troubled = ""
        except Exception as error:
            # Without the message, which may hold what somebody wrote.
            kind = type(error).__name__
            if kind != troubled:
                logger.warning("The mailer stopped short (%s) and goes on trying.", kind)
            troubled = kind
        ending.wait(PAUSE_SECONDS)
    store.close()


def check(settings: Settings) -> None:
    """Raises SettingError where mails cannot be sent with these settings, or a password would go in the clear."""
    if not settings.smtp_host or not settings.office_mail:
        raise SettingError("SMARTCITY_SMTP_HOST and SMARTCITY_OFFICE_MAIL must be set: no mail can be sent.")
    if settings.smtp_user and settings.smtp_starttls == "off" and not _is_loopback(settings.smtp_host):
        raise SettingError("SMARTCITY_SMTP_STARTTLS is off, so SMARTCITY_SMTP_PASSWORD would go in the clear.")


def message_of(row: Any, mail: dict[str, Any], settings: Settings) -> EmailMessage:
    """The mail as it goes out; the same one each time, down to date and Message-ID."""
    message = EmailMessage(policy=SMTP)
    sender = settings.mail_from or settings.office_mail
    message["From"] = Address(f"{NAME} (Chat)" if row.recipient == "office" else NAME, addr_spec=sender)
    message["To"] = Address(addr_spec=settings.office_mail if row.recipient == "office" else mail["to"])
    reply_to = mail.get("reply_to") if row.recipient == "office" else settings.office_mail
    if reply_to:
        message["Reply-To"] = Address(addr_spec=reply_to)
    message["Subject"] = mail["subject"]
    message["Date"] = format_datetime(datetime.fromtimestamp(row.made // 1000, timezone.utc))
    message["Message-ID"] = row.message_id
    if row.kind in ("new", "received", "withdrawn"):
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail["text"], cte="quoted-printable")
    if mail.get("ics"):
        ics, method = mail["ics"], mail["method"]
        message.add_alternative(ics, subtype="calendar", params={"method": method}, cte="base64")
        message.add_attachment(ics.encode(), maintype="application", subtype="ics", filename="termin.ics")
    message["Content-Language"] = "en" if mail["language"] == "en" else "de"
    # The boundary by the mail too, so that what is sent again is the same.
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"={number}=={row.message_id.strip('<>').partition('@')[0]}")
    return message


def _claim(store: Store, worker: str) -> Any:
    at = now()
    earlier = outbox.alias()
    waits = sa.exists().where(
        earlier.c.inquiry_id == outbox.c.inquiry_id,
        earlier.c.recipient == outbox.c.recipient,
        earlier.c.id < outbox.c.id,
        earlier.c.payload.is_not(None),
    )
    free = sa.or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < at)
    # In their order for each recipient: no cancellation before the appointment.
    query = sa.select(outbox).where(outbox.c.payload.is_not(None), outbox.c.due <= at, free, ~waits)
    query = query.order_by(outbox.c.due, outbox.c.id).limit(1).with_for_update(skip_locked=True, of=outbox)
    with store.writing() as connection:
        row = connection.execute(query).first()
        if row is not None:
            claim = {"claim": worker, "claimed_until": at + CLAIM_SECONDS * 1000, "tries": row.tries + 1}
            connection.execute(outbox.update().where(outbox.c.id == row.id).values(**claim))
    return row


def _settle(store: Store, row: Any, worker: str, problem: str | None, permanent: bool) -> bool:
    """Write down how it went. False where the claim has run out and another worker has the mail."""
    at = now()
    values: dict[str, Any] = {"claim": None, "claimed_until": None, "problem": problem}
    if problem is None:
        values |= {"sent": at, "payload": None}
    elif row.recipient == "citizen" and (permanent or at - row.made > GIVE_UP_SECONDS * 1000):
        values |= {"given_up": at, "payload": None}
    else:
        pause = min(FIRST_PAUSE * 2 ** min(row.tries, 20), LONGEST_PAUSE)
        values["due"] = at + int(pause * random.uniform(0.9, 1.1) * 1000)
    with store.writing() as connection:
        mine = sa.and_(outbox.c.id == row.id, outbox.c.claim == worker)
        changed = connection.execute(outbox.update().where(mine).values(**values)).rowcount
        if changed and ("sent" in values or "given_up" in values):
            deed = "mailed" if "sent" in values else "mail_failed"
            record(connection, row.inquiry_id, deed, mail=row.kind, to=row.recipient)
    return bool(changed)


def _deliver(message: EmailMessage, settings: Settings) -> None:
    check(settings)
    server = _connected(settings)
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise Refused(min(code for code, _ in error.recipients.values())) from None
    except (smtplib.SMTPSenderRefused, smtplib.SMTPAuthenticationError, smtplib.SMTPHeloError) as error:
        # The settings' fault, not the mail's: it is kept.
        raise smtplib.SMTPException(str(error.smtp_code)) from None
    except smtplib.SMTPDataError as error:
        raise Refused(error.smtp_code) from None
    finally:
        # What was accepted is sent, whatever comes of the farewell.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    name = socket.getfqdn() if not _is_loopback(host) else "localhost"
    if settings.smtp_starttls == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, name, timeout=SMTP_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, name, timeout=SMTP_SECONDS)
    try:
        if settings.smtp_starttls == "on":
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
