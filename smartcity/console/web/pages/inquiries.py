"""Requests that citizens left: lists by state, one request with all deeds. Whoever may judge may work on them.

The list holds nothing personal; who opens a request is in the audit, which never repeats anything of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console import accounts, clock
from smartcity.console.web.navigation import Entry
from smartcity.console.web.office import office_of
from smartcity.console.web.page import Form, Visit, page, path_with, redirect, render
from smartcity.inquiries.appointments import Appointment
from smartcity.inquiries.lists import OVERDUE, STALE, is_overdue
from smartcity.inquiries.office import DeedError, Inquiry, Office
from smartcity.inquiries.tables import STATES
from smartcity.inquiries.vault import VaultError
from smartcity.inquiries.wishes import tell

LISTS = ("open", OVERDUE, STALE, "mine", *STATES)
MINUTES = (15, 30, 45, 60, 90, 120)
DEFAULT_MINUTES = 30


@page(role="reviewer")
def inquiries(request: Request, visit: Visit) -> Response:
    chosen = request.query_params.get("list", "open")
    chosen = chosen if chosen in LISTS else "open"
    lists = office_of(request).lists
    found = lists.page(
        chosen if chosen in (OVERDUE, STALE, *STATES) else None,
        visit.account_id if chosen == "mine" else None,
        request.query_params.get("page", ""),
    )
    here = path_with("/inquiries", list=chosen)
    beside = [path_with(here, page=key) if key else None for key in (found.before, found.after)]
    older, newer = reversed(beside) if found.newest_first else beside
    return render(
        request,
        "inquiries.html",
        found=found,
        lists=LISTS,
        chosen=chosen,
        counts=lists.counts(),
        is_overdue=is_overdue,
        is_stale=lists.is_stale,
        days=visit.settings.stale_inquiries_days,
        older=older,
        newer=newer,
        people=dict(accounts.names(visit.engine)),
        sends=_sends(visit),
    )


@page(role="reviewer")
def inquiry(request: Request, visit: Visit) -> Response:
    number, found = _found(request, visit)
    visit.audit("inquiry.read", f"inquiry/{number}")
    return _shown(request, visit, found)


@page(role="reviewer")
def work(request: Request, visit: Visit) -> Response:
    """Do the deed that the pressed button names; what was typed comes back where it cannot be done."""
    number, found = _found(request, visit)
    name = visit.form.get("deed", "")
    deed = _DEEDS.get(name)
    if deed is None:
        raise HTTPException(400)
    try:
        deed(office_of(request), number, _version(visit.form), visit)
    except DeedError as error:
        # It may be another one by now.
        _, found = _found(request, visit)
        visit.audit("inquiry.read", f"inquiry/{number}")
        return _shown(request, visit, found, 409, f"inquiry.wrong.{error}")
    visit.audit(f"inquiry.{name}", f"inquiry/{number}")
    told = "inquiry.told" if found.email and name in _TELLING else "inquiry.saved"
    return redirect(request, f"/inquiries/{number}", message=told)


def _assign(office: Office, number: int, version: int, visit: Visit) -> None:
    text = visit.form.get("assigned", "none")
    account = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    if account is not None and account not in dict(accounts.names(visit.engine)):
        raise DeedError("nobody")
    office.assign(number, version, account, _by(visit))


def _note(office: Office, number: int, version: int, visit: Visit) -> None:
    office.note(number, version, visit.form.get("text", ""), _by(visit))


def _propose(office: Office, number: int, version: int, visit: Visit) -> None:
    office.propose(number, version, _appointment(visit.form), _by(visit), visit.form.get("text", ""))


def _confirm(office: Office, number: int, version: int, visit: Visit) -> None:
    office.confirm(number, version, _appointment(visit.form), _by(visit), visit.form.get("text", ""))


def _decline(office: Office, number: int, version: int, visit: Visit) -> None:
    office.decline(number, version, visit.form.get("text", ""), _by(visit))


def _done(office: Office, number: int, version: int, visit: Visit) -> None:
    office.done(number, version, _by(visit), visit.form.get("text", ""))


_DEEDS: dict[str, Callable[[Office, int, int, Visit], None]] = {
    "assign": _assign,
    "note": _note,
    "propose": _propose,
    "confirm": _confirm,
    "decline": _decline,
    "done": _done,
}
_TELLING = ("propose", "confirm", "decline", "done")


def _appointment(form: Form) -> Appointment:
    try:
        start = datetime.fromisoformat(f"{form.get('day', '')}T{form.get('time', '')}")
        appointment = Appointment(start, int(form.get("minutes", "")), form.get("place", ""))
    except ValueError:
        raise DeedError("time") from None
    if appointment.ends < clock.now():
        raise DeedError("past")
    return appointment


def _by(visit: Visit) -> int:
    assert visit.account_id is not None
    return visit.account_id


def _version(form: Form) -> int:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def _found(request: Request, visit: Visit) -> tuple[int, Inquiry]:
    number = request.path_params["number"]
    try:
        found = office_of(request).read(number) if number < 2**63 else None
    except VaultError:
        _locked()
    if found is None:
        raise HTTPException(404)
    return number, found


def _locked() -> NoReturn:
    raise HTTPException(503, "inquiry.locked") from None


def _shown(request: Request, visit: Visit, found: Inquiry, status: int = 200, wrong: str | None = None) -> Response:
    return render(
        request,
        "inquiry.html",
        status,
        inquiry=found,
        row=found.row,
        wishes=[tell(wish, visit.language) for wish in found.wishes],
        people=accounts.names(visit.engine),
        names=dict(accounts.names(visit.engine)),
        minutes=MINUTES,
        typed=_typed(visit.form if wrong else None, found),
        form=visit.form if wrong else {},
        wrong=wrong,
        sends=_sends(visit),
        stale=office_of(request).lists.is_stale(found.row),
    )


def _typed(form: Form | None, found: Inquiry) -> dict[str, str]:
    """What the fields of the appointment hold: what was typed, what is agreed, or the first wish."""
    agreed = found.appointment
    if form is not None and "day" in form:
        return {name: form.get(name, "") for name in ("day", "time", "minutes", "place")}
    if agreed is not None:
        day, time = agreed.start.date().isoformat(), agreed.start.strftime("%H:%M")
        return {"day": day, "time": time, "minutes": str(agreed.minutes), "place": agreed.place}
    wish = next((wish for wish in found.wishes if wish.day), None)
    wished = wish.day if wish and wish.day else clock.today() + timedelta(1)
    since = wish.since.strftime("%H:%M") if wish and wish.since else ""
    return {"day": wished.isoformat(), "time": since, "minutes": str(DEFAULT_MINUTES), "place": ""}


def _sends(visit: Visit) -> bool:
    return bool(visit.settings.smtp_host and visit.settings.office_mail)


ROUTES = [
    Route("/inquiries", inquiries, methods=["GET"]),
    Route("/inquiries/{number:int}", inquiry, methods=["GET"]),
    Route("/inquiries/{number:int}/deeds", work, methods=["POST"]),
]
NAVIGATION = (Entry("/inquiries", "inquiries.title", "reviewer", 30),)
