"""One shape for every error: {"error": {"code", "message", "retry_after"?}}.

`GatewayError` is what the other modules raise; the code is a key of texts.SENTENCES.
"""

from __future__ import annotations

import json
import logging
import traceback

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from smartcity.gateway import metrics
from smartcity.gateway.texts import language_of, sentence
from smartcity.watching import reports

logger = logging.getLogger("smartcity.gateway")

STATUS = {
    "bad_request": 400,
    "malformed_json": 400,
    "bad_payload": 400,
    "no_api_key": 401,
    "bad_api_key": 401,
    "no_session": 401,
    "bad_session": 401,
    "session_ended": 401,
    "session_expired": 401,
    "bad_signature": 403,
    "foreign_session": 403,
    "origin_not_allowed": 403,
    "no_browsers": 403,
    "scope_missing": 403,
    "not_found": 404,
    "unknown_message": 404,
    "unknown_conversation": 404,
    "unknown_content": 404,
    "method_not_allowed": 405,
    "body_too_slow": 408,
    "body_too_large": 413,
    "not_json": 415,
    "bad_cursor": 422,
    "bad_key": 422,
    "bad_query": 422,
    "bad_rating": 422,
    "bad_user": 422,
    "blank": 422,
    "key_reused": 422,
    "no_callback": 422,
    "not_a_flag": 422,
    "not_an_object": 422,
    "text_or_payload": 422,
    "too_long": 422,
    "unknown_key": 422,
    "unknown_language": 422,
    "wrong_type": 422,
    "too_many_callbacks": 429,
    "too_many_calls": 429,
    "too_many_messages": 429,
    "too_many_requests": 429,
    "internal": 500,
    "busy": 503,
    "stopping": 503,
    "switched_off": 503,
    "unavailable": 503,
}
"""The HTTP status of every error code: a text too long is 422, a body too large 413."""

RETRY_SECONDS = 5
"""When to try again after 'unavailable'."""

CLOSES = {"body_too_slow", "body_too_large", "stopping"}
"""After these the connection ends: the rest of the body is not read, or the process is about to end."""


class GatewayError(Exception):
    """An answer that is an error: its code, and what its sentence needs to know."""

    def __init__(self, code: str, *, retry_after: int | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.values = values


def error_body(scope: Scope, error: GatewayError) -> dict[str, object]:
    """The error in its one shape, in the language of the request; counted."""
    metrics.count_refusal(error.code)
    values = dict(error.values, retry_after=error.retry_after)
    body: dict[str, object] = {
        "code": error.code,
        "message": sentence(error.code, language_of(scope), **values),
    }
    if error.retry_after is not None:
        body["retry_after"] = error.retry_after
    return {"error": body}


def error_response(scope: Scope, error: GatewayError) -> JSONResponse:
    """The error as HTTP."""
    status = STATUS[error.code]
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 405:
        headers["Allow"] = str(error.values["known"])
    if error.code in CLOSES:
        headers["Connection"] = "close"
    return JSONResponse(error_body(scope, error), status, headers)


def log_failure(error: Exception) -> None:
    """Log the kind of exception and the lines of code, never its message, which may hold what a citizen wrote."""
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    logger.error(json.dumps({"failure": type(error).__name__, "frames": frames}))
    reports.report(error)


async def answer_gateway_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GatewayError)
    return error_response(request.scope, error)


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such route, wrong method) in our shape."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return error_response(request.scope, GatewayError("not_found"))
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return error_response(request.scope, GatewayError("method_not_allowed", known=allowed))
    return error_response(request.scope, GatewayError("bad_request"))


class Failures:
    """Turns an unexpected exception into a 500 in our shape, and logs it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            log_failure(error)
            if not started:
                await error_response(scope, GatewayError("internal"))(scope, receive, send)
