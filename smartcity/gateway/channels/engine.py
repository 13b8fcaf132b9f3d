"""The engine of all messengers: takes what platforms call in with, asks Rasa, and sends the answers.

What came is in the store before the platform gets its 200. Each person has one worker, which sends what waits,
then answers the next message: so the order of one person is kept, also over a restart. A part is sent at least
once: when the process is killed between sending and noting it, that one part goes out again.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from smartcity.gateway.bodies import read_raw
from smartcity.gateway.channels.channel import Channel, Forged, Incoming, Later, Mark, Refused, Webhook
from smartcity.gateway.channels.delivery import Delivery, Patience
from smartcity.gateway.channels.store import PRIVATE, SEEN_SECONDS, Arrived, Letter, Part, Person, Store, Waiting
from smartcity.gateway.channels.words import command, language_of, say, typed_number
from smartcity.gateway.errors import RETRY_SECONDS, GatewayError, log_failure
from smartcity.gateway.exchanges import TURN_SECONDS
from smartcity.gateway.limits import Buckets, Limits
from smartcity.gateway.messages import clean_text, public_message
from smartcity.gateway.rasa_client import GREETING, Gone, RasaClient, Unavailable
from smartcity.gateway.texts import sentence
from smartcity.settings import Settings

logger = logging.getLogger("smartcity.gateway")

MOST_WAITING = 10_000
"""Messages that wait for an answer; beyond that platforms are told to come again."""
MOST_OF_PERSON = 20
MOST_TURNS = 32
"""Turns with Rasa at a time."""
LONGEST_REFERENCE = 100
"""More of what a button brings back is not looked at."""
MOST_CONVERSATIONS = 50
OF_FORMS = ("inquiry/", "withdrawal/")
"""Beginnings of the ids of answers that may repeat what a citizen told a form."""
TIDY_SECONDS = 3600.0
EMPTY_SECONDS = 3.0
"""How often what has been kept long enough is removed, and how often the database's log is emptied."""
ASK_AGAIN = (0.5, 2.0)
"""Pauses after which Rasa is asked again before a person reads that it cannot be reached."""


@dataclass
class Answer:
    """What a message is answered with: public messages, and what is remembered."""

    person: Person
    messages: list[dict[str, Any]] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    from_rasa: bool = False
    """Whether Rasa said any of it: our own sentences leave numbered choices valid."""


