"""The console's tables. Times are whole milliseconds since 1970 in UTC; texts are redacted before they come here."""

from __future__ import annotations

import sqlalchemy as sa

from smartcity.deletions import deletions as _deletions
from smartcity.inquiries.tables import METADATA as _INQUIRIES
from smartcity.privacy.erasures import erasures as _erasures

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
# sqlite_autoincrement: SQLite would give the id of a deleted row again, and an address or the audit would mean another.

OUTCOMES = ("answered", "unknown", "asked_back", "not_understood", "handed_over", "talk", "failed")
"""What became of a turn.

answered: from content. unknown: understood, but content holds nothing. asked_back: a question back or a
guess. not_understood: nothing fitted. handed_over: led to a person. talk: greeting, thanks, help, a switch
of language. failed: there was no answer.
"""
VERDICTS = ("right", "partly", "wrong")
ROLES = ("reader", "reviewer", "editor", "admin")
"""Each may do what the ones before it may."""


def _index(name: str, where: str, *columns: str) -> sa.Index:
    """An index of the few rows for which this holds."""
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


conversations = sa.Table(
    "conversations",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    # Null once a kept conversation has lost its identifiers.
    sa.Column("pseudonym", sa.String(64), unique=True),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("started", TIME, nullable=False),
    sa.Column("ended", TIME, nullable=False, index=True),
    sa.Column("turns", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("rating", sa.SmallInteger),  # of the whole conversation, 1 to 5
    sa.Column("comment", sa.Text),
    sa.Column("kept", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    sa.Column("invented", sa.Boolean, nullable=False, default=False, server_default=sa.false()),  # by `smartcity demo`
    # For the figures: ratings are few, conversations many.
    _index("ix_conversations_rated", "rating IS NOT NULL", "ended", "id", "rating", "channel", "language"),
    sqlite_autoincrement=True,
)

turns = sa.Table(
    "turns",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("conversation_id", ID, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # in its conversation, from 1
    sa.Column("source_id", sa.String(64), nullable=False),  # Rasa's message id: each turn once
    sa.Column("at", TIME, nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("said", sa.Text, nullable=False),  # redacted; of a pressed button its title
    sa.Column("pressed", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    sa.Column("intent", sa.String(64)),
    sa.Column("confidence", sa.Float),
    sa.Column("runner_up", sa.String(64)),
    sa.Column("runner_up_confidence", sa.Float),
    sa.Column("doubt", sa.String(16)),
    sa.Column("entities", sa.JSON, nullable=False, default=list),  # [{entity, value, start, end}] in `said`
    sa.Column("theme", sa.String(64)),
    sa.Column("initiative", sa.String(64)),
    sa.Column("action", sa.String(64)),
    sa.Column("policy", sa.String(64)),
    # As the citizen saw them: [{id, kind, text, language, source, links, buttons: [{title}], answer, known}]
    sa.Column("answers", sa.JSON, nullable=False, default=list),
    sa.Column("answer", sa.String(128)),  # id of the first answer, such as initiative/kruiser/cost
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("milliseconds", sa.Integer),  # from the message to the last answer
    sa.Column("feedback", sa.String(4)),  # up, down
    sa.Column("comment", sa.Text),  # redacted
    sa.Column("repeated", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    sa.Column("verdict", sa.String(8)),
    sa.Column("note", sa.Text),
    sa.Column("assigned_to", ID, sa.ForeignKey("accounts.id", ondelete="SET NULL")),
    sa.Column("reviewed_by", ID, sa.ForeignKey("accounts.id", ondelete="SET NULL")),
    sa.Column("reviewed_at", TIME),
    sa.UniqueConstraint("conversation_id", "source_id"),
    sa.UniqueConstraint("conversation_id", "number"),
    # Read from its end for every list; a confidence is compared without a look at the row.
    sa.Index("ix_turns_at_id", "at", "id", "confidence"),
    # All that the figures count, to read a day of it.
    sa.Index(
        "ix_turns_figures",
        "at",
        "outcome",
        "conversation_id",
        "channel",
        "language",
        "theme",
        "initiative",
        "feedback",
        "milliseconds",
    ),
    # Lists of staff: what is looked for first, the newest first; the last columns spare a look at the rows.
    sa.Index("ix_turns_outcome", "outcome", "at", "id"),
    sa.Index("ix_turns_intent", "intent", "at", "id", "outcome", "channel", "language"),
    sa.Index("ix_turns_theme", "theme", "at", "id", "outcome", "channel", "language"),
    sa.Index("ix_turns_initiative", "initiative", "at", "id", "outcome", "channel", "language"),
    sa.Index("ix_turns_action", "action", "at", "id"),
    sa.Index("ix_turns_channel", "channel", "at", "id"),
    sa.Index("ix_turns_language", "language", "at", "id"),
    _index("ix_turns_feedback", "feedback IS NOT NULL", "feedback", "at", "id"),
    _index("ix_turns_repeated", "repeated", "at", "id"),
    _index("ix_turns_unreviewed", "reviewed_at IS NULL", "at", "id", "reviewed_at"),
    _index("ix_turns_verdict", "verdict IS NOT NULL", "verdict", "at", "id"),
    _index("ix_turns_assigned_to", "assigned_to IS NOT NULL", "assigned_to", "at", "id"),
    # For the queues, which hold what nobody has reviewed yet. Their conditions stand in queues.py, letter by letter;
    # the last columns spare SQLite a look at the rows when it counts.
    _index("ix_turns_open_outcome", "reviewed_at IS NULL", "outcome", "at", "id", "reviewed_at"),
    _index(
        "ix_turns_open_feedback", "reviewed_at IS NULL AND feedback IS NOT NULL", "feedback", "at", "id", "reviewed_at"
    ),
    _index("ix_turns_open_repeated", "reviewed_at IS NULL AND repeated", "at", "id", "reviewed_at", "repeated"),
    _index("ix_turns_open_unsure", "reviewed_at IS NULL AND confidence < 0.5", "at", "id", "reviewed_at", "confidence"),
    sqlite_autoincrement=True,
)
"""The words of `said`, `comment` and `note` are also in a full-text index: smartcity/console/full_text.py."""

figure_days = sa.Table(
    "figure_days",
    METADATA,
    sa.Column("day", ID, primary_key=True, autoincrement=False),  # of UTC, since 1970
    sa.Column("version", sa.BigInteger, nullable=False),  # raised by triggers when a turn of the day changes
    sa.Column("data", sa.LargeBinary),  # smartcity/console/figures/days.py; null until it is counted
    _index("ix_figure_days_empty", "data IS NULL", "day"),
)

tags = sa.Table(
    "tags",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
)

turn_tags = sa.Table(
    "turn_tags",
    METADATA,
    sa.Column("turn_id", ID, sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("tag_id", ID, sa.ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    # Read from its end for the list of a tag.
    sa.Index(None, "tag_id", "turn_id"),
)

accounts = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),  # as typed at sign-in, in lower case
    sa.Column("shown", sa.String(128), nullable=False),
    sa.Column("password", sa.String(256)),  # Argon2id; null for those who come by OpenID Connect
    sa.Column("subject", sa.String(512), unique=True),  # issuer and subject of OpenID Connect
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("language", sa.String(16), nullable=False, default="de", server_default="de"),
    sa.Column("disabled", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    sa.Column("made", TIME, nullable=False),
    sqlite_autoincrement=True,
)

sessions = sa.Table(
    "sessions",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),  # SHA-256 of what the cookie holds
    sa.Column("account_id", ID, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("made", TIME, nullable=False),
    sa.Column("used", TIME, nullable=False),
)

attempts = sa.Table(
    "attempts",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("key", sa.String(128), nullable=False),  # of the name or of the network address
    sa.Column("at", TIME, nullable=False),
    sa.Index(None, "key", "at"),
)

audit = sa.Table(
    "audit",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("at", TIME, nullable=False, index=True),
    sa.Column("account_id", ID),
    sa.Column("who", sa.String(128), nullable=False),  # stays when the account goes
    sa.Column("deed", sa.String(64), nullable=False),  # such as conversation.read, turn.judged, export.csv
    sa.Column("subject", sa.String(128)),  # such as conversation/12
    sa.Column("details", sa.JSON, nullable=False, default=dict),  # never texts of citizens
    sqlite_autoincrement=True,
)

views = sa.Table(
    "views",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("account_id", ID, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("query", sa.Text, nullable=False),  # of the search page's address
    sa.Column("shared", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    sa.UniqueConstraint("account_id", "name"),
)

proposals = sa.Table(
    "proposals",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("turn_id", ID, sa.ForeignKey("turns.id", ondelete="SET NULL"), index=True),
    sa.Column("kind", sa.String(16), nullable=False),  # example, topic, conversation
    sa.Column("text", sa.Text, nullable=False),  # redacted; of a conversation its test in YAML
    sa.Column("intent", sa.String(64)),
    sa.Column("entities", sa.JSON, nullable=False, default=list),  # [{entity, value, start, end}]
    sa.Column("note", sa.Text),
    sa.Column("state", sa.String(16), nullable=False, index=True),  # proposed, approved, declined, exported
    sa.Column("made_by", ID, sa.ForeignKey("accounts.id", ondelete="SET NULL")),
    sa.Column("made_at", TIME, nullable=False),
    sa.Column("decided_by", ID, sa.ForeignKey("accounts.id", ondelete="SET NULL")),
    sa.Column("decided_at", TIME),
    sa.Column("closed_at", TIME),  # declined or exported: its days are counted from here
    sqlite_autoincrement=True,
)

trials = sa.Table(
    "trials",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),  # waiting, running, done, failed
    sa.Column("step", sa.String(64)),  # what it does now, for the progress
    sa.Column("share", sa.Float, nullable=False, default=0.0),  # 0 to 1
    sa.Column("proposals", sa.JSON, nullable=False, default=list),  # ids
    sa.Column("result", sa.JSON),  # {"flips": [...], "evaluated": n, ...} or {"error": "..."}
    sa.Column("made_by", ID, sa.ForeignKey("accounts.id", ondelete="SET NULL")),
    sa.Column("made_at", TIME, nullable=False),
    sa.Column("ended_at", TIME),
)

cursors = sa.Table(
    "cursors",
    METADATA,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)

# The room privacy defines it, since the gateway writes it; here the migrations learn of it.
erasures = _erasures.to_metadata(METADATA)

# So with the report of deletions, which whoever deletes writes.
deletions = _deletions.to_metadata(METADATA)

# And with the tables of the room inquiries, which the actions write.
for _table in _INQUIRIES.sorted_tables:
    _table.to_metadata(METADATA)
