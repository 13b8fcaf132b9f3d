"""The first page: what failed, at a glance."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console.web.navigation import Entry
from smartcity.console.web.page import Visit, page, render


@page(role="reader")
def queues(request: Request, visit: Visit) -> Response:
    return render(request, "queues.html")


ROUTES = [Route("/", queues, methods=["GET"])]
NAVIGATION = (Entry("/", "queues.title", "reader", 10),)
