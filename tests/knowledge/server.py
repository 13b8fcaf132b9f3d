"""A real HTTP server on loopback in place of the city's CMS and of source pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    etag: str = ""


@dataclass
class Server:
    """`pages` by path may be changed while it runs; `seen` are path, If-None-Match and answer's status."""

    port: int
    pages: dict[str, Page] = field(default_factory=dict)
    seen: list[tuple[str, str | None, int]] = field(default_factory=list)
    slow: threading.Event = field(default_factory=threading.Event)
    """While cleared, answers wait; set at the start."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.slow.wait(20)
            page = server.pages.get(self.path, Page(status=404))
            wanted = self.headers.get("If-None-Match")
            status = 304 if page.etag and wanted == page.etag else page.status
            server.seen.append((self.path, wanted, status))
            body = b"" if status == 304 else page.body
            self.send_response(status)
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(body)))
            if page.etag:
                self.send_header("ETag", page.etag)
            self.end_headers()
            with suppress(OSError):  # the client gave up, as the test wanted
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(http.server_address[1])
    server.slow.set()
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.slow.set()
        http.shutdown()
        http.server_close()
        thread.join()
