"""A server that answers at once with always the same: shows what the load generator itself can do at most."""

from __future__ import annotations

import json
import sys
from typing import Any

import uvicorn

MESSAGE = {
    "id": "0" * 32, "kind": "answer", "text": "Guten Tag. " * 20, "language": "de", "buttons": [], "links": [],
    "source": None, "answer": "talk/greet", "known": True,
}  # fmt: skip
BODY = json.dumps({"session": "none", "messages": [MESSAGE]}).encode()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The smallest ASGI application."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    uvicorn.run(application, port=int(sys.argv[1]), ws="none", log_level="warning", access_log=False)
