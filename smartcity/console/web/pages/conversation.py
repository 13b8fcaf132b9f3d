"""One conversation: as the citizen saw it, beside what the assistant thought."""

from __future__ import annotations

from itertools import pairwise

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console import accounts, judging
from smartcity.console.tables import VERDICTS
from smartcity.console.transcripts import read
from smartcity.console.web.page import Visit, page, redirect, render


@page(role="reader")
def conversation(request: Request, visit: Visit) -> Response:
    number = request.path_params["number"]
    transcript = read(visit.engine, number, *_place(request)) if number < 2**63 else None
    if transcript is None:
        raise HTTPException(404)
    visit.audit("conversation.read", f"conversation/{number}")
    failing = [turn["id"] for turn in transcript.turns if turn["failures"]]
    return render(
        request,
        "conversation.html",
        conversation=transcript.conversation,
        turns=transcript.turns,
        transcript=transcript,
        failing=failing,
        following=dict(pairwise(failing)),
        verdicts=VERDICTS,
        people=accounts.names(visit.engine),
    )


@page(role="reviewer")
def keep(request: Request, visit: Visit) -> Response:
    """Keep a conversation beyond its time, or no longer."""
    number, kept = request.path_params["number"], visit.form.get("kept") == "yes"
    if not (number < 2**63 and judging.keep(visit.engine, number, kept)):
        raise HTTPException(404)
    visit.audit("conversation.kept" if kept else "conversation.not_kept", f"conversation/{number}")
    message = "conversation.kept_now" if kept else "conversation.not_kept_now"
    return redirect(request, f"/conversations/{number}", message=message)


def _place(request: Request) -> tuple[int, int | None]:
    """The first turn and the turn that the address asks for."""
    numbers = {}
    for name in ("first", "turn"):
        text = request.query_params.get(name, "")
        if text.isascii() and text.isdigit() and 0 < int(text[:19]) < 2**63:
            numbers[name] = int(text[:19])
    return numbers.get("first", 1), numbers.get("turn")


ROUTES = [
    Route("/conversations/{number:int}", conversation, methods=["GET"]),
    Route("/conversations/{number:int}/kept", keep, methods=["POST"]),
]
NAVIGATION = ()
