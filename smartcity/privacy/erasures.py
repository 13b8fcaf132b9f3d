"""Notes that a conversation is to be erased, written before the citizen reads that it is.

The gateway writes them, whoever deletes; the console's reader obeys them, also when it was down meanwhile,
and takes nothing of a noted conversation in any more. A note holds a pseudonym and a time, no text.
"""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

erasures = sa.Table(
    "erasures",
    METADATA,
    sa.Column("pseudonym", sa.String(64), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),  # milliseconds since 1970, of the first request
    sa.Column("done", sa.BigInteger()),  # when the console had removed everything; null: not yet
    sa.PrimaryKeyConstraint("pseudonym", name="pk_erasures"),
)
