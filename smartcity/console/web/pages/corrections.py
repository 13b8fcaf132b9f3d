"""Corrections: decided by a second person, handed to the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import requests
import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console import clock
from smartcity.console.corrections import export
from smartcity.console.corrections.examples import placeholders
from smartcity.console.corrections.marks import not_found
from smartcity.console.corrections.proposals import STATES, Proposal, ProposalError, Proposals
from smartcity.console.corrections.repository import Commit, Person, Repository, RepositoryError
from smartcity.console.database import write
from smartcity.console.tables import accounts, turns
from smartcity.console.web.correcting import (
    is_theirs,
    me,
    names_of,
    problems_of,
    proposal_of,
)
from smartcity.console.web.navigation import Entry
from smartcity.console.web.page import Visit, page, redirect, render
from smartcity.console.web.project import known, root, trials
from smartcity.knowledge.documents import ContentError
from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.records import Knowledge


@page(role="reviewer")
def everything(request: Request, visit: Visit) -> Response:
    return list_page(request, visit)


@page(role="reviewer")
def one(request: Request, visit: Visit) -> Response:
    return _proposal_page(request, visit, proposal_of(request, visit))


@page(role="editor")
def approve(request: Request, visit: Visit) -> Response:
    """Approve what was looked at: the form names the text, so that an edit in between is not approved unseen."""
    proposal = proposal_of(request, visit)
    if visit.form.get("text") != proposal.text or visit.form.get("intent") != (proposal.intent or ""):
        return _proposal_page(request, visit, proposal, ProposalError("decided"))
    return _decide(request, visit, proposal, "approved", lambda one: one.approve(proposal, me(visit)))


@page(role="reviewer")
def decline(request: Request, visit: Visit) -> Response:
    """Editors decline; who proposed may take it back."""
    proposal = proposal_of(request, visit)
    if not visit.may("editor") and proposal.made_by != visit.account_id:
        raise HTTPException(403, "error.role")
    note = visit.form.get("note", "")[:4000]
    return _decide(request, visit, proposal, "declined", lambda one: one.decline(proposal, me(visit), note))


@page(role="editor")
def done(request: Request, visit: Visit) -> Response:
    """An approved topic that content holds now."""
    proposal = proposal_of(request, visit)
    if proposal.kind != "topic":
        raise HTTPException(404)
    return _decide(request, visit, proposal, "done", lambda one: one.exported([proposal]))


@page(role="editor")
def reopen(request: Request, visit: Visit) -> Response:
    proposal = proposal_of(request, visit)
    return _decide(request, visit, proposal, "reopened", lambda one: one.reopen(proposal))


@page(role="editor")
def hand_over(request: Request, visit: Visit) -> Response:
    """Export all approved examples and tests, as a patch or as a commit."""
    way = visit.form.get("way", "")
    folder = root(request)
    repository = Repository.at(folder)
    if way not in ("patch", "commit") or (way == "commit" and repository is None):
        raise HTTPException(404)
    made: Commit | None = None
    patch = ""
    try:
        # One transaction: whatever goes wrong, the proposals stay approved.
        with write(visit.engine) as connection:
            shelf = Proposals(connection, folder)
            chosen = [one for one in shelf.all("approved", 10_000) if one.kind != "topic"]
            if not chosen:
                raise ProposalError("nothing")
            export.check(chosen, folder)
            if way == "commit" and repository is not None:
                names = names_of(visit)
                people = [(_name(names, one.made_by), _name(names, one.decided_by)) for one in chosen]
                author = Person.of(visit.name, _account_name(visit))
                made = export.commit(chosen, repository, author, people, clock.today())
            else:
                patch = export.diff(chosen, folder)
            shelf.exported(chosen)
    except (ProposalError, ContentError, RepositoryError, OSError) as error:
        return list_page(request, visit, error)
    visit.audit("proposals.exported", None, way=way, proposals=[one.id for one in chosen])
    if made:
        return redirect(
            request, "/corrections", message="corrections.committed", branch=made.branch, commit=made.id[:12]
        )
    name = f"corrections-{clock.today().isoformat()}.patch"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(patch, media_type="text/x-patch; charset=utf-8", headers=headers)


def _decide(request: Request, visit: Visit, proposal: Proposal, deed: str, how: Any) -> Response:
    try:
        with write(visit.engine) as connection:
            how(Proposals(connection, root(request)))
    except (ProposalError, ContentError, OSError) as error:
        return _proposal_page(request, visit, proposal, error)
    visit.audit(f"proposal.{deed}", f"proposal/{proposal.id}")
    return redirect(request, f"/corrections/{proposal.id}", message=f"corrections.{deed}")


def list_page(request: Request, visit: Visit, error: Exception | None = None) -> Response:
    """All proposals of a state, and what went wrong with them."""
    state = request.query_params.get("state", "proposed")
    state = state if state in STATES else "proposed"
    folder = root(request)
    with visit.engine.connect() as connection:
        shelf = Proposals(connection, folder)
        found = shelf.all(state)
        counts = {one: shelf.count(one) for one in STATES}
        approved = [one for one in shelf.all("approved") if one.kind != "topic"]
    diff = ""
    try:
        diff = export.diff(approved, folder)
    except (ContentError, OSError) as broken:
        error = error or broken
    return render(
        request,
        "corrections.html",
        422 if error else 200,
        state=state,
        states=STATES,
        counts=counts,
        proposals=found,
        names=names_of(visit),
        approved=approved,
        diff=_diff_lines(diff),
        repository=Repository.at(folder) is not None,
        trials=trials(request).latest(5),
        wrong=problems_of(visit, error),
    )


def _proposal_page(request: Request, visit: Visit, proposal: Proposal, error: Exception | None = None) -> Response:
    diff, hints = "", []
    try:
        diff = export.diff([proposal], root(request)) if proposal.kind != "topic" else ""
        knowledge, names = known(request)
        hints = _hints(proposal.text, proposal.entities, knowledge, names)
    except (ContentError, OSError, ValueError, KeyError, TypeError, requests.RequestException) as broken:
        error = error or broken
    return render(
        request,
        "correction.html",
        422 if error else 200,
        proposal=proposal,
        diff=_diff_lines(diff),
        left=placeholders(proposal.text) if proposal.kind != "topic" else (),
        hints=hints,
        names=names_of(visit),
        origin=_origin_of(visit, proposal),
        own=proposal.made_by is None or proposal.made_by == visit.account_id,
        editable=proposal.state == "proposed" and is_theirs(visit, proposal),
        wrong=problems_of(visit, error),
    )


def _hints(
    text: str, entities: Sequence[Mapping[str, Any]], knowledge: Knowledge, names: NameIndex
) -> list[tuple[str, str, str]]:
    """(phrase, record, file) of names that content does not know yet under this wording."""
    folders = {"initiative": "initiatives", "theme": "themes", "office": "offices"}
    found = []
    for phrase, record in not_found(text, entities, names):
        kind, _, name = record.partition("/")
        file = f"content/{folders[kind]}/{name}.yml" if kind in folders else "content/services.yml"
        found.append((phrase, record, file))
    return found


def _origin_of(visit: Visit, proposal: Proposal) -> Mapping[str, Any] | None:
    if proposal.turn_id is None:
        return None
    with visit.engine.connect() as connection:
        row = connection.execute(sa.select(turns).where(turns.c.id == proposal.turn_id)).mappings().first()
    return dict(row) if row else None


def _name(names: Mapping[int, str], number: int | None) -> str:
    return " ".join(names.get(number or 0, "?").split())


def _account_name(visit: Visit) -> str:
    with visit.engine.connect() as connection:
        query = sa.select(accounts.c.name).where(accounts.c.id == visit.account_id)
        return str(connection.execute(query).scalar() or "")


def _diff_lines(diff: str) -> list[tuple[str, str]]:
    """(kind, line) of a diff: added, removed, place or neither."""

    def kind(line: str) -> str:
        if line.startswith(("+++", "---", "diff ", "new file", "@@")):
            return "place"
        return {"+": "added", "-": "removed"}.get(line[:1], "same")

    return [(kind(line), line) for line in diff.splitlines()]


ROUTES = [
    Route("/corrections", everything, methods=["GET"]),
    Route("/corrections/export", hand_over, methods=["POST"]),
    Route("/corrections/{number:int}", one, methods=["GET"]),
    Route("/corrections/{number:int}/approve", approve, methods=["POST"]),
    Route("/corrections/{number:int}/decline", decline, methods=["POST"]),
    Route("/corrections/{number:int}/done", done, methods=["POST"]),
    Route("/corrections/{number:int}/reopen", reopen, methods=["POST"]),
]
NAVIGATION = (Entry("/corrections", "corrections.title", "reviewer", 40),)
