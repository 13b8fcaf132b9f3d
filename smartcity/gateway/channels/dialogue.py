"""Dialogue: what a message on a messenger is answered with, by Rasa or by ourselves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from smartcity.gateway.channels.answers import Answer, own, plain
from smartcity.gateway.channels.channel import Channel, Incoming
from smartcity.gateway.channels.pseudonyms import Pseudonyms
from smartcity.gateway.channels.records import Person
from smartcity.gateway.channels.store import Store
from smartcity.gateway.channels.words import command, say, typed_number
from smartcity.gateway.errors import GatewayError
from smartcity.gateway.exchanges import TURN_SECONDS
from smartcity.gateway.messages import clean_text, public_message
from smartcity.gateway.rasa_client import GREETING, Gone, RasaClient, Unavailable
from smartcity.gateway.texts import sentence
from smartcity.settings import Settings

MOST_TURNS = 32
"""Turns with Rasa at a time."""
MOST_CONVERSATIONS = 50
OWN = {"other": "only_text", "unreadable": "unreadable"}
"""Sentences of our own for what is no text that can be read."""
ASK_AGAIN = (0.5, 2.0)
"""Pauses after which Rasa is asked again before a person reads that it cannot be reached."""


class Dialogue:
    def __init__(self, settings: Settings, rasa: RasaClient, pseudonyms: Pseudonyms) -> None:
        self._rasa = rasa
        self._pseudonyms = pseudonyms
        self._longest: int = settings.max_text
        self._privacy = f"{settings.public_url}/datenschutz"
        self._turns = asyncio.Semaphore(MOST_TURNS)

    async def answer(self, store: Store, channel: Channel, said: Incoming, person: Person, key: str) -> Answer:
        """The answer; `key` is the same when the same message is answered again."""
        asked = said.kind if said.kind != "text" else command(said.text) or "text"
        if asked == "stop":
            return await self._forget(store, channel, person)
        if asked == "too_many":
            return own(person, sentence("too_many_messages", person.spoken, retry_after=60))
        greeted = replace(person, greeted=True)
        if asked == "start":
            answer = await self._turn(channel, greeted, key, payload=GREETING)
            if answer.from_rasa and not person.greeted:
                first = answer.messages[0]
                first["text"] += "\n\n" + say("privacy", first["language"], privacy=self._privacy)
                return answer
        else:
            answer = await self._to_words(store, channel, said, asked, greeted, key)
            if said.edited:
                first = answer.messages[0]
                first["text"] = f"{say('edited', first['language'])}\n{first['text']}"
        if not person.greeted:
            spoken = answer.person.spoken
            answer.messages.insert(0, plain(say("first_contact", spoken, privacy=self._privacy), spoken))
        return answer

    async def _to_words(
        self, store: Store, channel: Channel, said: Incoming, asked: str, person: Person, key: str
    ) -> Answer:
        if asked in OWN:
            return own(person, say(OWN[asked], person.spoken))
        reference: str | None = None
        if asked == "press":
            reference = said.text
        elif (number := typed_number(said.text)) is not None and 1 <= number <= len(person.numbered):
            reference = person.numbered[number - 1]
        if reference is not None:
            payload = None
            if reference.isascii():
                payload = await store.run(store.people.payload, person.person, reference)
            if payload is None:
                return own(person, say("old_button", person.spoken))
            return await self._turn(channel, person, key, payload=payload)
        try:
            text = clean_text(said.text, self._longest)
        except GatewayError as error:
            if error.code == "blank":
                return own(person, say("only_text", person.spoken))
            return own(person, sentence(error.code, person.spoken, **error.values))
        return await self._turn(channel, person, key, text=text)

    async def _turn(self, channel: Channel, person: Person, key: str, **said: str) -> Answer:
        """Rasa's answer; a kind sentence where it stops short."""
        answer = Answer(person)
        try:
            async with (
                self._turns,
                asyncio.timeout(TURN_SECONDS),
                aclosing(self._asked(channel, answer, key, **said)) as said_back,
            ):
                async for message in said_back:
                    answer.messages.append(message)
                    answer.from_rasa = True
                    answer.person = replace(answer.person, spoken=str(message["language"]))
        except (Unavailable, TimeoutError):
            spoken = answer.person.spoken
            answer.messages.append(plain(sentence("unavailable", spoken), spoken))
        return answer

    async def _asked(
        self, channel: Channel, answer: Answer, key: str, **said: str
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Rasa's messages in the public shape. Raises Unavailable."""
        pauses = list(ASK_AGAIN)
        conversations = 0
        while True:
            sender = self._pseudonyms.sender(answer.person)

            def seal(payload: str, sender: str = sender) -> str:
                reference = self._pseudonyms.reference(sender, payload)
                answer.choices[reference] = payload
                return reference

            language = answer.person.language
            came = False
            try:
                turn = self._rasa.turn(sender, language, channel=channel.name, key=key, **said)
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

    async def _forget(self, store: Store, channel: Channel, person: Person) -> Answer:
        spoken = person.spoken
        for pause in (*ASK_AGAIN, None):
            try:
                await self._rasa.forget(self._pseudonyms.sender(person), channel=channel.name)
                break
            except (Unavailable, Gone):
                if pause is None:
                    return own(person, say("not_forgotten", spoken))
                await asyncio.sleep(pause)
        await store.run(store.people.forget, person, self._pseudonyms.name(channel.name, person), time.time())
        return own(Person(person.person, person.number + 1), say("forgotten", spoken), spoken)
