"""The console's cookies: the session, the language of who is not signed in, the message of the step before."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

MESSAGE_SECONDS = 60
LANGUAGE_SECONDS = 365 * 24 * 60 * 60


class Cookies:
    """HttpOnly, SameSite=Lax; over https also Secure, with the prefix that ties them to this host.

    Lax and not Strict: an address that a colleague sends must open signed in, and OpenID Connect comes
    back from another site. What changes something needs a token of the page on top.
    """

    def __init__(self, secure: bool) -> None:
        self._secure = secure
        self._prefix = "__Host-console" if secure else "console"

    def token(self, request: Request) -> str | None:
        """The session's token, if it may be one."""
        token = request.cookies.get(self._prefix)
        return token if token and len(token) == 43 and token.isascii() else None

    def keep(self, response: Response, token: str) -> None:
        """Give the browser this token, unless the response has set or dropped one already."""
        if not any(value.startswith(f"{self._prefix}=") for value in response.headers.getlist("set-cookie")):
            self._set(response, self._prefix, token)

    def drop(self, response: Response) -> None:
        self._drop(response, self._prefix)

    def language(self, request: Request) -> str:
        return request.cookies.get(f"{self._prefix}-language", "")

    def set_language(self, response: Response, language: str) -> None:
        self._set(response, f"{self._prefix}-language", language, LANGUAGE_SECONDS)

    def message(self, request: Request) -> str | None:
        return request.cookies.get(f"{self._prefix}-message")

    def set_message(self, response: Response, message: str) -> None:
        self._set(response, f"{self._prefix}-message", message, MESSAGE_SECONDS)

    def drop_message(self, response: Response) -> None:
        self._drop(response, f"{self._prefix}-message")

    def state(self, request: Request) -> str | None:
        """What was agreed before the way to OpenID Connect's issuer."""
        return request.cookies.get(f"{self._prefix}-oidc")

    def set_state(self, response: Response, state: str, seconds: int) -> None:
        self._set(response, f"{self._prefix}-oidc", state, seconds)

    def drop_state(self, response: Response) -> None:
        self._drop(response, f"{self._prefix}-oidc")

    def _set(self, response: Response, name: str, value: str, seconds: int | None = None) -> None:
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="lax")
