"""Which faults there are: killed, frozen and cut off for every part, and what befalls disk, clock and content."""

from __future__ import annotations

from typing import List

from benchmarks.faults.surroundings import Clock, ContentSource, Disk, fill_log
from benchmarks.faults.trial import Fault
from benchmarks.stack.proxy import Links
from benchmarks.stack.stack import Stack

SECONDS = 8.0
"""How long parts are frozen, cut off or without a disk: longer than SMARTCITY_ANSWER_SECONDS of these runs."""


def of_parts(stack: Stack, links: Links) -> List[Fault]:
    """Each process in turn; nobody on the way of a conversation asks console and reader, so they are not cut off."""
    found: List[Fault] = []
    for part in stack.parts.values():
        found.append(Fault(part.name, "killed", part.kill))
        found.append(Fault(part.name, "frozen", part.freeze, part.thaw, SECONDS))
        if part.name in links:
            name = part.name
            found.append(Fault(name, "cut off", lambda n=name: links.cut(n), lambda n=name: links.heal(n), SECONDS))
    return found


def of_disk(disk: Disk, stack: Stack) -> List[Fault]:
    database = stack.var / "conversations.db"
    return [Fault("disk", "full", lambda: disk.fill(database), disk.free, SECONDS)]


def of_server_disk(disk: Disk, port: int) -> List[Fault]:
    """No room for its tables, which PostgreSQL then refuses to extend; none for its log either, which ends it."""

    def no_room_at_all() -> None:
        disk.fill_up()
        fill_log(port)

    return [
        Fault("disk of PostgreSQL", "full", disk.fill_up, disk.free, SECONDS),
        Fault("disk of PostgreSQL", "full, its log too", no_room_at_all, disk.free, SECONDS),
    ]


def of_clock(clock: Clock) -> List[Fault]:
    """Of gateway and rasa together, as of a machine whose time is set."""
    return [
        Fault("clock", "an hour back", lambda: clock.set("-1h")),
        Fault("clock", "forward again", lambda: clock.set("+0")),
        Fault("clock", "a day forward", lambda: clock.set("+1d")),
        Fault("clock", "back again", lambda: clock.set("+0")),
    ]


def of_content(source: ContentSource, stack: Stack) -> List[Fault]:
    """What the CMS may serve; it is asked anew at each start of rasa, and once a minute."""
    found = [
        Fault("content source", name, lambda n=name: source.serve_until_asked(n), lambda: source.serve("good"), SECONDS)
        for name in source.rubbish
    ]
    rasa = stack.parts["rasa"]

    def broken_and_killed() -> None:
        source.serve("half of the export")
        rasa.kill()

    return [*found, Fault("content source", "broken, and rasa killed", broken_and_killed, lambda: source.serve("good"))]
