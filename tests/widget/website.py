"""A city's website on an origin of its own, under the strictest policy that docs/website.md promises."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

PIXEL = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#c00"/></svg>'


class Website:
    """Serves `head` and `body` in a page in German; both are given anew by each test."""

    def __init__(self) -> None:
        self.gateway = ""
        self.reset()
        self.app = Starlette(
            routes=[
                Route("/wappen.svg", self._logo, methods=["GET"]),
                Route("/{page:path}", self._page, methods=["GET"]),
            ]
        )

    def reset(self) -> None:
        self.html = '<html lang="de">'
        self.head: str | None = None
        self.body = "<smartcity-chat></smartcity-chat>"
        self.policy_more = ""

    @property
    def policy(self) -> str:
        """The policy of docs/website.md for a site that loads everything from the gateway."""
        return (
            f"default-src 'none'; script-src {self.gateway}; connect-src {self.gateway}; "
            f"require-trusted-types-for 'script'; trusted-types 'none'{self.policy_more}"
        )

    async def _page(self, request: Request) -> Response:
        script = f'<script type="module" src="{self.gateway}/widget/smartcity-chat.js"></script>'
        text = (
            f"<!doctype html>{self.html}<head><meta charset='utf-8'><title>Stadt</title>"
            f"<meta name='viewport' content='width=device-width, initial-scale=1'>"
            f"{script if self.head is None else self.head}</head>"
            f"<body><main><h1>Stadt</h1><a href='/seite/2'>Weiter</a></main>{self.body}</body></html>"
        )
        return HTMLResponse(text, headers={"Content-Security-Policy": self.policy})

    async def _logo(self, request: Request) -> Response:
        return Response(PIXEL, media_type="image/svg+xml")
