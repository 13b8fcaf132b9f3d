"""What goes wrong, as a page: refusals with their reason, faults without any detail."""

from __future__ import annotations

import json
import logging
import traceback

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from smartcity.console.web.page import render, visit_of

logger = logging.getLogger("smartcity.console")


async def answer_refusal(request: Request, error: Exception) -> Response:
    """Status and sentence of an HTTPException; its detail is a key of the texts."""
    assert isinstance(error, HTTPException)
    if not hasattr(request.state, "visit"):
        request.state.visit = await run_in_threadpool(visit_of, request)
    key = error.detail if error.detail in request.state.visit.t else f"error.{error.status_code}"
    if key not in request.state.visit.t:
        key = "error.400"
    response = await run_in_threadpool(render, request, "error.html", error.status_code, key=key)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


class Failures:
    """Turns an unexpected exception into a plain 500, and logs its kind and its lines, never its message."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
            logger.error(json.dumps({"failure": type(error).__name__, "frames": frames}))
            if not started:
                sentence = "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.\nThis went wrong. Try again.\n"
                await PlainTextResponse(sentence, 500)(scope, receive, send)
