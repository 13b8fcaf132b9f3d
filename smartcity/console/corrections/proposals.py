"""Proposals: made by one person, approved by another, kept until they are in the project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa

from smartcity.console import clock
from smartcity.console.corrections.examples import Example, folded, marked, placeholders, plain, read_examples
from smartcity.console.corrections.intents import read_intents
from smartcity.console.tables import proposals

KINDS = ("example", "topic", "conversation")
STATES = ("proposed", "approved", "declined", "exported")
LONGEST = 1000
"""Characters of an example."""


class ProposalError(ValueError):
    """A proposal is refused. `key` names the reason, `values` fill it in; pages have the words."""

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values_ = values
        super().__init__(f"{key}: {', '.join(f'{name}={value}' for name, value in values.items())}")


@dataclass(frozen=True)
class Proposal:
    """One row of `proposals`."""

    id: int
    turn_id: Optional[int]
    kind: str
    text: str
    intent: Optional[str]
    entities: Sequence[Mapping[str, Any]]
    note: Optional[str]
    state: str
    made_by: Optional[int]
    made_at: int
    decided_by: Optional[int]
    decided_at: Optional[int]
    closed_at: Optional[int] = None

    @property
    def example(self) -> str:
        """The text as it will stand in data/nlu."""
        return marked(self.text, self.entities)


class Proposals:
    """The proposals of one console; `root` is the project's folder."""

    def __init__(self, connection: sa.engine.Connection, root: Path) -> None:
        self._connection = connection
        self._root = root

    def get(self, proposal_id: int) -> Optional[Proposal]:
        row = self._connection.execute(sa.select(proposals).where(proposals.c.id == proposal_id)).mappings().first()
        return Proposal(**row) if row else None

    def all(self, state: Optional[str] = None, limit: int = 500) -> List[Proposal]:
        """The newest first."""
        query = sa.select(proposals).order_by(proposals.c.id.desc()).limit(limit)
        if state:
            query = query.where(proposals.c.state == state)
        return [Proposal(**row) for row in self._connection.execute(query).mappings()]

    def count(self, state: str) -> int:
        """How many there are in a state."""
        query = sa.select(sa.func.count()).where(proposals.c.state == state)
        found: int = self._connection.execute(query).scalar_one()
        return found

    def propose(
        self,
        kind: str,
        text: str,
        account: int,
        turn_id: Optional[int] = None,
        intent: Optional[str] = None,
        entities: Sequence[Mapping[str, Any]] = (),
        note: str = "",
    ) -> int:
        """Keep a proposal; its id. Raises ProposalError, and ContentError where the data cannot be read."""
        text = self._checked(kind, text, intent, entities)
        row = {
            "turn_id": turn_id,
            "kind": kind,
            "text": text,
            "intent": intent if kind == "example" else None,
            "entities": [dict(entity) for entity in entities],
            "note": note.strip() or None,
            "state": "proposed",
            "made_by": account,
            "made_at": clock.now(),
        }
        made: int = self._connection.execute(sa.insert(proposals).values(**row)).inserted_primary_key[0]
        return made

    def edit(
        self,
        proposal: Proposal,
        text: str,
        account: int,
        intent: Optional[str] = None,
        entities: Sequence[Mapping[str, Any]] = (),
        note: str = "",
    ) -> None:
        """Change a proposal that is not decided yet.

        Whoever gives it another meaning becomes its proposer, so that a second person still has to look.
        """
        if proposal.state != "proposed":
            raise ProposalError("decided")
        text = self._checked(proposal.kind, text, intent, entities, but=proposal.id)
        values: Dict[str, Any] = {
            "text": text,
            "intent": intent if proposal.kind == "example" else None,
            "entities": [dict(entity) for entity in entities],
            "note": note.strip() or None,
        }
        if proposal.kind == "example" and intent != proposal.intent:
            values["made_by"] = account
        self._change(proposal, "proposed", values)

    def approve(self, proposal: Proposal, account: int) -> None:
        """Approve somebody else's proposal. Raises ProposalError, and ContentError where the data cannot be read."""
        if proposal.made_by is None or proposal.made_by == account:
            raise ProposalError("own")
        left = placeholders(proposal.text)
        if left:
            raise ProposalError("placeholders", found=", ".join(left))
        self._checked(proposal.kind, proposal.text, proposal.intent, proposal.entities, but=proposal.id)
        self._change(
            proposal, "proposed", {"state": "approved", "decided_by": account, "decided_at": clock.now()}, same=True
        )

    def decline(self, proposal: Proposal, account: int, note: str) -> None:
        """Decline with a reason; who proposed may take it back this way, too."""
        if not note.strip():
            raise ProposalError("no_note")
        now = clock.now()
        values = {"state": "declined", "decided_by": account, "decided_at": now, "closed_at": now, "note": note.strip()}
        self._change(proposal, "proposed", values)

    def reopen(self, proposal: Proposal) -> None:
        """Make an exported proposal ready for export again, when its patch or branch got lost."""
        self._change(proposal, "exported", {"state": "approved", "closed_at": None})

    def exported(self, chosen: Sequence[Proposal]) -> None:
        """Note that approved proposals are on their way into the project."""
        for proposal in chosen:
            self._change(proposal, "approved", {"state": "exported", "closed_at": clock.now()})

    def _change(self, proposal: Proposal, state: str, values: Mapping[str, Any], same: bool = False) -> None:
        where = [proposals.c.id == proposal.id, proposals.c.state == state]
        if same:
            # What was read is what is approved: an edit in between must be looked at again.
            where += [
                proposals.c.text == proposal.text,
                proposals.c.made_by == proposal.made_by,
                proposals.c.intent.is_(None) if proposal.intent is None else proposals.c.intent == proposal.intent,
            ]
        done = self._connection.execute(sa.update(proposals).where(*where).values(**values))
        if done.rowcount != 1:
            raise ProposalError("decided")

    def _checked(
        self,
        kind: str,
        text: str,
        intent: Optional[str],
        entities: Sequence[Mapping[str, Any]],
        but: Optional[int] = None,
    ) -> str:
        if kind not in KINDS:
            raise ProposalError("kind")
        if kind == "conversation":
            return text.strip() + "\n"
        clean = plain(text)
        if not folded(clean):
            raise ProposalError("no_words")
        if len(clean) > LONGEST:
            raise ProposalError("too_long", longest=LONGEST)
        if kind == "topic":
            return clean
        if intent not in read_intents(self._root):
            raise ProposalError("no_intent", intent=intent or "")
        try:
            marked(clean, entities)
        except ValueError:
            raise ProposalError("marks") from None
        for entity in entities:
            if clean[int(entity["start"]) : int(entity["end"])].strip() == "":
                raise ProposalError("marks")
        found = read_examples(self._root).like(clean)
        if found:
            raise _against(found, str(intent))
        other = self._other(clean, but)
        if other:
            raise ProposalError("proposed_already", number=other.id, intent=other.intent)
        return clean

    def _other(self, text: str, but: Optional[int]) -> Optional[Proposal]:
        """Another proposal of the same text that may still come, or came, into the data."""
        rows = self._connection.execute(
            sa.select(proposals).where(
                proposals.c.kind == "example", proposals.c.state != "declined", proposals.c.id != (but or 0)
            )
        ).mappings()
        wanted = folded(text)
        return next((Proposal(**row) for row in rows if folded(row["text"]) == wanted), None)


def _against(found: Example, intent: str) -> ProposalError:
    key = "duplicate" if found.intent == intent else "contradiction"
    return ProposalError(key, place=found.place, intent=found.intent, text=found.text)


def examples_to_add(chosen: Sequence[Proposal]) -> List[Tuple[str, str]]:
    """(intent, example) pairs in the order in which they were proposed."""
    return [
        (str(one.intent), one.example) for one in sorted(chosen, key=lambda found: found.id) if one.kind == "example"
    ]


def tests_to_add(chosen: Sequence[Proposal]) -> List[str]:
    """Conversations as YAML, in the order in which they were proposed."""
    return [one.text for one in sorted(chosen, key=lambda found: found.id) if one.kind == "conversation"]
