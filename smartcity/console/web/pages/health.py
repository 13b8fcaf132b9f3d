"""Content health: what to look at in content/, with the file to edit."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console import clock
from smartcity.console.figures.likeness import unanswered
from smartcity.console.figures.period import Period
from smartcity.console.health import sources
from smartcity.console.health.content import ContentHealth, Places, look_at
from smartcity.console.health.gaps import Gap, gaps, topics
from smartcity.console.web.navigation import Entry
from smartcity.console.web.office import office_of
from smartcity.console.web.page import Visit, page, redirect, render
from smartcity.inquiries.lists import STALE

DAYS = 60
"""Days of the log that are looked at."""


@page(role="reader")
def health(request: Request, visit: Visit) -> Response:
    content = look_at(visit.settings.content, clock.today())
    period = Period.of("", "", "day", DAYS)
    with visit.engine.connect() as connection:
        missing = gaps(connection, period)
        groups = unanswered(connection, period, {}, 15)
        proposed = topics(connection)
    return render(
        request,
        "health.html",
        content=content,
        sources=sources.last(visit.engine),
        findings=[(one, _place_of(content, one["fact"])) for one in sources.last(visit.engine).findings],
        gaps=[(gap, *_file_of(content, gap)) for gap in missing],
        groups=groups,
        topics=proposed,
        first=period.first.isoformat(),
        days=DAYS,
        stale=office_of(request).lists.counts()[STALE],
        stale_days=visit.settings.stale_inquiries_days,
    )


@page(role="editor")
def check(request: Request, visit: Visit) -> Response:
    """Begin a check of the sources, which asks many servers of others: only the button does."""
    if visit.form.get("check") != "yes":
        return redirect(request, "/health-of-content")
    content = look_at(visit.settings.content, clock.today())
    if content.knowledge is None:
        return redirect(request, "/health-of-content", message="health.not_readable")
    begun = sources.check_in_background(visit.engine, content.knowledge)
    if begun:
        visit.audit("sources.checked")
    return redirect(request, "/health-of-content", message="health.begun" if begun else "health.under_way")


def _place_of(content: ContentHealth, fact: str) -> str:
    kind, record, aspect = (*fact.split("/"), "", "")[:3]
    path = ("notice",) if aspect == "notice" else ("facts", aspect)
    return content.places.of(kind, record, *path) if content.places else ""


def _file_of(content: ContentHealth, gap: Gap) -> tuple[str, str]:
    """The name of the record and its file; of one that content does not have, the file that would be."""
    kind, record, _ = gap.parts
    places: Places | None = content.places
    if content.knowledge is None or places is None:
        return record, ""
    topic = content.knowledge.topic(kind, record)
    if topic is None:
        return record, ""
    return topic.name["de"], places.file(kind, record)


ROUTES = [
    Route("/health-of-content", health, methods=["GET"]),
    Route("/health-of-content/sources", check, methods=["POST"]),
]
NAVIGATION = (Entry("/health-of-content", "health.title", "reader", 60),)
