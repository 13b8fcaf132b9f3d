"""Who read and changed what, for admins."""

from __future__ import annotations

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console.tables import audit
from smartcity.console.web.navigation import Entry
from smartcity.console.web.page import Visit, page, path_with, render

PAGE = 100


@page(role="admin")
def deeds(request: Request, visit: Visit) -> Response:
    """Newest first; `who`, `deed` and `subject` must be equal to what is typed."""
    wanted = {name: request.query_params.get(name, "").replace("\0", "")[:128] for name in ("who", "deed", "subject")}
    query = sa.select(*(column for column in audit.c if column is not audit.c.details),
                      sa.type_coerce(audit.c.details, sa.Text).label("details"))  # fmt: skip
    query = query.where(*(audit.c[name] == text for name, text in wanted.items() if text))
    before = request.query_params.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        query = query.where(audit.c.id < int(before))
    with visit.engine.connect() as connection:
        rows = connection.execute(query.order_by(audit.c.id.desc()).limit(PAGE + 1)).mappings().all()
    visit.audit("audit.read")
    address = path_with("/audit", **{name: text or None for name, text in wanted.items()})
    older = path_with(address, before=rows[PAGE - 1]["id"]) if len(rows) > PAGE else None
    return render(request, "audit.html", rows=rows[:PAGE], wanted=wanted, older=older)


ROUTES = [Route("/audit", deeds, methods=["GET"])]
NAVIGATION = (Entry("/audit", "audit.title", "admin", 95),)
