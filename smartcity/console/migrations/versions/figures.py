"""An index that holds all that the figures count, so that they need not read the turns themselves."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_COLUMNS = (
    "at",
    "outcome",
    "conversation_id",
    "channel",
    "language",
    "theme",
    "initiative",
    "feedback",
    "milliseconds",
)


def upgrade() -> None:
    op.create_index("ix_turns_figures", "turns", list(_COLUMNS))
