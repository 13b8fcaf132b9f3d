"""What a client takes, and how gladly: the headers Accept and Accept-Encoding."""

from __future__ import annotations

LONGEST = 500
"""More of a header is not read."""


def prefers_events(accept: str) -> bool:
    """Whether server-sent events are wanted rather than JSON; where both are as welcome it is JSON."""
    wanted = _weights(accept)
    for kind in ("application/json", "application/*", "*/*"):
        if kind in wanted:
            return wanted.get("text/event-stream", 0) > wanted[kind]
    return wanted.get("text/event-stream", 0) > 0


def takes_gzip(accept_encoding: str) -> bool:
    wanted = _weights(accept_encoding)
    return wanted.get("gzip", wanted.get("*", 0)) > 0


def _weights(header: str) -> dict[str, float]:
    """Each value that is named with its quality, by default 1; what cannot be read counts as 0."""
    found = {}
    for part in header[:LONGEST].split(","):
        value, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            found[value] = float(quality)
        except ValueError:
            found[value] = 0.0
    return found
