"""The load generator, a process of its own: python -m benchmarks.load.generator PLAN RESULT.

It plays conversations that begin at times drawn beforehand (an open model: a slow assistant does not slow the
citizens down). A turn's time counts from the moment at which it was due, so a generator that lags shows itself.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

import aiohttp
import uvloop

MOST_OPEN = 3_000
"""Conversations at a time; more are counted as given up."""
DRAIN_SECONDS = 30.0
AFTER_SECONDS = 0.5
"""How long after the measured time turns still begin, so that its end is as busy as its middle."""
TIMEOUT_SECONDS = 30.0


class Generator:
    def __init__(self, plan: Dict[str, Any]) -> None:
        self._plan = plan
        self._random = random.Random(plan["seed"])
        self._held: List[Dict[str, Any]] = []
        self._given_up = 0
        self._begun = 0.0
        self._lags: List[float] = []

    async def run(self) -> Dict[str, Any]:
        plan = self._plan
        turns = sum(len(one["turns"]) + 1 for one in plan["conversations"]) / len(plan["conversations"])
        length = plan["warm"] + plan["seconds"]
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=10)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector, trust_env=False) as http:
            self._begun = asyncio.get_running_loop().time()
            begun_at = time.time()
            tasks: set[asyncio.Task[None]] = set()
            due, deck = 0.0, []
            while (due := due + self._random.expovariate(plan["rate"] / turns)) < length:
                await self._until(due)
                if len(tasks) >= MOST_OPEN:
                    self._given_up += 1
                    continue
                if not deck:
                    deck = list(range(len(plan["conversations"])))
                    self._random.shuffle(deck)
                task = asyncio.create_task(self._hold(http, deck.pop(), due))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            if tasks:
                _, late = await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
                for one in late:
                    one.cancel()
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "begun_at": begun_at,
            "processor": used.ru_utime + used.ru_stime,
            "lasted": asyncio.get_running_loop().time() - self._begun,
            "lags": sorted(self._lags)[:: max(1, len(self._lags) // 1000)],
            "given_up": self._given_up,
            "conversations": self._held,
        }

    async def _until(self, due: float) -> None:
        wait = self._begun + due - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)
            self._lags.append(asyncio.get_running_loop().time() - self._begun - due)

    async def _hold(self, http: aiohttp.ClientSession, number: int, due: float) -> None:
        one = self._plan["conversations"][number]
        record: Dict[str, Any] = {"number": number, "token": None, "turns": []}
        self._held.append(record)
        opening = await self._post(http, record, "/chat/sessions", {"language": one["language"]}, None, due)
        if opening is None:
            return
        record["token"] = opening["session"]
        headers = {"Authorization": f"Bearer {opening['session']}"}
        messages: List[Dict[str, Any]] = []
        for turn in one["turns"]:
            now = asyncio.get_running_loop().time() - self._begun
            due = now + self._random.expovariate(1 / self._plan["think"])
            if due > self._plan["warm"] + self._plan["seconds"] + AFTER_SECONDS:
                # Nobody measures this any more; whoever has asked already is waited for.
                return
            await self._until(due)
            body = {"text": turn["text"]} if "text" in turn else {"payload": _payload(messages, turn["press"])}
            answer = await self._post(http, record, "/chat/messages", body, headers, due)
            if answer is None:
                return
            messages = answer["messages"]

    async def _post(
        self,
        http: aiohttp.ClientSession,
        record: Dict[str, Any],
        path: str,
        body: Dict[str, str],
        headers: Optional[Dict[str, str]],
        due: float,
    ) -> Optional[Dict[str, Any]]:
        turn: Dict[str, Any] = {"due": due, "took": None, "status": None, "text": body.get("text")}
        record["turns"].append(turn)
        found = None
        try:
            async with http.post(self._plan["address"] + path, json=body, headers=headers) as answer:
                turn["status"] = answer.status
                content = await answer.read()
                if answer.status in (200, 201):
                    found = json.loads(content)
                    turn["answers"] = [[m["answer"], m["id"]] for m in found["messages"]]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            turn["status"] = type(error).__name__
        turn["took"] = asyncio.get_running_loop().time() - self._begun - due
        return found


def _payload(messages: List[Dict[str, Any]], title: str) -> str:
    found = (b["payload"] for m in messages for b in m["buttons"] if b["title"] == title)
    return str(next(found, "no such button"))


def main() -> None:
    """Play the plan, write what came."""
    plan, result = (Path(argument) for argument in sys.argv[1:3])
    uvloop.install()
    found = asyncio.run(Generator(json.loads(plan.read_text("utf-8"))).run())
    result.write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main()
