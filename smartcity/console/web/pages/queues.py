"""The first page: what failed yesterday and today, at a glance."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console import queues as waiting
from smartcity.console.dead_letters import Unreadable, Wanted
from smartcity.console.filters import PERIODS, Filters
from smartcity.console.views import seen_by
from smartcity.console.web.navigation import Entry
from smartcity.console.web.page import Visit, page, redirect, render
from smartcity.console.web.pages.dead_letters import letters_of

DEFAULT = "2d"
ALL = "all"


@page(role="reader")
def queues(request: Request, visit: Visit) -> Response:
    period = request.query_params.get("period", DEFAULT)
    period = period if period in (*PERIODS, ALL) else DEFAULT
    chosen = Filters.of({"period": period})
    start, end = chosen.span()
    counts = waiting.counts(visit.engine, start, end)
    assert visit.account_id is not None
    return render(
        request,
        "queues.html",
        counts=counts,
        most=waiting.MOST,
        failures=waiting.FAILURES,
        period=period,
        periods=(*PERIODS, ALL),
        filters=chosen,
        views=seen_by(visit.engine, visit.account_id),
        undelivered=_undelivered(request, start, end),
    )


def _undelivered(request: Request, start: int | None, end: int | None) -> int | str | None:
    """How many answers a messenger did not take; None where there is no messenger."""
    try:
        return letters_of(request).total(Wanted(start, end))
    except Unreadable:
        return "?"


@page(role="reader")
def next_failure(request: Request, visit: Visit) -> Response:
    """On to the newest open failure before this turn, in another conversation: without any script."""
    try:
        at, turn, conversation = (int(request.query_params.get(name, "")) for name in ("at", "turn", "conversation"))
    except ValueError:
        return redirect(request, "/")
    if not all(0 <= number < 2**63 for number in (at, turn, conversation)):
        return redirect(request, "/")
    found = waiting.next_failure(visit.engine, at, turn, conversation)
    if found is None:
        return redirect(request, "/", message="queues.no_more")
    return redirect(request, f"/conversations/{found[0]}?turn={found[1]}#turn-{found[1]}")


ROUTES = [Route("/", queues, methods=["GET"]), Route("/next", next_failure, methods=["GET"])]
NAVIGATION = (Entry("/", "queues.title", "reader", 10),)
