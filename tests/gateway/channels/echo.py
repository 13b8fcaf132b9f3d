"""A stand-in for Rasa that answers each person with what they said, and knows what was deleted."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from smartcity.runtime.repeats import Repeats, Replies

from ..standin import StandIn


class Echo(StandIn):
    """`slow` is the longest time, in seconds, that a turn takes."""

    def reset(self) -> None:
        super().reset()
        self.slow = 0.0
        self.answer: str | None = None
        """The id of every answer."""
        self.down = 0
        """How many turns fail before one is answered."""
        self.deleted: set[str] = set()
        self.repeats = Repeats()
        """What the real channel knows messages by that come again."""

    async def _webhook(self, request: Request) -> Response:
        said = await request.json()
        if said["sender"] in self.deleted:
            return JSONResponse({"error": "deleted"}, 410)
        if self.down:
            self.down -= 1
            return JSONResponse({"error": "down"}, 503)
        replies = self.repeats.find(said["sender"], said.get("key"))
        if replies is None:
            replies = Replies()
            replies.come_from(asyncio.ensure_future(self._turn(said, replies)))
            self.repeats.keep(said["sender"], said.get("key"), replies)
        lines = [{"message": await replies.get(0)}, {"done": True}]
        return Response("".join(json.dumps(line) + "\n" for line in lines), media_type="application/x-ndjson")

    async def _turn(self, said: dict[str, Any], replies: Replies) -> None:
        self.received.append(said)
        await asyncio.sleep(random.random() * self.slow)
        text = f"Antwort auf {said.get('text') or said['payload']}"
        replies.add({"text": text, "language": said["language"], "answer": self.answer})

    async def _forget(self, request: Request) -> Response:
        answer = await super()._forget(request)
        if answer.status_code == 204:
            self.deleted.add(self.forgotten[-1])
        return answer