class Engine:
    def __init__(
        self,
        settings: Settings,
        rasa: RasaClient,
        limits: Limits,
        channels: Iterable[Channel],
        webhooks: Mapping[str, Sequence[str]],
        patience: Patience | None = None,
    ) -> None:
        """`webhooks` are the names and methods of all webhooks, also of platforms that are off."""
        self._channels = {channel.name: channel for channel in channels}
        self._webhooks = webhooks
        self._settings = settings
        self._rasa = rasa
        self._limits = limits
        self._patience = patience or Patience()
        self._delivery = Delivery(self._channels, self._patience)
        self._longest: int = settings.max_text
        self._public: str = settings.public_url
        self._key = settings.secret_for("channels").encode() if self._channels else b""
        self._often = Buckets(settings.messages_per_minute) if settings.limits else None
        self._told = Buckets(1)
        self._turns = asyncio.Semaphore(MOST_TURNS)
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        assert self._store is not None, "the engine was not started"
        return self._store

    def routes(self) -> list[Route]:
        return [
            Route(f"/channels/{name}", partial(self._take, name), methods=list(methods))
            for name, methods in self._webhooks.items()
        ]

    async def start(self) -> None:
        """Open the store and go on where the last process ended."""
        if not self._channels:
            return
        self._store = Store(self._settings.var / "channels.db")
        for person in self.store.persons():
            self._wake(person)
        self._begin(self._tidy())
        for channel in self._channels.values():
            mark = Mark(partial(self.store.mark, channel.name), partial(self.store.set_mark, channel.name))
            self._begin(self._listen(channel, mark))

    async def close(self) -> None:
        """Stop; what is just being sent is sent and noted."""
        if self._store is None:
            return
        tasks = [*self._workers.values(), *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._delivery.close()
        for channel in self._channels.values():
            await channel.close()
        self._store.close()

    async def _take(self, name: str, request: Request) -> Response:
        channel = self._channels.get(name)
        if channel is None:
            raise GatewayError("not_found")
        body = b"" if request.method in ("GET", "HEAD") else await read_raw(request, channel.most_bytes)
        query = f"?{request.url.query}" if request.url.query else ""
        address = f"{self._public}/channels/{name}{query}"
        webhook = Webhook(body, request.headers, request.query_params, address, time.time())
        try:
            if request.method in ("GET", "HEAD"):
                return PlainTextResponse(channel.handshake(webhook), headers={"Cache-Control": "no-store"})
            channel.verify(webhook)
        except Forged:
            # Platforms themselves may call as often as they like.
            await self._limits.count_address(request.scope)
            raise GatewayError("bad_signature") from None
        try:
            found = channel.parse(webhook)
        except (ValueError, RecursionError):
            raise GatewayError("malformed_json") from None
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            # Signed and yet of an unknown shape: refused, it would come again and again.
            log_failure(error)
            found = []
        self.accept(channel, found)
        return channel.receipt(webhook)

    def accept(self, channel: Channel, found: Iterable[Incoming]) -> None:
        """Take in what persons said. Raises GatewayError, and takes nothing, when too much waits already."""
        now = time.time()
        fresh = [one for one in found if one.time is None or now - one.time < SEEN_SECONDS]
        if not fresh:
            return
        if self.store.waiting() + len(fresh) > MOST_WAITING:
            raise GatewayError("unavailable", retry_after=RETRY_SECONDS)
        arrived = [self._arrived(channel, one) for one in fresh]
        for person in self.store.accept([one for one in arrived if one is not None], now):
            self._wake(person)

    def _arrived(self, channel: Channel, one: Incoming) -> Arrived | None:
        """The message as it is kept; None for one too many of a person who was told so a moment ago."""
        seen = self._digest(channel.name, "id", one.id)
        person = self._digest(channel.name, "person", one.person)
        stops = one.kind == "text" and command(one.text) == "stop"
        said: dict[str, Any] = asdict(one)
        # Only what answering needs stays on disk.
        del said["id"], said["person"]
        if not stops and one.kind != "failed" and not self.store.has_seen(seen) and self._too_many(person):
            if self._told.take(person):
                return None
            said |= {"kind": "too_many", "text": ""}
        said["text"] = said["text"][: max(self._longest + 1, LONGEST_REFERENCE)]
        return Arrived(seen, person, channel.name, said, stops)

    def _too_many(self, person: str) -> bool:
        too_often = self._often is not None and self._often.take(person) > 0
        return too_often or self.store.waiting_of(person) >= MOST_OF_PERSON

    def _digest(self, *parts: str) -> str:
        return hmac.new(self._key, "\0".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]

    def _sender(self, person: Person) -> str:
        """The name of the conversation for Rasa: another one after each stop."""
        return self._digest("sender", person.person, str(person.number)) if person.number else person.person

    def _reference(self, sender: str, payload: str) -> str:
        """The short name of a choice: the same for the same choice, not to be guessed."""
        digest = hmac.new(self._key, f"choice\0{sender}\0{payload}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:12]).decode()

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tidy(self) -> None:
        due = 0.0
        while True:
            try:
                if time.monotonic() >= due:
                    due = time.monotonic() + TIDY_SECONDS
                    self.store.tidy(time.time())
                self.store.empty_log()
            except Exception as error:
                log_failure(error)
            await asyncio.sleep(EMPTY_SECONDS)

    async def _listen(self, channel: Channel, mark: Mark) -> None:
        """Let the platform prepare and fetch; no fault ends it for good."""
        attempt = 0
        while True:
            attempt += 1
            pause = self._patience.pause(attempt)
            try:
                await channel.prepare()
                await channel.listen(partial(self.accept, channel), mark)
                return
            except (Later, Refused) as failure:
                logger.warning(json.dumps({"channel": channel.name, "failure": failure.reason}))
                pause = max(pause, getattr(failure, "seconds", None) or 0.0)
            except Exception as error:
                log_failure(error)
            await asyncio.sleep(pause)

    def _wake(self, person: str) -> None:
        """Let the person's worker look; one at most runs."""
        if person in self._workers:
            self._delivery.wake(person)
            return
        task = asyncio.create_task(self._work(person))
        self._workers[person] = task

    async def _work(self, person: str) -> None:
        try:
            while True:
                if (part := self.store.next_part(person)) is not None:
                    await self._delivery.deliver(self.store, part)
                elif (waiting := self.store.next_waiting(person)) is not None:
                    await self._answer(waiting)
                else:
                    return
        except Exception as error:
            # What waits is taken up by the next message of the person, or the next start.
            log_failure(error)
        finally:
            # Nothing is awaited since the last look, so nothing can have come meanwhile.
            del self._workers[person]

    async def _answer(self, waiting: Waiting) -> None:
        channel = self._channels.get(waiting.channel)
        before = self.store.person(waiting.person)
        try:
            said = Incoming(id="", person="", **waiting.said)
        except TypeError as error:
            # Of another version: nobody knows any more what was said.
            log_failure(error)
            channel = None
        if channel is None:
            self.store.answered(waiting, [], before, {}, time.time())
            return
        if not before.language:
            language = language_of(said.language)
            before = replace(before, language=language, spoken=language)
        if said.kind == "failed":
            self.store.bury(Letter(time.time(), channel.name, self._name(channel, before), said.text, 1, None))
            self.store.answered(waiting, [], before, {}, time.time())
            return
        parts: list[Part] = []
        try:
            if said.receipt:
                with suppress(Later, Refused):
                    await channel.confirm(said)
            answer = await self._reply(channel, said, before)
            bodies = self._render(channel, answer)
        except Exception as error:
            log_failure(error)
            answer = Answer(before, [_plain(sentence("internal", before.spoken), before.spoken)])
            bodies = self._render(channel, answer)
        until = (said.time or waiting.at) + channel.window
        name = self._name(channel, answer.person)
        for body, private in bodies:
            key = (PRIVATE if private else "") + secrets.token_hex(16)
            parts.append(Part(0, waiting.person, channel.name, name, dict(said.address), dict(body), key, 0, until))
        self.store.answered(waiting, parts, answer.person, answer.choices, time.time())

    def _name(self, channel: Channel, person: Person) -> str:
        return f"{channel.name}:{self._sender(person)}"

    def _render(self, channel: Channel, answer: Answer) -> list[tuple[Mapping[str, Any], bool]]:
        """The parts to send, and whether what a form was told may stand in them.

        Numbers of choices go on through all messages of the answer.
        """
        bodies: list[tuple[Mapping[str, Any], bool]] = []
        numbered: list[str] = []
        for message in answer.messages:
            # Platforms refuse a message with the same choice twice.
            message["buttons"] = list({button["payload"]: button for button in message["buttons"]}.values())
            rendered = channel.render(message, len(numbered) + 1)
            private = str(message["answer"]).startswith(OF_FORMS)
            bodies += [(body, private) for body in rendered.parts]
            numbered += rendered.numbered
        if numbered or answer.from_rasa:
            answer.person = replace(answer.person, numbered=tuple(numbered))
        return bodies

    async def _reply(self, channel: Channel, said: Incoming, person: Person) -> Answer:
        asked = said.kind if said.kind != "text" else command(said.text) or "text"
        if asked == "stop":
            return await self._forget(channel, person)
        if asked == "too_many":
            return _own(person, sentence("too_many_messages", person.spoken, retry_after=60))
        greeted = replace(person, greeted=True)
        if asked == "start":
            answer = await self._turn(channel, greeted, payload=GREETING)
            if answer.from_rasa and not person.greeted:
                first = answer.messages[0]
                first["text"] += "\n\n" + say("privacy", first["language"], privacy=self._privacy())
                return answer
        else:
            answer = await self._to_words(channel, said, asked, greeted)
            if said.edited:
                first = answer.messages[0]
                first["text"] = f"{say('edited', first['language'])}\n{first['text']}"
        if not person.greeted:
            spoken = answer.person.spoken
            answer.messages.insert(0, _plain(say("first_contact", spoken, privacy=self._privacy()), spoken))
        return answer

    def _privacy(self) -> str:
        return f"{self._public}/datenschutz"

    async def _to_words(self, channel: Channel, said: Incoming, asked: str, person: Person) -> Answer:
        if asked == "other":
            return _own(person, say("only_text", person.spoken))
        reference: str | None = None
        if asked == "press":
            reference = said.text
        elif (number := typed_number(said.text)) is not None and 1 <= number <= len(person.numbered):
            reference = person.numbered[number - 1]
        if reference is not None:
            payload = self.store.payload(person.person, reference) if reference.isascii() else None
            if payload is None:
                return _own(person, say("old_button", person.spoken))
            return await self._turn(channel, person, payload=payload)
        try:
            text = clean_text(said.text, self._longest)
        except GatewayError as error:
            if error.code == "blank":
                return _own(person, say("only_text", person.spoken))
            return _own(person, sentence(error.code, person.spoken, **error.values))
        return await self._turn(channel, person, text=text)

    async def _turn(self, channel: Channel, person: Person, **said: str) -> Answer:
        """Rasa's answer; a kind sentence where it stops short."""
        answer = Answer(person)
        try:
            async with (
                self._turns,
                asyncio.timeout(TURN_SECONDS),
                aclosing(self._asked(channel, answer, **said)) as said_back,
            ):
                async for message in said_back:
                    answer.messages.append(message)
                    answer.from_rasa = True
                    answer.person = replace(answer.person, spoken=str(message["language"]))
        except (Unavailable, TimeoutError):
            spoken = answer.person.spoken
            answer.messages.append(_plain(sentence("unavailable", spoken), spoken))
        return answer

    async def _asked(self, channel: Channel, answer: Answer, **said: str) -> AsyncGenerator[dict[str, Any], None]:
        """Rasa's messages in the public shape. Raises Unavailable."""
        pauses = list(ASK_AGAIN)
        conversations = 0
        while True:
            sender = self._sender(answer.person)

            def seal(payload: str, sender: str = sender) -> str:
                reference = self._reference(sender, payload)
                answer.choices[reference] = payload
                return reference

            language = answer.person.language
            came = False
            try:
                turn = self._rasa.turn(sender, language, channel=channel.name, **said)
                async with aclosing(turn) as messages:
                    async for message in messages:
                        came = True
                        yield public_message(message, language, seal)
                return
            except Gone:
                # Deleted before, and the number of stops was lost since.
                conversations += 1
                if came or conversations > MOST_CONVERSATIONS:
                    raise Unavailable from None
                answer.person = replace(answer.person, number=answer.person.number + 1)
            except Unavailable:
                if came or not pauses:
                    raise
                await asyncio.sleep(pauses.pop(0))

    async def _forget(self, channel: Channel, person: Person) -> Answer:
        spoken = person.spoken
        for pause in (*ASK_AGAIN, None):
            try:
                await self._rasa.forget(self._sender(person), channel=channel.name)
                break
            except (Unavailable, Gone):
                if pause is None:
                    return _own(person, say("not_forgotten", spoken))
                await asyncio.sleep(pause)
        self.store.forget(person, self._name(channel, person), time.time())
        return _own(Person(person.person, person.number + 1), say("forgotten", spoken), spoken)


def _plain(text: str, language: str) -> dict[str, Any]:
    """A sentence of our own in the public shape."""
    return {
        "id": None, "kind": "answer", "text": text, "language": language, "buttons": [], "links": [],
        "source": None, "answer": None, "known": True, "expects": None,
    }  # fmt: skip


def _own(person: Person, text: str, language: str | None = None) -> Answer:
    return Answer(person, [_plain(text, language or person.spoken)])
