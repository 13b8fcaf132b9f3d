"""What keeps pages quick at a million turns.

The columns that figures are counted from, a day at a time, with triggers that empty a day where a turn changes; indices
that hold what searches ask for; in SQLite's full-text index the beginnings of words.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_COUNTED = ("at", "outcome", "conversation_id", "channel", "language", "theme", "initiative", "feedback",
            "milliseconds")  # fmt: skip
_DAY = 86_400_000
_CHANGED = "ON CONFLICT (day) DO UPDATE SET version = figure_days.version + 1, data = NULL"


def _of_sqlite(row: str) -> str:
    return f"INSERT INTO figure_days (day, version) VALUES (CAST({row}.at AS BIGINT) / {_DAY}, 1) {_CHANGED};"


_SQLITE = (
    f"CREATE TRIGGER turns_days_insert AFTER INSERT ON turns BEGIN {_of_sqlite('new')} END",
    f"CREATE TRIGGER turns_days_delete AFTER DELETE ON turns BEGIN {_of_sqlite('old')} END",
    f"CREATE TRIGGER turns_days_update AFTER UPDATE OF {', '.join(_COUNTED)} ON turns "
    f"WHEN {' OR '.join(f'old.{name} IS NOT new.{name}' for name in _COUNTED)} "
    f"BEGIN {_of_sqlite('old')} {_of_sqlite('new')} END",
)


def _of_postgresql(name: str, event: str, rows: str, *tables: str) -> tuple[str, str]:
    """A trigger for whole statements: one for each row would write a day's row as often."""
    return (
        f"CREATE FUNCTION turns_days_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"INSERT INTO figure_days (day, version) SELECT DISTINCT at / {_DAY}, 1 FROM ({rows}) AS changed ORDER BY 1 "
        f"{_CHANGED}; RETURN NULL; END $$",
        f"CREATE TRIGGER turns_days_{name} AFTER {event} ON turns REFERENCING {' '.join(tables)} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION turns_days_{name}()",
    )


_BEFORE, _AFTER = "OLD TABLE AS before", "NEW TABLE AS after"
# An id never changes. What is the same before and after appears in neither difference.
_DIFFERENT = (
    f"SELECT {{0}}.at FROM before JOIN after USING (id) WHERE ({', '.join(f'before.{name}' for name in _COUNTED)}) "
    f"IS DISTINCT FROM ({', '.join(f'after.{name}' for name in _COUNTED)})"
)
_POSTGRESQL = (
    *_of_postgresql("insert", "INSERT", "SELECT at FROM after", _AFTER),
    *_of_postgresql("delete", "DELETE", "SELECT at FROM before", _BEFORE),
    *_of_postgresql(
        "update",
        "UPDATE",
        f"{_DIFFERENT.format('before')} UNION {_DIFFERENT.format('after')}",
        _BEFORE,
        _AFTER,
    ),
)


_WORDS = (
    "DROP TABLE turns_text",
    "CREATE VIRTUAL TABLE turns_text USING fts5(said, comment, note, content='turns', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')",
    "INSERT INTO turns_text (turns_text) VALUES ('rebuild')",
    # The words that there are, for longer beginnings.
    "CREATE VIRTUAL TABLE turns_text_terms USING fts5vocab(turns_text, instance)",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "figure_days",
        sa.Column("day", ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("day", name="pk_figure_days"),
    )
    empty = sa.text("data IS NULL")
    op.create_index("ix_figure_days_empty", "figure_days", ["day"], sqlite_where=empty, postgresql_where=empty)
    for statement in (*_SQLITE, *_WORDS) if is_sqlite else _POSTGRESQL:
        op.execute(statement)
    op.execute(f"INSERT INTO figure_days (day, version) SELECT CAST(at AS BIGINT) / {_DAY}, 1 FROM turns GROUP BY 1")
    # Ratings are few, conversations many.
    rated = sa.text("rating IS NOT NULL")
    op.create_index(
        "ix_conversations_rated",
        "conversations",
        ["ended", "id", "rating", "channel", "language"],
        sqlite_where=rated,
        postgresql_where=rated,
    )
    op.drop_index("ix_turn_tags_tag_id", "turn_tags")
    op.create_index("ix_turn_tags_tag_id_turn_id", "turn_tags", ["tag_id", "turn_id"])
    for name in ("intent", "theme", "initiative"):
        op.drop_index(f"ix_turns_{name}", "turns")
        op.create_index(f"ix_turns_{name}", "turns", [name, "at", "id", "outcome", "channel", "language"])
