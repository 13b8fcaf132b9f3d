"""The interface between the engine and a platform: what comes in, what goes out, and what a platform must do."""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from starlette.responses import Response

from smartcity.gateway.errors import log_failure

Address = Mapping[str, Any]
"""Where an answer goes, in the platform's own words."""
Message = Mapping[str, Any]
"""A message in the public shape, `messages.public_message`; payloads are references of at most 16 characters."""
Body = Mapping[str, Any]
"""One rendered part of a message, without the address."""

DAY = 24 * 3600.0


class Forged(Exception):
    """A request whose signature is missing, wrong or too old."""


class Later(Exception):
    """The platform takes nothing just now: send again, after `seconds` if it named them for everybody."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds


class Uncertain(Exception):
    """The platform has got a part and did not say whether it took it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Overtaken(Exception):
    """Another process asks the platform now, and answers there."""


class Refused(Exception):
    """The platform will never take this; `gone`: it takes nothing more for this person at all."""

    def __init__(self, reason: str, gone: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.gone = gone


@dataclass(frozen=True)
class Webhook:
    """A request of a platform, with its body as it came."""

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]
    address: str
    """The address that the platform has called, by PUBLIC_URL."""
    time: float
    """When it came, in seconds since 1970."""


@dataclass(frozen=True)
class Incoming:
    """What one person said.

    `kind` is 'text', 'press' (`text` is then the reference of the choice), 'start', 'other' (what is no text),
    'unreadable' (encrypted, and we have not got the key), or 'failed' (the platform tells later that a message did
    not arrive; `text` is then its reason).
    """

    id: str
    """The platform's id of the message, the same when it comes again."""
    person: str
    """Who speaks: in groups another one than `address`."""
    address: Address
    kind: str
    text: str = ""
    language: str = ""
    """The platform's locale for this person, such as 'de-DE'."""
    edited: bool = False
    time: float | None = None
    """When it was written, in seconds since 1970, where the platform tells."""
    receipt: str = ""
    """What the platform wants to have confirmed."""


@dataclass(frozen=True)
class Rendered:
    """The parts of one message, and the references of its choices that were numbered."""

    parts: list[Body]
    numbered: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Finding:
    """A line of `smartcity channels check`."""

    good: bool
    text: str


Take = Callable[[Iterable[Incoming]], Awaitable[None]]
HandOver = Callable[[], Awaitable[None]]
"""Notes that the platform may have the part from now on; raises when the part is not to be sent any more."""


class Channel(ABC):
    """One platform. Nothing of it keeps a state of the conversation."""

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    """Names of the settings that it needs; the first one switches it on."""
    methods: ClassVar[tuple[str, ...]] = ("POST",)
    """How the platform calls its webhook; none where it has no webhook."""
    most_bytes: ClassVar[int] = 256 * 1024
    window: ClassVar[float] = DAY
    """For how many seconds after a person's message the platform, or courtesy, allows an answer."""
    listens: ClassVar[bool] = False
    """Whether the platform is asked for what persons said: by one process only, which also answers there."""
    repeats: ClassVar[bool] = False
    """Whether the platform knows a part by its key when it comes again, so that nobody sees it twice."""

    @abstractmethod
    def verify(self, webhook: Webhook) -> None:
        """Look at the raw body and nothing else of it. Raises Forged."""

    @abstractmethod
    def parse(self, webhook: Webhook) -> list[Incoming]:
        """What persons said; everything else is left out. Raises ValueError when the body is no JSON or form."""

    @abstractmethod
    def render(self, message: Message, first: int) -> Rendered:
        """The message as the platform can show it; numbered choices count from `first`."""

    @abstractmethod
    async def send(self, address: Address, body: Body, key: str, hand_over: HandOver) -> None:
        """Send one part; `key` is the same when it is sent again.

        Unless the platform `repeats`, `hand_over` is awaited just before the part goes onto the open connection:
        before that nobody can have got it. Raises Later, Uncertain, Refused or Overtaken.
        """

    @abstractmethod
    async def check(self, change: bool) -> list[Finding]:
        """What the platform says of us; `change` sets the webhook where that can be done by a call."""

    def handshake(self, webhook: Webhook) -> str:
        """The answer to the platform's GET at set-up. Raises Forged."""
        raise Forged

    def receipt(self, webhook: Webhook) -> Response:
        """What the platform wants to read when its request was taken."""
        return Response()

    async def prepare(self) -> None:
        """Learn what the platform alone knows, such as the own name; asked for until it works.

        Raises Later or Refused.
        """
        return

    async def confirm(self, incoming: Incoming) -> None:
        """Tell the platform that the press of a button has arrived; what goes wrong does not matter."""
        return

    async def listen(self, take: Take, mark: Mark, shelf: Shelf) -> None:
        """Fetch what persons said until cancelled, where the platform is asked instead of calling.

        Raises Later, Refused or Overtaken; it is begun again then.
        """
        return

    async def close(self) -> None:
        """Close the connections."""
        return


@dataclass(frozen=True)
class Mark:
    """Where a platform that is asked was left off; kept over restarts."""

    read: Callable[[], Awaitable[str]]
    write: Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Kept:
    """A sealed text on a shelf, until when (in seconds since 1970)."""

    content: str
    until: float


@dataclass(frozen=True)
class Shelf:
    """What a platform that is asked keeps over restarts besides. Saving raises Overtaken."""

    load: Callable[[], Awaitable[dict[str, str]]]
    save: Callable[[Mapping[str, Kept | None]], Awaitable[None]]


def same(given: str, expected: str) -> bool:
    """Whether the two are the same, told in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def each(items: Iterable[Any], read: Callable[[Any], Incoming | None]) -> Iterator[Incoming]:
    """What was read of the items. One of an unknown shape is logged by its kind and left out:
    refused it would come again for ever."""
    for item in items:
        try:
            found = read(item)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            log_failure(error)
            continue
        if found is not None:
            yield found
