"""Citizens' requests, which the room inquiries defines and may have made already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "inquiry_drafts",
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("pseudonym", sa.String(length=64)),
        sa.Column("payload", sa.Text()),
        sa.Column("filed", sa.String(length=16)),
        sa.Column("mailed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sender", name="pk_inquiry_drafts"),
        if_not_exists=True,
    )
    op.create_table(
        "inquiries",
        sa.Column("id", ID, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("sender", sa.String(length=64)),
        sa.Column("email", sa.String(length=64)),
        sa.Column("telephone", sa.String(length=64)),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger()),
        sa.Column("ends", sa.BigInteger()),
        sa.Column("assigned_to", ID),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tried", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_inquiries"),
        sa.UniqueConstraint("reference", name="uq_inquiries_reference"),
        sa.UniqueConstraint("uid", name="uq_inquiries_uid"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "inquiry_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("inquiry_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("deed", sa.String(length=32), nullable=False),
        sa.Column("account_id", ID),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiries.id"], name="fk_inquiry_events_inquiry_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_inquiry_events"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "inquiry_mails",
        sa.Column("id", ID, nullable=False),
        sa.Column("inquiry_id", ID, nullable=False),
        sa.Column("recipient", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("payload", sa.Text()),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claim", sa.String(length=32)),
        sa.Column("claimed_until", sa.BigInteger()),
        sa.Column("sent", sa.BigInteger()),
        sa.Column("given_up", sa.BigInteger()),
        sa.Column("problem", sa.String(length=64)),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiries.id"], name="fk_inquiry_mails_inquiry_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_inquiry_mails"),
        sa.UniqueConstraint("message_id", name="uq_inquiry_mails_message_id"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    waiting = sa.text("payload IS NOT NULL")
    for name, table, columns, where in (
        ("ix_inquiry_drafts_at", "inquiry_drafts", ["at"], None),
        ("ix_inquiry_drafts_pseudonym", "inquiry_drafts", ["pseudonym"], None),
        ("ix_inquiries_at", "inquiries", ["at"], None),
        ("ix_inquiries_closed", "inquiries", ["closed"], None),
        ("ix_inquiries_email", "inquiries", ["email"], None),
        ("ix_inquiries_telephone", "inquiries", ["telephone"], None),
        ("ix_inquiries_sender_at", "inquiries", ["sender", "at"], None),
        ("ix_inquiries_state_at", "inquiries", ["state", "at"], None),
        ("ix_inquiry_events_inquiry_id", "inquiry_events", ["inquiry_id"], None),
        ("ix_inquiry_mails_inquiry_id", "inquiry_mails", ["inquiry_id"], None),
        ("ix_inquiry_mails_waiting", "inquiry_mails", ["due"], waiting),
    ):
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where, if_not_exists=True)
