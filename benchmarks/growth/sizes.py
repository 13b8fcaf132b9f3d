"""The three ways in which an assistant grows: content, conversations, stored events."""

from __future__ import annotations

import secrets
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import List, Sequence

import psycopg2

from benchmarks.growth import city
from benchmarks.growth.alternating import Asker, Times, alternate, questions
from benchmarks.programs import LOOPBACK
from benchmarks.stack.servers import USER
from benchmarks.stack.stack import Layout, Stack

LONG_READY_SECONDS = 900.0
EVENTS_OF_CONVERSATION = 20


def of_content(sizes: Sequence[int], messages: int, folder: Path) -> List[Times]:
    """Cities with so many initiatives, one assistant for each."""
    with ExitStack() as stack:
        askers = []
        for size in sizes:
            place = folder / f"content-{size}"
            city.write(place, size)
            layout = Layout(f"{size:,} initiatives", more={"SMARTCITY_CONTENT": str(place)})
            begun = time.monotonic()
            running = stack.enter_context(Stack(layout, folder / f"stack-{size}", ready_seconds=LONG_READY_SECONDS))
            print(f"  {layout.name}: ready after {time.monotonic() - begun:.0f} s", flush=True)
            askers.append(Asker(layout.name, running))
        return alternate(askers, questions(messages))


def of_turns(short: int, long: int, messages: int, folder: Path, shared: bool) -> List[Times]:
    """Conversations with one assistant: new ones of a few turns, and one that has lasted long."""
    with Stack(Layout("turns", shared=shared), folder) as stack:
        fresh = Asker(f"at most {short} turns", stack, renew=short)
        lasting = Asker(f"{long} turns and more", stack, renew=10**9)
        for text in questions(long, seed=4):
            lasting.ask(text, count=False)
        times = alternate([fresh, lasting], questions(messages))
    for one in times:
        one.processor = 0.0  # of both together: says nothing of one
    return times


def of_cold_turns(short: int, long: int, rounds: int, folder: Path, shared: bool) -> List[Times]:
    """The same where Rasa has just started, so that every conversation has to be read from the database."""
    texts = iter(questions(10_000, seed=8))
    with Stack(Layout("cold turns", shared=shared), folder, restarts=True) as stack:
        askers = []
        for turns in (short, long):
            askers.append([Asker(f"{turns} turns, read anew", stack, renew=10**9) for _ in range(3)])
            for asker in askers[-1]:
                for _ in range(turns):
                    asker.ask(next(texts), count=False)
        warm = Asker("warm", stack)
        for _ in range(rounds):
            stack.parts["rasa"].kill()
            time.sleep(2.0)
            stack.wait_until_ready()
            for _ in range(10):
                warm.ask(next(texts))
            for few, many in zip(*askers, strict=True):
                few.ask(next(texts))
                many.ask(next(texts))
        return [
            Times(group[0].times.name, [took for asker in group for took in asker.times.answers]) for group in askers
        ]


def of_events(events: int, messages: int, folder: Path) -> List[Times]:
    """PostgreSQL with an empty table of events, and with so many."""
    with ExitStack() as stack:
        askers = []
        for number in (0, events):
            layout = Layout(f"{number:,} events", shared=True)
            running = stack.enter_context(Stack(layout, folder / f"events-{number}"))
            if number:
                begun = time.monotonic()
                fill(running.ports["postgresql"], number)
                print(f"  {number:,} events written in {time.monotonic() - begun:.0f} s", flush=True)
            askers.append(Asker(layout.name, running))
        return alternate(askers, questions(messages))


def fill(port: int, events: int) -> None:
    """So many plausible events in conversations of twenty; indices are built afterwards, which is quicker."""
    connection = psycopg2.connect(host=LOOPBACK, port=port, user=USER, dbname=USER)
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'events' AND indexdef !~ 'UNIQUE'")
        indices = cursor.fetchall()
        for name, _ in indices:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(INVENTED, (EVENTS_OF_CONVERSATION, secrets.token_hex(4), events))
        for _, made in indices:
            cursor.execute(made)
        cursor.execute("VACUUM ANALYZE events")
        cursor.execute("SELECT count(*) FROM events")
        counted = cursor.fetchone()
        if not counted or counted[0] < events:
            raise RuntimeError(f"The table holds {counted} events instead of {events}.")


INVENTED = """
INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)
SELECT 'web:' || md5((n / %s)::text || %s),
       (ARRAY['action', 'user', 'user_featurization', 'slot', 'bot'])[1 + n %% 5],
       1790000000 + n, 'ask_cost', 'action_answer',
       '{"event": "slot", "name": "topic", "value": "' || repeat('Was kostet der KRuiser? ', 20) || md5(n::text) || '"}'
FROM generate_series(1, %s) n
"""


def scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="growth-")
