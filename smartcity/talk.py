"""The assistant in the terminal: `smartcity ask` and `smartcity chat`."""

from __future__ import annotations

import datetime as dt
from typing import Any, Callable, Dict, List, Mapping, Protocol

import httpx

from smartcity.runtime.model import train_when_stale
from smartcity.settings import Settings


class Assistant(Protocol):
    """Whatever answers: the running gateway or Rasa in this process."""

    def say(self, text: str) -> List[Dict[str, Any]]: ...

    def press(self, payload: str) -> List[Dict[str, Any]]: ...


class RunningAssistant:
    """The assistant behind a running gateway."""

    def __init__(self, address: str, language: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=15)
        session = self._client.post("/chat/sessions", json={"language": language})
        session.raise_for_status()
        self.greeting: List[Dict[str, Any]] = session.json()["messages"]
        self._client.headers["Authorization"] = f"Bearer {session.json()['session']}"

    def say(self, text: str) -> List[Dict[str, Any]]:
        return self._post({"text": text})

    def press(self, payload: str) -> List[Dict[str, Any]]:
        return self._post({"payload": payload})

    def _post(self, body: Mapping[str, str]) -> List[Dict[str, Any]]:
        answer = self._client.post("/chat/messages", json=dict(body))
        if answer.is_error:
            return [{"text": answer.json()["error"]["message"], "buttons": [], "links": [], "source": None}]
        messages: List[Dict[str, Any]] = answer.json()["messages"]
        return messages


class _InProcess:
    def __init__(self, settings: Settings, language: str) -> None:
        from smartcity.runtime.local_assistant import LocalAssistant

        self._assistant = LocalAssistant(settings, train_when_stale(settings))
        self._language = language

    def say(self, text: str) -> List[Dict[str, Any]]:
        return self._assistant.say(text, language=self._language)

    def press(self, payload: str) -> List[Dict[str, Any]]:
        return self._assistant.press(payload, language=self._language)


def connect(settings: Settings, language: str) -> Assistant:
    """The running assistant when there is one at HOST:PORT, else one in this process."""
    try:
        return RunningAssistant(f"http://{settings.host}:{settings.port}", language)
    except (httpx.HTTPError, KeyError, ValueError):
        return _InProcess(settings, language)


def shown(message: Mapping[str, Any]) -> str:
    """A message as lines for the terminal: text, source, links, numbered buttons."""
    lines = [message["text"]]
    source = message.get("source")
    if source:
        when = f"Stand {source['as_of']}" if source["dated"] else f"ohne Datum, gelesen am {_day(source['read'])}"
        lines.append(f"  Quelle: {source['title']} ({when})\n          {source['url']}")
    lines += [f"  → {link['title']}: {link['url']}" for link in message.get("links", ())]
    lines += [f"  [{number}] {button['title']}" for number, button in enumerate(message.get("buttons", ()), 1)]
    return "\n".join(lines)


def _day(iso: str) -> str:
    return dt.date.fromisoformat(iso).strftime("%d.%m.%Y")


def ask(settings: Settings, question: str, language: str) -> str:
    """The answer to one question, as text with its source."""
    return "\n".join(shown(message) for message in connect(settings, language).say(question))


def chat(settings: Settings, language: str, read: Callable[[str], str] = input) -> None:
    """A conversation in the terminal; a number presses a button, an empty line or Ctrl-D ends it."""
    assistant = connect(settings, language)
    messages: List[Dict[str, Any]] = assistant.press("/greet") if isinstance(assistant, _InProcess) else []
    if isinstance(assistant, RunningAssistant):
        messages = assistant.greeting
    while True:
        print("\n".join(shown(message) for message in messages))
        try:
            said = read("\n> ").strip()
        except (EOFError, KeyboardInterrupt):
            said = ""
        if not said:
            return
        buttons = [button for message in messages for button in message.get("buttons", ())]
        if said.isdigit() and 0 < int(said) <= len(buttons):
            messages = assistant.press(buttons[int(said) - 1]["payload"])
        else:
            messages = assistant.say(said)
