"""Ports for programs that tests start: they stay free until the program comes to take them."""

from __future__ import annotations

import os
import random
import socket
from typing import List

# The system gives its own choice of ports (port 0, outgoing connections) from 32768 on. A port found there is often
# taken by another test before a program that trains first listens on it, and that test's server answers in its place.
LOWEST, HIGHEST = 18_000, 32_000
_PROCESSES = 7
"""Processes of pytest-xdist (and one without it) have ports of their own."""


def free_ports(count: int) -> List[int]:
    """Ports of the loopback interface on which nothing listens, and which nobody is given by chance."""
    width = (HIGHEST - LOWEST) // _PROCESSES
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")
    lowest = LOWEST + (int(worker) + 1) % _PROCESSES * width
    found: List[int] = []
    for port in random.sample(range(lowest, lowest + width), width):
        if len(found) == count:
            break
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    return found


def free_port() -> int:
    """One of them."""
    (port,) = free_ports(1)
    return port
