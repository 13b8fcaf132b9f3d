"""Judging: one turn from its transcript, several from a list."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console.judging import MOST_AT_ONCE, Judgement, JudgementError, judge, tags_in
from smartcity.console.web.page import Visit, page, redirect


@page(role="reviewer")
def one(request: Request, visit: Visit) -> Response:
    """Judge one turn: what its form does not name stays as it is."""
    form = visit.form
    judgement = Judgement(
        verdict=form.get("verdict") or None,
        reviewed={"yes": True, "no": False}.get(form.get("reviewed", "")),
        assigned=form.get("assigned") or None,
        note=form.get("note"),
        tags=tags_in(form["tags"]) if "tags" in form else None,
    )
    return _judged(request, visit, [request.path_params["number"]], judgement)


@page(role="reviewer")
def several(request: Request, visit: Visit) -> Response:
    """Judge the turns that are ticked."""
    form = visit.form
    ids = [int(text) for text in form.getlist("turn") if text.isascii() and text.isdigit()]
    judgement = Judgement(
        verdict=form.get("verdict") or None,
        reviewed={"yes": True, "no": False}.get(form.get("reviewed", "")),
        assigned=form.get("assigned") or None,
        more_tags=tags_in(form.get("tags", "")),
    )
    return _judged(request, visit, ids, judgement)


def _judged(request: Request, visit: Visit, ids: list[int], judgement: Judgement) -> Response:
    assert visit.account_id is not None
    back = visit.form.get("back", "/search")
    try:
        there = judge(visit.engine, [number for number in ids if number < 2**63], judgement, visit.account_id)
    except JudgementError as error:
        return redirect(request, back, message=str(error), most=MOST_AT_ONCE)
    if not there:
        raise HTTPException(404)
    changed = {
        "verdict": judgement.verdict,
        "reviewed": judgement.reviewed,
        "assigned": judgement.assigned,
        "note": judgement.note is not None or None,
        "tags": bool(judgement.more_tags) or judgement.tags is not None or None,
    }
    details = {name: value for name, value in changed.items() if value is not None}
    for number in there:
        visit.audit("turn.judged", f"turn/{number}", **details)
    return redirect(request, back, message="judge.done" if len(there) > 1 else "judge.done_one", count=len(there))


ROUTES = [
    Route("/turns/judge", several, methods=["POST"]),
    Route("/turns/{number:int}/judge", one, methods=["POST"]),
]
NAVIGATION = ()
