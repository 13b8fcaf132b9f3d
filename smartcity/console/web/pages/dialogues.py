"""Proposing a conversation as a test, with the answers as they should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import requests
import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console.corrections.dialogues import answer_ids, as_test
from smartcity.console.corrections.proposals import ProposalError, Proposals
from smartcity.console.database import write
from smartcity.console.tables import conversations, turns
from smartcity.console.web.correcting import (
    me,
    number_of,
    problems_of,
)
from smartcity.console.web.page import Visit, page, redirect, render
from smartcity.console.web.project import known, root
from smartcity.knowledge.documents import ContentError


@page(role="reviewer")
def dialogue_form(request: Request, visit: Visit) -> Response:
    """A conversation as a test."""
    row, said = _conversation(visit, request.query_params.get("conversation", ""))
    fields = {
        "name": "",
        **{f"answer{turn['id']}": str(turn["answer"] or "") for turn in said if turn["outcome"] != "not_understood"},
        **{f"with{turn['id']}": "yes" for turn in said},
    }
    return _dialogue_page(request, visit, row, said, fields)


@page(role="reviewer")
def make_dialogue(request: Request, visit: Visit) -> Response:
    row, said = _conversation(visit, visit.form.get("conversation", ""))
    chosen = [
        {
            "said": visit.form.get(f"said{turn['id']}", ""),
            "pressed": turn["pressed"],
            "answers": visit.form.get(f"answer{turn['id']}", "").replace(",", " ").split(),
        }
        for turn in said
        if visit.form.get(f"with{turn['id']}")
    ]
    try:
        knowledge, _ = known(request)
        text = as_test(visit.form.get("name", "")[:120], str(row["language"]), chosen, knowledge)
        with write(visit.engine) as connection:
            number = Proposals(connection, root(request)).propose(
                "conversation", text, me(visit), turn_id=said[0]["id"] if said else None
            )
    except (ProposalError, ContentError, OSError, requests.RequestException) as error:
        return _dialogue_page(request, visit, row, said, dict(visit.form), error)
    visit.audit("proposal.made", f"proposal/{number}", kind="conversation")
    return redirect(request, f"/corrections/{number}", message="corrections.made")


def _dialogue_page(
    request: Request,
    visit: Visit,
    row: Mapping[str, Any],
    said: Sequence[Mapping[str, Any]],
    fields: Mapping[str, str],
    error: Exception | None = None,
) -> Response:
    answers: list[str] = []
    try:
        answers = answer_ids(known(request)[0])
    except (ContentError, OSError, requests.RequestException) as broken:
        error = error or broken
    return render(
        request,
        "dialogue_form.html",
        422 if error else 200,
        conversation=row,
        turns=said,
        fields=fields,
        answers=answers,
        wrong=problems_of(visit, error),
    )


def _conversation(visit: Visit, text: str) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    number = number_of(text)
    with visit.engine.connect() as connection:
        row = connection.execute(sa.select(conversations).where(conversations.c.id == number)).mappings().first()
        query = sa.select(turns).where(turns.c.conversation_id == number).order_by(turns.c.number).limit(50)
        said: list[Mapping[str, Any]] = [dict(turn) for turn in connection.execute(query).mappings()]
    if row is None:
        raise HTTPException(404)
    return row, said


ROUTES = [
    Route("/corrections/dialogue", dialogue_form, methods=["GET"]),
    Route("/corrections/dialogue", make_dialogue, methods=["POST"]),
]
NAVIGATION = ()
