"""A connection that a test can cut."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Wire:
    """A line to an address on this machine, which can be cut in the middle of a word."""

    def __init__(self, address: str) -> None:
        self._far = ("127.0.0.1", int(address.rsplit(":", 1)[1]))
        self._server = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Wire:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self.cut()

    def cut(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(self._far)
                self._ends += [near, far]
                for one, another in ((near, far), (far, near)):
                    threading.Thread(target=_pipe, args=(one, another), daemon=True).start()


def _pipe(one: socket.socket, another: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            another.sendall(data)
        another.shutdown(socket.SHUT_WR)
