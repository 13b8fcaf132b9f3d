"""Trials: what proposals would change, with its progress."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console.corrections.proposals import Proposals
from smartcity.console.corrections.trials import Trial, TrialError
from smartcity.console.tables import proposals, turns
from smartcity.console.web.correcting import (
    LARGEST,
    names_of,
)
from smartcity.console.web.page import Visit, page, redirect, render
from smartcity.console.web.pages.corrections import list_page
from smartcity.console.web.project import root, trials
from smartcity.knowledge.documents import ContentError


@page(role="editor")
def try_out(request: Request, visit: Visit) -> Response:
    """Begin a trial of the proposals that are ticked, or of all that are open or approved."""
    ticked = {text for text in visit.form.getlist("proposal") if text.isdigit()}
    with visit.engine.connect() as connection:
        shelf = Proposals(connection, root(request))
        chosen = [one for state in ("proposed", "approved") for one in shelf.all(state)]
    if ticked:
        chosen = [one for one in chosen if str(one.id) in ticked]
    try:
        number = trials(request).start(chosen, visit.account_id)
    except (TrialError, ContentError, OSError) as error:
        return list_page(request, visit, error)
    visit.audit("trial.started", f"trial/{number}", proposals=[one.id for one in chosen])
    return redirect(request, f"/corrections/trials/{number}")


@page(role="reviewer")
def trial(request: Request, visit: Visit) -> Response:
    found = _trial(request)
    result: Mapping[str, Any] = found.result or {}
    flips = [one for one in result.get("flips") or () if isinstance(one, Mapping)]
    shown = [
        {**flip, "said": said, "before": _side(flip.get("before")), "after": _side(flip.get("after"))}
        for flip in flips
        if (said := _said(visit, flip)) is not None
    ]
    return render(
        request,
        "trial.html",
        trial=found,
        result={"error": "", "detail": "", "evaluated": 0, **result, "flips": flips},
        held_out=_totals(result.get("held_out")),
        groups=[
            (origin, [flip for flip in shown if _origin(flip) == origin])
            for origin in ("proposal", "turn", "development")
        ],
        gone=len(flips) - len(shown),
        names=names_of(visit),
        wanted=_wanted(visit, found),
    )


@page(role="reviewer")
def trial_state(request: Request, visit: Visit) -> Response:
    """What the page shows of a trial under way, for its script."""
    found = _trial(request)
    step = visit.t.named("trial.step", found.step) if found.step else ""
    body = {"state": found.state, "share": round(found.share, 3), "step": step}
    return Response(json.dumps(body), media_type="application/json")


@page(role="editor")
def cancel(request: Request, visit: Visit) -> Response:
    found = _trial(request)
    stopped = trials(request).cancel(found.id)
    if stopped:
        visit.audit("trial.cancelled", f"trial/{found.id}")
    message = "trial.cancelled" if stopped else "trial.over"
    return redirect(request, f"/corrections/trials/{found.id}", message=message)


def _trial(request: Request) -> Trial:
    number = request.path_params["number"]
    found = trials(request).get(number) if number < LARGEST else None
    if found is None:
        raise HTTPException(404)
    return found


def _origin(flip: Mapping[str, Any]) -> str:
    return "proposal" if "proposal" in flip else "turn" if "turn" in flip else "development"


def _said(visit: Visit, flip: Mapping[str, Any]) -> str | None:
    """The text of a flip; None when it was deleted since."""
    if "text" in flip:
        return str(flip["text"])
    if "proposal" in flip:
        query = sa.select(proposals.c.text).where(proposals.c.id == flip["proposal"])
    else:
        query = sa.select(turns.c.said).where(turns.c.id == flip.get("turn"))
    with visit.engine.connect() as connection:
        found: str | None = connection.execute(query).scalar()
    return found


def _side(value: Any) -> dict[str, Any]:
    """One side of a flip with all that the page shows."""
    found = value if isinstance(value, Mapping) else {}
    answers = found.get("answers")
    return {
        "intent": found.get("intent"),
        "answers": " + ".join(map(str, answers)) if isinstance(answers, list) else "",
        "text": str(found.get("text") or ""),
    }


def _totals(value: Any) -> Mapping[str, Any] | None:
    wanted = ("total", "before", "after")
    return value if isinstance(value, Mapping) and all(isinstance(value.get(key), int) for key in wanted) else None


def _wanted(visit: Visit, trial_: Trial) -> dict[int, str]:
    """The intent that each proposal of a trial wants."""
    with visit.engine.connect() as connection:
        shelf = Proposals(connection, Path())
        return {one.id: one.intent or "" for number in trial_.proposals if (one := shelf.get(number))}


ROUTES = [
    Route("/corrections/trials", try_out, methods=["POST"]),
    Route("/corrections/trials/{number:int}", trial, methods=["GET"]),
    Route("/corrections/trials/{number:int}/state", trial_state, methods=["GET"]),
    Route("/corrections/trials/{number:int}/cancel", cancel, methods=["POST"]),
]
NAVIGATION = ()
