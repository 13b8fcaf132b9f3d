"""Finding turns: every filter in the address, pages by keys, saved views."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console import accounts, turn_ids, turn_list, views
from smartcity.console.filters import COLUMNS, PERIODS, Filters
from smartcity.console.queues import QUEUES
from smartcity.console.tables import OUTCOMES, VERDICTS
from smartcity.console.web.navigation import Entry
from smartcity.console.web.page import Visit, page, path_with, redirect, render


@page(role="reader")
def search(request: Request, visit: Visit) -> Response:
    filters = Filters.of(request.query_params)
    found = turn_list.page_of(visit.engine, filters, request.query_params.get("page", ""), visit.account_id)
    assert visit.account_id is not None
    # Which texts were read is told by the filters; what was typed may be somebody's name and is not kept.
    visit.audit("turns.read", None, fields=sorted(filters.typed), turns=len(found.turns))
    here = filters.path()
    return render(
        request,
        "search.html",
        filters=filters,
        found=found,
        count=found.count,
        most=turn_ids.MOST,
        choices=turn_list.choices(visit.engine),
        columns=COLUMNS,
        queues=tuple(QUEUES),
        periods=tuple(PERIODS),
        outcomes=OUTCOMES,
        verdicts=VERDICTS,
        people=accounts.names(visit.engine),
        views=views.seen_by(visit.engine, visit.account_id),
        older=path_with(here, page=found.older) if found.older else None,
        newer=path_with(here, page=found.newer) if found.newer else None,
    )


@page(role="reader")
def save_view(request: Request, visit: Visit) -> Response:
    """Save a search under a name; only reviewers may share it with all."""
    assert visit.account_id is not None
    name = " ".join(visit.form.get("name", "").split())[: views.LONGEST_NAME]
    filters = Filters.of(dict(parse_qsl(visit.form.get("query", ""))))
    if not name or not filters:
        return redirect(request, filters.path(), message="views.unnamed")
    shared = bool(visit.form.get("shared")) and visit.may("reviewer")
    number = views.save(visit.engine, visit.account_id, name, filters.query, shared)
    visit.audit("view.saved", f"view/{number}", shared=shared)
    return redirect(request, filters.path(), message="views.saved")


@page(role="reader")
def delete_view(request: Request, visit: Visit) -> Response:
    """Delete one's own view; an admin may delete any."""
    number = request.path_params["number"]
    owner = None if visit.may("admin") else visit.account_id
    if not views.delete(visit.engine, number, owner):
        raise HTTPException(404)
    visit.audit("view.deleted", f"view/{number}")
    return redirect(request, visit.form.get("back", "/search"), message="views.deleted")


ROUTES = [
    Route("/search", search, methods=["GET"]),
    Route("/views", save_view, methods=["POST"]),
    Route("/views/{number:int}/delete", delete_view, methods=["POST"]),
]
NAVIGATION = (Entry("/search", "search.title", "reader", 20),)
