"""What a platform that is asked keeps over restarts besides its place: sealed texts, such as keys of encryption.

Only the process that asks the platform may change them, by its lease: what another one has taken over, nobody
changes behind its back. The platform seals names and texts before they come here.
"""

from __future__ import annotations

from collections.abc import Mapping

from smartcity.gateway.channels.channel import Kept
from smartcity.gateway.channels.statements import Statements, every, one, run


class Shelves(Statements):
    def load(self, channel: str) -> dict[str, str]:
        """The texts of the channel by name."""
        with self.reading() as connection:
            rows = every(connection, "SELECT name, content FROM channel_kept WHERE channel = :channel", channel=channel)
        return {row["name"]: row["content"] for row in rows}

    def save(self, channel: str, lease: str, owner: str, changes: Mapping[str, Kept | None]) -> bool:
        """Put the texts in place, None removes one, all or nothing; False when the lease is somebody else's."""
        # Whoever wants to take the lease over waits for this transaction, and then reads what it wrote.
        locked = " FOR UPDATE" if self.shared else ""
        with self.writing() as connection:
            statement = f"SELECT name FROM channel_leases WHERE name = :lease AND owner = :owner{locked}"
            if one(connection, statement, lease=lease, owner=owner) is None:
                return False
            for name, kept in changes.items():
                if kept is None:
                    statement = "DELETE FROM channel_kept WHERE channel = :channel AND name = :name"
                    run(connection, statement, channel=channel, name=name)
                    continue
                run(
                    connection,
                    "INSERT INTO channel_kept (channel, name, content, until) "
                    "VALUES (:channel, :name, :content, :until) ON CONFLICT (channel, name) "
                    "DO UPDATE SET content = excluded.content, until = excluded.until",
                    channel=channel, name=name, content=kept.content, until=kept.until,
                )  # fmt: skip
        return True

    def tidy(self, at: float) -> None:
        """Remove what has been kept long enough."""
        with self.writing() as connection:
            run(connection, "DELETE FROM channel_kept WHERE until < :at", at=at)
