"""The office's side of citizens' requests, one for the application: it looks once whether its tables are there."""

from __future__ import annotations

from starlette.requests import Request

from smartcity.inquiries.office import Office


def office_of(request: Request) -> Office:
    """The office of this console."""
    state = request.app.state
    if not hasattr(state, "office"):
        state.office = Office(state.settings, state.engine)
    office: Office = state.office
    return office
