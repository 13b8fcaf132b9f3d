"""What every page needs: who visits it, whether they may, how it is rendered, where it leads.

A page's handler is a plain function of the request and the visit, which runs in a thread:

    @page(role="reader")
    def example(request: Request, visit: Visit) -> Response:
        return render(request, "example.html", rows=...)
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smartcity.console import clock
from smartcity.console.database import write
from smartcity.console.roles import NO_ROLE, may
from smartcity.console.tables import audit
from smartcity.console.web.cookies import Cookies
from smartcity.console.web.sessions import Sessions
from smartcity.console.web.texts import LANGUAGES, Texts, texts
from smartcity.settings import Settings

LONGEST_BODY = 256 * 1024
MOST_FIELDS = 2000
FORM = "application/x-www-form-urlencoded"

Form = ImmutableMultiDict[str, str]
Handler = Callable[[Request, "Visit"], Response]
Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass
class Visit:
    """One request: who asks, what they may, and what the handler needs to answer."""

    engine: Engine
    settings: Settings
    account_id: int | None
    name: str
    """As shown on pages."""
    role: str
    language: str
    csrf: str
    """Goes into every form as the hidden field `csrf`."""
    token: str
    form: Form = field(default_factory=lambda: ImmutableMultiDict([]))
    """The fields of a POST."""

    @property
    def t(self) -> Texts:
        """The texts in the visitor's language."""
        return texts(self.language)

    def may(self, role: str) -> bool:
        """Whether the visitor may do what this role may."""
        return self.account_id is not None and may(self.role, role)

    def audit(self, deed: str, subject: str | None = None, **details: object) -> None:
        """Write down who did what. Never give texts of citizens as details."""
        with write(self.engine) as connection:
            connection.execute(
                sa.insert(audit).values(
                    at=clock.now(),
                    account_id=self.account_id,
                    who=self.name[:128],
                    deed=deed,
                    subject=subject[:128] if subject else None,
                    details=details,
                )
            )


def page(role: str | None = "reader") -> Callable[[Handler], Endpoint]:
    """A page for those with the role ("": whoever is signed in, None: everybody).

    A POST also needs a form of this console: the same origin, and the visit's token.
    """

    def decorate(handler: Handler) -> Endpoint:
        @wraps(handler)
        async def served(request: Request) -> Response:
            visit = await run_in_threadpool(visit_of, request)
            request.state.visit = visit
            if request.method == "POST":
                _check_origin(request)
                visit.form = await _form_of(request)
                if not hmac.compare_digest(visit.form.get("csrf", "").encode(), visit.csrf.encode()):
                    if role is not None and visit.account_id is None:
                        return redirect(request, "/signin", message="signin.ended")
                    raise HTTPException(403, "error.token")
            if role is not None:
                if visit.account_id is None:
                    return redirect(request, await run_in_threadpool(_way_in, request))
                if not visit.may(role):
                    if request.method == "GET" and visit.role == NO_ROLE:
                        return redirect(request, "/account")
                    raise HTTPException(403, "error.role")
            response = await run_in_threadpool(handler, request, visit)
            _cookies(request).keep(response, visit.token)
            return response

        served.role = role  # type: ignore[attr-defined]
        return served

    return decorate


def render(request: Request, template: str, status: int = 200, /, **context: object) -> Response:
    """The page from its template, which knows `visit`, `t` and the message of the step before."""
    visit: Visit = request.state.visit
    cookies = _cookies(request)
    message = _message_of(cookies.message(request), visit.t)
    response: Response = request.app.state.templates.response(request, visit, template, status, message, context)
    if message:
        cookies.drop_message(response)
    return response


def redirect(request: Request, path: str, message: str | None = None, **values: object) -> Response:
    """Go on to a path of this console (303) and say there the text `message`, with values for its braces."""
    response = RedirectResponse(local_path(path), 303)
    if message:
        kept = urlsafe_b64encode(json.dumps([message, values]).encode()).decode()
        _cookies(request).set_message(response, kept)
    return response


def local_path(path: str) -> str:
    """The path if it is one of this console, else the first page: nobody can be led elsewhere."""
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    return path if path.isprintable() and "\\" not in path else "/"


def path_with(path: str, **fields: object) -> str:
    """The path with fields of a query set anew; None leaves a field out."""
    parts = urlsplit(path)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in fields]
    kept += [(name, str(value)) for name, value in fields.items() if value is not None]
    return parts.path + ("?" + urlencode(kept) if kept else "")


def _cookies(request: Request) -> Cookies:
    cookies: Cookies = request.app.state.cookies
    return cookies


def visit_of(request: Request) -> Visit:
    """Who asks: the account of the session, or nobody yet."""
    state = request.app.state
    sessions: Sessions = state.sessions
    token = state.cookies.token(request) or sessions.new_token()
    known = sessions.account(token)
    language = known["language"] if known else state.cookies.language(request)
    return Visit(
        engine=state.engine,
        settings=state.settings,
        account_id=known["id"] if known else None,
        name=known["shown"] if known else "",
        role=known["role"] if known else "",
        language=language if language in LANGUAGES else LANGUAGES[0],
        csrf=sessions.csrf(token),
        token=token,
    )


def _way_in(request: Request) -> str:
    if request.app.state.setup.is_open():
        return "/setup"
    if request.method != "GET" or request.url.path == "/":
        return "/signin"
    return "/signin?" + urlencode({"next": local_path(request.url.path + "?" + request.url.query)})


def _check_origin(request: Request) -> None:
    """A browser names the page that sends a form. Who names none must at least say that it is this site's."""
    origin = request.headers.get("origin")
    if origin is None:
        if request.headers.get("sec-fetch-site") not in ("same-origin", None):
            raise HTTPException(403, "error.origin")
        referer = request.headers.get("referer")
        if referer is None:
            raise HTTPException(403, "error.origin")
        parts = urlsplit(referer)
        origin = f"{parts.scheme}://{parts.netloc}"
    if origin != request.app.state.origins.of(request):
        raise HTTPException(403, "error.origin")


async def _form_of(request: Request) -> Form:
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        raise HTTPException(415, "error.form")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise HTTPException(413, "error.form")
    try:
        fields = parse_qsl(body.decode("ascii"), True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400, "error.form") from None
    # Null bytes mean nothing in a text, and PostgreSQL takes none.
    return ImmutableMultiDict([(name, value.replace("\0", "").replace("\r\n", "\n")) for name, value in fields])


def _message_of(kept: str | None, t: Texts) -> str | None:
    if not kept:
        return None
    try:
        key, values = json.loads(urlsafe_b64decode(kept))
        return t(key, **values) if key in t else None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
