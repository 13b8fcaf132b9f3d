"""A stand-in for Rasa that answers each person with what they said, and knows what was deleted."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

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
        self.answers: dict[tuple[str, str], asyncio.Future[dict[str, Any]]] = {}
        """By sender and key, as Rasa knows messages that come again."""

    async def _webhook(self, request: Request) -> Response:
        said = await request.json()
        if said["sender"] in self.deleted:
            return JSONResponse({"error": "deleted"}, 410)
        if self.down:
            self.down -= 1
            return JSONResponse({"error": "down"}, 503)
        known = (said["sender"], said["key"])
        if known not in self.answers:
            self.answers[known] = asyncio.ensure_future(self._turn(said))
        lines = [{"message": await asyncio.shield(self.answers[known])}, {"done": True}]
        return Response("".join(json.dumps(line) + "\n" for line in lines), media_type="application/x-ndjson")

    async def _turn(self, said: dict[str, Any]) -> dict[str, Any]:
        self.received.append(said)
        await asyncio.sleep(random.random() * self.slow)
        text = f"Antwort auf {said.get('text') or said['payload']}"
        return {"text": text, "language": said["language"], "answer": self.answer}

    async def _forget(self, request: Request) -> Response:
        answer = await super()._forget(request)
        if answer.status_code == 204:
            self.deleted.add(self.forgotten[-1])
        return answer
