"""A member of staff's browser without a window: cookies, forms with their token, the same origin."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import httpx
from starlette.applications import Starlette

ADDRESS = "http://127.0.0.1:8090"


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """A loop in a thread of its own: the browser's tests have one in theirs."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


class Staff:
    """`get` a page, `post` a form as the browser would from that page."""

    def __init__(
        self, app: Starlette, account_id: int | None = None, address: str = ADDRESS, network: str = "127.0.0.1"
    ) -> None:
        self.app = app
        self.account_id = account_id
        self.address = address
        self.cookie = "__Host-console" if address.startswith("https:") else "console"
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(network, 50000)), base_url=address, follow_redirects=False
        )
        if account_id is not None:
            self.keep(self.cookie, app.state.sessions.begin(account_id))

    def keep(self, name: str, value: str) -> None:
        """Keep a cookie as if the console had set it."""
        self.http.cookies.set(name, value, httpx.URL(self.address).host)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any request, as it stands."""
        return asyncio.run_coroutine_threadsafe(self.http.request(method, path, **options), _loop()).result(60)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.send("GET", path, **options)

    def post(
        self, path: str, fields: Mapping[str, str | Sequence[str]] | None = None, **options: Any
    ) -> httpx.Response:
        """Send a form with the visit's token and this origin; `headers` of the options outweigh."""
        headers = {"origin": self.address, **options.pop("headers", {})}
        return self.send("POST", path, data={"csrf": self.csrf(), **(fields or {})}, headers=headers, **options)

    def csrf(self) -> str:
        """The token of the forms of this visit."""
        token = self.http.cookies.get(self.cookie)
        if token is None:
            page = self.get("/signin")
            if page.is_redirect:
                page = self.get(page.headers["location"])
            found = re.search(r'name="csrf" value="(\w+)"', page.text)
            assert found, page.text
            return found[1]
        return str(self.app.state.sessions.csrf(token))

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """The page that an answer leads to."""
        assert answer.is_redirect, answer.text
        return self.get(answer.headers["location"])
