"""When a proposal was closed: from then on its days are counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("proposals", sa.Column("closed_at", sa.BigInteger()))
    op.execute("UPDATE proposals SET closed_at = coalesce(decided_at, made_at) WHERE state IN ('declined', 'exported')")
