"""What messengers did not take: how much, where and why, and the words as long as they are kept. Nothing to do here.

Nothing identifies a person: no address is kept, the gateway's pseudonym is not shown, and the words, which are the
assistant's, are redacted as in a transcript.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console.dead_letters import DeadLetters, Letter, Unreadable, Wanted
from smartcity.console.filters import PERIODS, Filters
from smartcity.console.tables import conversations
from smartcity.console.web.navigation import Entry
from smartcity.console.web.page import Visit, page, render
from smartcity.console.web.project import public
from smartcity.privacy.pseudonyms import Pseudonyms

DEFAULT = "7d"
ALL = "all"
LONGEST = 200


@page(role="reader")
def dead_letters(request: Request, visit: Visit) -> Response:
    period, wanted = _wanted(request)
    store = letters_of(request)
    try:
        found = store.page(wanted, _number(request, "older"), _number(request, "newer"))
        # Over all channels and reasons: from here one chooses.
        counts = store.counts(replace(wanted, channel="", reason=""))
    except Unreadable:
        return render(request, "dead_letters.html", 503, found=None, wrong=True, **_choices(period, wanted))
    letters = found.letters if found else ()
    visit.audit("dead_letters.read", None, letters=len(letters))
    redacted = public(request)
    return render(
        request,
        "dead_letters.html",
        found=found,
        wrong=False,
        counts=[(channel, reason, number, _path(period, channel, reason)) for channel, reason, number in counts],
        total=sum(number for *_, number in counts),
        letters=[(letter, redacted.redact_answer(letter.text) if letter.text else letter.text) for letter in letters],
        conversations=_conversations(visit, letters),
        older=_path(period, wanted.channel, wanted.reason, older=found.older) if found and found.older else None,
        newer=_path(period, wanted.channel, wanted.reason, newer=found.newer) if found and found.newer else None,
        **_choices(period, wanted),
    )


def letters_of(request: Request) -> DeadLetters:
    """The dead letters that this console reads."""
    return DeadLetters(request.app.state.settings, request.app.state.engine)


def _choices(period: str, wanted: Wanted) -> dict[str, object]:
    periods = [(one, _path(one, wanted.channel, wanted.reason)) for one in (*PERIODS, ALL)]
    return {"period": period, "periods": periods, "wanted": wanted, "everything": _path(period)}


def _wanted(request: Request) -> tuple[str, Wanted]:
    """What the address asks for; a field that cannot be read asks for nothing."""
    fields = {name: request.query_params.get(name, "").replace("\0", "")[:LONGEST] for name in ("channel", "reason")}
    period = request.query_params.get("period", DEFAULT)
    period = period if period in (*PERIODS, ALL) else DEFAULT
    start, end = Filters.of({"period": period}).span()
    return period, Wanted(start, end, **fields)


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _path(period: str, channel: str = "", reason: str = "", **key: object) -> str:
    fields = {"period": period, "channel": channel, "reason": reason, **key}
    return "/dead-letters?" + urlencode({name: value for name, value in fields.items() if value}, errors="replace")


def _conversations(visit: Visit, letters: Iterable[Letter]) -> Mapping[int, int]:
    """The conversation of each letter, where the console has it, by the letter's id."""
    of = Pseudonyms(visit.settings).of
    pseudonyms = {letter.id: of(letter.sender) for letter in letters if letter.sender}
    query = sa.select(conversations.c.pseudonym, conversations.c.id)
    query = query.where(conversations.c.pseudonym.in_(set(pseudonyms.values())))
    with visit.engine.connect() as connection:
        known: dict[Any, Any] = dict(connection.execute(query).all())
    return {number: known[name] for number, name in pseudonyms.items() if name in known}


ROUTES = [Route("/dead-letters", dead_letters, methods=["GET"])]
NAVIGATION = (Entry("/dead-letters", "dead.title", "reader", 65),)
