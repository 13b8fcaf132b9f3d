"""A citizen who behaves as the widget does: sends a message with a key, and the same again when no answer came."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Sequence, Tuple

import aiohttp

from benchmarks.load.recording import Recorded

PAUSE_SECONDS = 0.5
RETRY_SECONDS = 1.0
PATIENCE_SECONDS = 20.0
"""How long one message is sent again; then the citizen goes on with the next."""
TIMEOUT_SECONDS = 15.0


@dataclass
class Said:
    """A message, when it was sent first, and its end: the ids of the answers, or None for a refusal."""

    text: str
    at: float
    answers: Optional[List[List[str]]] = None
    done: float = 0.0
    tries: int = 0


@dataclass
class Talk:
    """One conversation; `lost` when its session was refused."""

    script: int
    token: str
    said: List[Said] = field(default_factory=list)
    lost: bool = False


class Citizens:
    """Some citizens who talk until they are told to stop; `refusals` counts every answer that was none."""

    def __init__(self, address: str, scripts: Sequence[Recorded], number: int) -> None:
        self._address = address
        self._scripts = scripts
        self._number = number
        self._stop = asyncio.Event()
        self._next = 0
        self.talks: List[Talk] = []
        self.refusals: Counter[str] = Counter()
        self.dishonest: List[str] = []
        """Answers that are neither an answer nor a refusal in the form that the API promises."""

    async def run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as http:
            await asyncio.gather(*(self._talk(http) for _ in range(self._number)))

    def stop(self) -> None:
        self._stop.set()

    def answered_since(self, moment: float) -> List[float]:
        """When messages that were sent after that moment were answered."""
        return [s.done for talk in self.talks for s in talk.said if s.answers is not None and s.done >= moment]

    async def _talk(self, http: aiohttp.ClientSession) -> None:
        while not self._stop.is_set():
            script = self._next % len(self._scripts)
            self._next += 1
            opening, _ = await self._post(http, "/chat/sessions", {"language": "de"}, {})
            if opening is None:
                await self._pause(RETRY_SECONDS)
                continue
            talk = Talk(script, opening["session"])
            self.talks.append(talk)
            for turn in self._scripts[script].turns:
                if self._stop.is_set() or talk.lost:
                    break
                await self._say(http, talk, turn["text"])
                await self._pause(PAUSE_SECONDS)

    async def _say(self, http: aiohttp.ClientSession, talk: Talk, text: str) -> None:
        said = Said(text, time.monotonic())
        talk.said.append(said)
        headers = {"Authorization": f"Bearer {talk.token}", "Idempotency-Key": secrets.token_hex(16)}
        while said.tries == 0 or time.monotonic() - said.at < PATIENCE_SECONDS:
            said.tries += 1
            answer, refusal = await self._post(http, "/chat/messages", {"text": text}, headers)
            if answer is not None:
                said.answers = [[str(m["answer"]), str(m["id"])] for m in answer["messages"]]
                said.done = time.monotonic()
                return
            if refusal in ("session_expired", "session_ended", "bad_session"):
                talk.lost = True
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _post(
        self, http: aiohttp.ClientSession, path: str, body: Dict[str, str], headers: Dict[str, str]
    ) -> Tuple[Optional[Dict[str, Any]], str]:
        """The answer, or None and the code of the refusal."""
        try:
            async with http.post(self._address + path, json=body, headers=headers) as answer:
                if answer.status in (200, 201):
                    found: Dict[str, Any] = await answer.json()
                    return found, ""
                return None, await self._refused(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.refusals["no connection" if isinstance(error, aiohttp.ClientConnectionError) else "no answer"] += 1
        return None, ""

    async def _refused(self, answer: aiohttp.ClientResponse) -> str:
        """The code of the refusal; notes what is none."""
        if answer.headers.get("Server", "").startswith("nginx") and answer.status in (502, 504):
            self.refusals[f"nginx {answer.status}"] += 1
            return ""
        try:
            code = str((await answer.json())["error"]["code"])
        except (ValueError, KeyError, TypeError, aiohttp.ClientError):
            self.dishonest.append(f"status {answer.status} without an error body")
            return ""
        self.refusals[f"{answer.status} {code}"] += 1
        if answer.status >= 500 and answer.status != 503:
            self.dishonest.append(f"status {answer.status} {code}")
        return code

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return
