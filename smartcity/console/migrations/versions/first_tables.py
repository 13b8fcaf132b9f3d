"""The first tables, and the full-text index of turns.

The index holds words only, in SQLite as FTS5 on the rows of `turns`, in PostgreSQL as a column of `turns`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SQLITE = (
    "CREATE VIRTUAL TABLE turns_text USING fts5(said, comment, note, content='turns', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER turns_text_insert AFTER INSERT ON turns BEGIN "
    "INSERT INTO turns_text (rowid, said, comment, note) VALUES (new.id, new.said, new.comment, new.note); END",
    "CREATE TRIGGER turns_text_delete AFTER DELETE ON turns BEGIN "
    "INSERT INTO turns_text (turns_text, rowid, said, comment, note) "
    "VALUES ('delete', old.id, old.said, old.comment, old.note); END",
    # Only where a word changes: most updates of a turn are judgements and answers.
    "CREATE TRIGGER turns_text_update AFTER UPDATE OF said, comment, note ON turns "
    "WHEN old.said IS NOT new.said OR old.comment IS NOT new.comment OR old.note IS NOT new.note BEGIN "
    "INSERT INTO turns_text (turns_text, rowid, said, comment, note) "
    "VALUES ('delete', old.id, old.said, old.comment, old.note); "
    "INSERT INTO turns_text (rowid, said, comment, note) VALUES (new.id, new.said, new.comment, new.note); END",
)
_POSTGRESQL = (
    "ALTER TABLE turns ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('german', "
    "coalesce(said, '') || ' ' || coalesce(comment, '') || ' ' || coalesce(note, ''))) STORED",
    "CREATE INDEX ix_turns_words ON turns USING gin (words)",
)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256)),
        sa.Column("subject", sa.String(length=512)),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), server_default="de", nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
        sa.UniqueConstraint("subject", name="uq_accounts_subject"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "attempts",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_key_at", "attempts", ["key", "at"])
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account_id", ID),
        sa.Column("who", sa.String(length=128), nullable=False),
        sa.Column("deed", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128)),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_table(
        "conversations",
        sa.Column("id", ID, nullable=False),
        sa.Column("pseudonym", sa.String(length=64)),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("turns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rating", sa.SmallInteger()),
        sa.Column("comment", sa.Text()),
        sa.Column("kept", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("invented", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint("pseudonym", name="uq_conversations_pseudonym"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_conversations_ended", "conversations", ["ended"])
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_cursors"),
    )
    op.create_table(
        "deletions",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deletions"),
        sqlite_autoincrement=True,
        # The mailer may have made it.
        if_not_exists=True,
    )
    op.create_table(
        "erasures",
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger()),
        sa.PrimaryKeyConstraint("pseudonym", name="pk_erasures"),
        if_not_exists=True,
    )
    op.create_table(
        "tags",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
        sa.UniqueConstraint("name", name="uq_tags_name"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])
    op.create_table(
        "trials",
        sa.Column("id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("step", sa.String(length=64)),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("proposals", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("made_by", ID),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name="fk_trials_made_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_trials"),
    )
    op.create_table(
        "turns",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("pressed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("intent", sa.String(length=64)),
        sa.Column("confidence", sa.Float()),
        sa.Column("runner_up", sa.String(length=64)),
        sa.Column("runner_up_confidence", sa.Float()),
        sa.Column("doubt", sa.String(length=16)),
        sa.Column("entities", sa.JSON(), nullable=False),
        sa.Column("theme", sa.String(length=64)),
        sa.Column("initiative", sa.String(length=64)),
        sa.Column("action", sa.String(length=64)),
        sa.Column("policy", sa.String(length=64)),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(length=128)),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("milliseconds", sa.Integer()),
        sa.Column("feedback", sa.String(length=4)),
        sa.Column("comment", sa.Text()),
        sa.Column("repeated", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("verdict", sa.String(length=8)),
        sa.Column("note", sa.Text()),
        sa.Column("assigned_to", ID),
        sa.Column("reviewed_by", ID),
        sa.Column("reviewed_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["assigned_to"], ["accounts.id"], name="fk_turns_assigned_to", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_turns_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["reviewed_by"], ["accounts.id"], name="fk_turns_reviewed_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("conversation_id", "number", name="uq_turns_conversation_id_number"),
        sa.UniqueConstraint("conversation_id", "source_id", name="uq_turns_conversation_id_source_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_turns_action", "turns", ["action", "at", "id"])
    op.create_index(
        "ix_turns_assigned_to",
        "turns",
        ["assigned_to", "at", "id"],
        sqlite_where=sa.text("assigned_to IS NOT NULL"),
        postgresql_where=sa.text("assigned_to IS NOT NULL"),
    )
    op.create_index("ix_turns_at_id", "turns", ["at", "id"])
    op.create_index("ix_turns_channel", "turns", ["channel", "at", "id"])
    op.create_index(
        "ix_turns_feedback",
        "turns",
        ["feedback", "at", "id"],
        sqlite_where=sa.text("feedback IS NOT NULL"),
        postgresql_where=sa.text("feedback IS NOT NULL"),
    )
    op.create_index("ix_turns_initiative", "turns", ["initiative", "at", "id"])
    op.create_index("ix_turns_intent", "turns", ["intent", "at", "id"])
    op.create_index("ix_turns_language", "turns", ["language", "at", "id"])
    op.create_index("ix_turns_outcome", "turns", ["outcome", "at", "id"])
    op.create_index(
        "ix_turns_repeated",
        "turns",
        ["at", "id"],
        sqlite_where=sa.text("repeated"),
        postgresql_where=sa.text("repeated"),
    )
    op.create_index("ix_turns_theme", "turns", ["theme", "at", "id"])
    op.create_index(
        "ix_turns_unreviewed",
        "turns",
        ["at", "id"],
        sqlite_where=sa.text("reviewed_at IS NULL"),
        postgresql_where=sa.text("reviewed_at IS NULL"),
    )
    op.create_index(
        "ix_turns_verdict",
        "turns",
        ["verdict", "at", "id"],
        sqlite_where=sa.text("verdict IS NOT NULL"),
        postgresql_where=sa.text("verdict IS NOT NULL"),
    )
    op.create_table(
        "views",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_views_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_views"),
        sa.UniqueConstraint("account_id", "name", name="uq_views_account_id_name"),
    )
    op.create_table(
        "proposals",
        sa.Column("id", ID, nullable=False),
        sa.Column("turn_id", ID),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(length=64)),
        sa.Column("entities", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_by", ID),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", ID),
        sa.Column("decided_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name="fk_proposals_decided_by", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name="fk_proposals_made_by", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_proposals_turn_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_proposals_state", "proposals", ["state"])
    op.create_index("ix_proposals_turn_id", "proposals", ["turn_id"])
    op.create_table(
        "turn_tags",
        sa.Column("turn_id", ID, nullable=False),
        sa.Column("tag_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_turn_tags_tag_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_turn_tags_turn_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("turn_id", "tag_id", name="pk_turn_tags"),
    )
    op.create_index("ix_turn_tags_tag_id", "turn_tags", ["tag_id"])

    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
