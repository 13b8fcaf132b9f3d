"""The pages and their files, read once and served from memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.gateway.headers import policy

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Pages:
    def __init__(self, origins: Iterable[str], folder: Path = FOLDER) -> None:
        self._framed = policy(" ".join(["'self'", *origins]))
        self._files = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in TYPES}
        self._tags = {name: f'"{hashlib.sha256(body).hexdigest()[:16]}"' for name, body in self._files.items()}

    def routes(self) -> list[Route]:
        return [
            Route("/", self.demonstration, methods=["GET"]),
            Route("/chat", self.frame, methods=["GET"]),
            Route("/datenschutz", self.privacy, methods=["GET"]),
            Route("/static/{name}", self.file, methods=["GET"]),
        ]

    async def demonstration(self, request: Request) -> Response:
        return self._served(request, "index.html")

    async def frame(self, request: Request) -> Response:
        """The chat alone, for an iframe on the websites that may use it."""
        page = self._served(request, "frame.html")
        page.headers["Content-Security-Policy"] = self._framed
        return page

    async def privacy(self, request: Request) -> Response:
        return self._served(request, "privacy.html")

    async def file(self, request: Request) -> Response:
        return self._served(request, request.path_params["name"])

    def _served(self, request: Request, name: str) -> Response:
        if name not in self._files:
            raise HTTPException(404)
        headers = {"Cache-Control": "no-cache", "ETag": self._tags[name]}
        if request.headers.get("if-none-match") == self._tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(self._files[name], headers=headers, media_type=TYPES[Path(name).suffix])
