"""Indices for the queues: turns that nobody has reviewed yet, by what is wrong with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INDICES = (
    ("ix_turns_unreviewed", "reviewed_at IS NULL", ["at", "id", "reviewed_at"]),
    ("ix_turns_open_outcome", "reviewed_at IS NULL", ["outcome", "at", "id", "reviewed_at"]),
    ("ix_turns_open_feedback", "reviewed_at IS NULL AND feedback IS NOT NULL", ["feedback", "at", "id", "reviewed_at"]),
    ("ix_turns_open_repeated", "reviewed_at IS NULL AND repeated", ["at", "id", "reviewed_at", "repeated"]),
    ("ix_turns_open_unsure", "reviewed_at IS NULL AND confidence < 0.5", ["at", "id", "reviewed_at", "confidence"]),
)


def upgrade() -> None:
    op.drop_index("ix_turns_at_id", "turns")
    op.create_index("ix_turns_at_id", "turns", ["at", "id", "confidence"])
    op.drop_index("ix_turns_unreviewed", "turns")
    for name, where, columns in _INDICES:
        op.create_index(name, "turns", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
