"""The room's tables, in the application's database. Times are whole milliseconds since 1970 in UTC.

Whatever says something of a person is one Fernet token in `payload`; what must be compared is a keyed digest.
"""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()

KINDS = ("appointment", "message", "callback")
STATES = ("new", "in_work", "confirmed", "declined", "withdrawn", "done")
CLOSED = ("declined", "withdrawn", "done")

drafts = sa.Table(
    "inquiry_drafts",
    METADATA,
    sa.Column("sender", sa.String(64), primary_key=True),  # keyed digest of Rasa's sender id
    sa.Column("pseudonym", sa.String(64), index=True),  # of the conversation, for its erasure; null once it was filed
    sa.Column("payload", sa.Text),  # null once it was filed
    sa.Column("filed", sa.String(16)),  # the reference it got; told again to whoever files again
    sa.Column("mailed", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    sa.Column("at", TIME, nullable=False, index=True),  # of the last change
)

inquiries = sa.Table(
    "inquiries",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("reference", sa.String(16), nullable=False, unique=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("sender", sa.String(64)),  # keyed digests, for limits and withdrawal
    sa.Column("email", sa.String(64), index=True),
    sa.Column("telephone", sa.String(64), index=True),
    sa.Column("at", TIME, nullable=False, index=True),
    sa.Column("due", TIME, nullable=False),  # overdue from then on, while it is new or in work
    sa.Column("changed", TIME, nullable=False),  # when the state changed last
    sa.Column("closed", TIME, index=True),
    sa.Column("ends", TIME),  # of a confirmed appointment: some days later the request closes by itself
    sa.Column("assigned_to", ID),  # an account of the console
    sa.Column("uid", sa.String(64), nullable=False, unique=True),  # of the calendar's event
    sa.Column("sequence", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False, default=0, server_default="0"),  # wrong contacts at withdrawal
    sa.Column("tried", TIME),
    sa.Index(None, "sender", "at"),
    sa.Index(None, "state", "at"),
    sqlite_autoincrement=True,
)

events = sa.Table(
    "inquiry_events",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("inquiry_id", ID, sa.ForeignKey("inquiries.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", TIME, nullable=False),
    sa.Column("deed", sa.String(32), nullable=False),  # such as filed, assigned, confirmed, mail_failed
    sa.Column("account_id", ID),  # null: the citizen, or the machine
    sa.Column("details", sa.JSON, nullable=False, default=dict),  # never anything personal
    sqlite_autoincrement=True,
)

outbox = sa.Table(
    "inquiry_mails",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("inquiry_id", ID, sa.ForeignKey("inquiries.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("recipient", sa.String(8), nullable=False),  # office, citizen
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("message_id", sa.String(128), nullable=False, unique=True),
    sa.Column("payload", sa.Text),  # null once it was sent or given up
    sa.Column("made", TIME, nullable=False),
    sa.Column("due", TIME, nullable=False),  # not tried before
    sa.Column("tries", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("claim", sa.String(32)),  # the worker that is at it
    sa.Column("claimed_until", TIME),
    sa.Column("sent", TIME),
    sa.Column("given_up", TIME),
    sa.Column("problem", sa.String(64)),  # of the last try: a reply code or a kind of error, no text of the server
    sa.Index("ix_inquiry_mails_waiting", "due", sqlite_where=sa.text("payload IS NOT NULL"),
             postgresql_where=sa.text("payload IS NOT NULL")),
    sqlite_autoincrement=True,
)  # fmt: skip
