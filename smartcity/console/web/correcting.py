"""What the pages of corrections share: the rows that an address names, and what went wrong in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.requests import Request

from smartcity.console.corrections.proposals import Proposal, ProposalError, Proposals
from smartcity.console.corrections.repository import RepositoryError
from smartcity.console.corrections.trials import TrialError
from smartcity.console.tables import accounts, turns
from smartcity.console.web.page import Visit
from smartcity.console.web.project import root
from smartcity.knowledge.documents import ContentError

LARGEST = 2**63
"""Numbers from here on are no ids of the database."""


def problems_of(visit: Visit, error: Exception | None) -> list[str]:
    """What went wrong, in sentences."""
    if error is None:
        return []
    if isinstance(error, ProposalError):
        return [visit.t(f"corrections.wrong.{error.key}", **error.values_)]
    if isinstance(error, TrialError):
        return [visit.t(f"trial.wrong.{error.key}")]
    if isinstance(error, ContentError):
        return [str(problem) for problem in error.problems]
    if isinstance(error, RepositoryError):
        return [visit.t("corrections.wrong.git", reason=str(error))]
    return [visit.t("corrections.wrong.files", reason=f"{type(error).__name__}: {error}"[:300])]


def number_of(text: str) -> int:
    """The id that a field of an address or a form names. Raises HTTPException 404."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) < LARGEST):
        raise HTTPException(404)
    return int(text)


def proposal_of(request: Request, visit: Visit) -> Proposal:
    """The proposal that the address names. Raises HTTPException 404."""
    number = request.path_params["number"]
    with visit.engine.connect() as connection:
        found = Proposals(connection, root(request)).get(number) if number < LARGEST else None
    if found is None:
        raise HTTPException(404)
    return found


def is_theirs(visit: Visit, proposal: Proposal) -> bool:
    """Whether the visitor may change the proposal: its proposer, and every editor."""
    return visit.may("editor") or proposal.made_by == visit.account_id


def names_of(visit: Visit) -> dict[int, str]:
    """The names of all accounts, as shown on pages."""
    with visit.engine.connect() as connection:
        return dict(connection.execute(sa.select(accounts.c.id, accounts.c.shown)).all())


def me(visit: Visit) -> int:
    """The visitor's account."""
    assert visit.account_id is not None
    return visit.account_id


def turn_of(visit: Visit, text: str) -> Mapping[str, Any]:
    """The turn that an address names. Raises HTTPException 404."""
    number = number_of(text)
    with visit.engine.connect() as connection:
        row = connection.execute(sa.select(turns).where(turns.c.id == number)).mappings().first()
    if row is None:
        raise HTTPException(404)
    return dict(row)
