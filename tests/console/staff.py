"""A member of staff's browser without a window: cookies, forms with their token, the same origin."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from httpx import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

ADDRESS = "http://127.0.0.1:8090"


class Staff:
    """`get` a page, `post` a form as the browser would from that page."""

    def __init__(self, app: Starlette, account_id: int | None = None, address: str = ADDRESS) -> None:
        self.app = app
        self.account_id = account_id
        self.address = address
        self.http = TestClient(app, base_url=address, follow_redirects=False)
        if account_id is not None:
            self.http.cookies.set("console", app.state.sessions.begin(account_id))

    def get(self, path: str, **options: Any) -> Response:
        return self.http.get(path, **options)

    def post(self, path: str, fields: Mapping[str, str | Sequence[str]] | None = None, **options: Any) -> Response:
        """Send a form with the visit's token and this origin; `headers` of the options outweigh."""
        headers = {"origin": self.address, **options.pop("headers", {})}
        return self.http.post(path, data={"csrf": self.csrf(), **(fields or {})}, headers=headers, **options)

    def csrf(self) -> str:
        """The token of the forms of this visit."""
        token = self.http.cookies.get("console")
        if token is None:
            page = self.get("/signin")
            if page.is_redirect:
                page = self.get(page.headers["location"])
            found = re.search(r'name="csrf" value="(\w+)"', page.text)
            assert found, page.text
            return found[1]
        return str(self.app.state.sessions.csrf(token))

    def __enter__(self) -> Staff:
        self.http.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.__exit__(kind, error, trace)
