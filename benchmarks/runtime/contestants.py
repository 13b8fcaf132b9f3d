"""The assistants that are measured: how each is started and talked to."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from pathlib import Path
from typing import Dict, List, Protocol

import aiohttp
import yaml

from benchmarks.own_assistant import OwnAssistant
from benchmarks.places import STOCK_PYTHON
from benchmarks.programs import LOOPBACK, Process, Program, free_port


class Contestant(Protocol):
    """An assistant that can be started, measured and talked to."""

    name: str

    def start(self) -> ExitStack:
        """Start all processes; closing the stack ends them."""

    def check_running(self) -> None:
        """Raise ProgramError when a process has ended."""

    def processes(self) -> List[Process]:
        """All processes of the assistant."""

    async def begin(self, http: aiohttp.ClientSession) -> str:
        """Begin a conversation; what `say` needs of it. Raises aiohttp.ClientError while it is not ready."""

    async def say(self, http: aiohttp.ClientSession, conversation: str, text: str) -> bool:
        """Whether the message was answered."""


class DefaultAssistant:
    """Stock Rasa on its REST channel with a separate action server and the default tracker store."""

    name = "Rasa's default assistant"

    def __init__(self, model: Path, folder: Path) -> None:
        self._model = model
        self._folder = folder
        self._programs: List[Program] = []
        self._address = ""

    def start(self) -> ExitStack:
        port, actions = free_port(), free_port()
        self._address = f"http://{LOOPBACK}:{port}/webhooks/rest/webhook"
        self._folder.mkdir(parents=True, exist_ok=True)
        credentials, endpoints = self._folder / "credentials.yml", self._folder / "endpoints.yml"
        credentials.write_text("rest:\n", "utf-8")
        endpoints.write_text(yaml.safe_dump({"action_endpoint": {"url": f"http://{LOOPBACK}:{actions}/webhook"}}))
        python = [str(STOCK_PYTHON), "-m"]
        server = [*python, "rasa", "run", "--interface", LOOPBACK, "--port", str(port), "--model", str(self._model)]
        server += ["--credentials", str(credentials), "--endpoints", str(endpoints)]
        stack = ExitStack()
        self._programs = [
            stack.enter_context(Program(command, self._folder / log, {"SANIC_HOST": LOOPBACK}))
            for command, log in (
                ([*python, "rasa_sdk", "--actions", "actions", "--port", str(actions)], "actions.log"),
                (server, "rasa.log"),
            )
        ]
        return stack

    def check_running(self) -> None:
        for program in self._programs:
            program.check_running()

    def processes(self) -> List[Process]:
        return [process for program in self._programs for process in program.tree()]

    async def begin(self, http: aiohttp.ClientSession) -> str:
        return secrets.token_hex(16)

    async def say(self, http: aiohttp.ClientSession, conversation: str, text: str) -> bool:
        async with http.post(self._address, json={"sender": conversation, "message": text}) as answer:
            return answer.status == 200 and bool(await answer.json())


class OurAssistant:
    """`smartcity run`, talked to through the gateway."""

    def __init__(self, name: str, folder: Path, actions: str) -> None:
        self.name = name
        self._folder = folder
        self._actions = actions

    def start(self) -> ExitStack:
        stack = ExitStack()
        self._program = stack.enter_context(OwnAssistant(self._folder, self._actions))
        return stack

    def check_running(self) -> None:
        self._program.check_running()

    def processes(self) -> List[Process]:
        return self._program.tree()

    async def begin(self, http: aiohttp.ClientSession) -> str:
        async with http.post(f"{self._program.address}/chat/sessions", json={"language": "de"}) as answer:
            answer.raise_for_status()
            return str((await answer.json())["session"])

    async def say(self, http: aiohttp.ClientSession, conversation: str, text: str) -> bool:
        headers: Dict[str, str] = {"Authorization": f"Bearer {conversation}"}
        address = f"{self._program.address}/chat/messages"
        async with http.post(address, json={"text": text}, headers=headers) as answer:
            return answer.status == 200 and bool((await answer.json())["messages"])
