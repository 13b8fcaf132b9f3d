"""Proposing a correction of a turn: its intent, its names, or a new topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import requests
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console.corrections.examples import placeholders, plain, read_examples
from smartcity.console.corrections.intents import read_intents
from smartcity.console.corrections.marks import MOST, Mark, entities_of, marks_of, records, words_of
from smartcity.console.corrections.proposals import Proposal, ProposalError, Proposals
from smartcity.console.database import write
from smartcity.console.web.correcting import (
    is_theirs,
    me,
    problems_of,
    proposal_of,
    turn_of,
)
from smartcity.console.web.page import Form, Visit, page, redirect, render
from smartcity.console.web.project import known, root
from smartcity.knowledge.documents import ContentError


@page(role="reviewer")
def form(request: Request, visit: Visit) -> Response:
    """The form for a turn."""
    turn = turn_of(visit, request.query_params.get("turn", ""))
    said = str(turn["said"])
    marks = marks_of(said, _entities(turn["entities"]))
    return _form_page(request, visit, {"kind": "example", "text": said, "intent": "", "note": ""}, marks, turn=turn)


@page(role="reviewer")
def make(request: Request, visit: Visit) -> Response:
    turn = turn_of(visit, visit.form.get("turn", ""))
    return _save(request, visit, turn=turn)


@page(role="reviewer")
def edit_form(request: Request, visit: Visit) -> Response:
    proposal = _may_edit(request, visit)
    fields = {
        "kind": proposal.kind,
        "text": proposal.text,
        "intent": proposal.intent or "",
        "note": proposal.note or "",
    }
    marks = marks_of(proposal.text, proposal.entities) if proposal.kind == "example" else []
    return _form_page(request, visit, fields, marks, proposal=proposal)


@page(role="reviewer")
def edit(request: Request, visit: Visit) -> Response:
    return _save(request, visit, proposal=_may_edit(request, visit))


def _save(
    request: Request, visit: Visit, turn: Mapping[str, Any] | None = None, proposal: Proposal | None = None
) -> Response:
    form = visit.form
    fields = {name: form.get(name, "") for name in ("text", "intent", "note")}
    fields["kind"] = proposal.kind if proposal else form.get("kind", "example")
    marks = _marks(form)
    if form.get("step") == "words":
        return _form_page(request, visit, fields, _moved(request, form, marks), turn=turn, proposal=proposal)
    try:
        entities: list[dict[str, Any]] = []
        text = fields["text"]
        if fields["kind"] == "example":
            text = plain(text)
            knowledge, _ = known(request)
            entities = entities_of(text, form.get("chosen_in", ""), marks, knowledge)
        with write(visit.engine) as connection:
            shelf = Proposals(connection, root(request))
            if proposal:
                shelf.edit(proposal, text, me(visit), fields["intent"] or None, entities, fields["note"][:4000])
                number = proposal.id
            else:
                number = shelf.propose(
                    "topic" if fields["kind"] == "topic" else "example",
                    text,
                    me(visit),
                    turn["id"] if turn else None,
                    fields["intent"] or None,
                    entities,
                    fields["note"][:4000],
                )
    except (ProposalError, ContentError, OSError, requests.RequestException) as error:
        return _form_page(request, visit, fields, marks, turn=turn, proposal=proposal, error=error)
    visit.audit("proposal.edited" if proposal else "proposal.made", f"proposal/{number}", kind=fields["kind"])
    message = "corrections.edited" if proposal else "corrections.made"
    return redirect(request, f"/corrections/{number}", message=message)


def _moved(request: Request, form: Form, marks: Sequence[Mark]) -> list[Mark]:
    """Marks for the words of an edited text; those that are gone are left out."""
    text, chosen_in, found = form.get("text", ""), form.get("chosen_in", ""), []
    knowledge, _ = known(request)
    for mark in marks:
        try:
            found += marks_of(text, entities_of(text, chosen_in, [mark], knowledge))
        except ProposalError:
            found.append(Mark(mark.record, ()))
    return found


def _marks(form: Form) -> list[Mark]:
    found = []
    for number in range(MOST):
        words = tuple(
            int(text) for text in form.getlist(f"words{number}") if text.isascii() and text.isdigit() and len(text) < 5
        )
        record = form.get(f"record{number}", "").strip()
        if record or words:
            found.append(Mark(record, words))
    return found


def _form_page(
    request: Request,
    visit: Visit,
    fields: Mapping[str, str],
    marks: Sequence[Mark],
    turn: Mapping[str, Any] | None = None,
    proposal: Proposal | None = None,
    error: Exception | None = None,
) -> Response:
    choices: list[tuple[str, str, str]] = []
    names: list[tuple[str, str]] = []
    try:
        intents = read_intents(root(request))
        examples = read_examples(root(request))
        choices = [(name, visit.t.named("intent", name), examples.first(name)) for name in intents]
    except (ContentError, OSError) as broken:
        error = error or broken
    try:
        names = records(known(request)[0], visit.language)
    except (ContentError, OSError, requests.RequestException) as broken:
        error = error or broken
    more = visit.form.get("step") == "words" or len(marks) > 1
    return render(
        request,
        "correction_form.html",
        422 if error else 200,
        fields=fields,
        marks=[*marks, *[Mark("", ())] * (1 if more else 2 - len(marks))][:MOST],
        words=words_of(fields["text"]),
        choices=choices,
        records=names,
        turn=turn,
        proposal=proposal,
        left=placeholders(fields["text"]),
        wrong=problems_of(visit, error),
    )


def _may_edit(request: Request, visit: Visit) -> Proposal:
    proposal = proposal_of(request, visit)
    if not is_theirs(visit, proposal):
        raise HTTPException(403, "error.role")
    return proposal


def _entities(value: Any) -> list[Mapping[str, Any]]:
    """Entities of a stored turn that have all that a mark needs; a row may hold anything."""
    return [
        one
        for one in (value if isinstance(value, list) else [])
        if isinstance(one, dict)
        and all(isinstance(one.get(key), int) for key in ("start", "end"))
        and all(isinstance(one.get(key), str) for key in ("entity", "value"))
    ]


ROUTES = [
    Route("/corrections/new", form, methods=["GET"]),
    Route("/corrections/new", make, methods=["POST"]),
    Route("/corrections/{number:int}/edit", edit_form, methods=["GET"]),
    Route("/corrections/{number:int}/edit", edit, methods=["POST"]),
]
NAVIGATION = ()
