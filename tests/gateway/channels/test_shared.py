"""Several gateway processes on one PostgreSQL: who serves whom, and that nothing is done twice."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from smartcity.gateway.channels import leases
from smartcity.gateway.channels.channel import Kept
from smartcity.gateway.channels.records import Arrived, Part, Person
from smartcity.gateway.channels.store import Store

from ...databases import postgresql_url, tables_of
from ...ports import free_port
from ..steps import error_of
from .conftest import MATRIX_SETTINGS, Gateway, store_of, until
from .platforms import Platforms
from .posts import telegram, telegram_message
from .test_matrix import _event, _news


@pytest.fixture
def database() -> Iterator[str]:
    with postgresql_url() as url:
        yield url


@pytest.fixture
def two(database: str, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """The stores of two processes, which start at once."""
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        begun = [pool.submit(store_of, tmp_path, DATABASE=database) for _ in range(2)]
        first, second = (stack.enter_context(closing(store.result())) for store in begun)
        for store in (first, second):
            store.leases.open()
        yield first, second


def _arrived(name: str, person: str = "p", stops: bool = False) -> Arrived:
    return Arrived(name, person, "telegram", {"kind": "text", "text": name}, stops)


def _part(person: str = "p", key: str = "k") -> Part:
    return Part(0, person, "telegram", f"telegram:{person}", {"chat_id": 1}, {"text": "x"}, key, 0, 1e12)


def _expire(store: Store) -> None:
    """As if the process had not renewed its leases."""
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE channel_leases SET until = 0"))


def test_everything_lies_in_the_shared_database(two: tuple[Store, Store], tmp_path: Path) -> None:
    assert {"dead_letters", "channel_incoming", "channel_leases"} <= tables_of(two[0].engine)
    assert not (tmp_path / "channels.db").exists()


def test_one_process_serves_a_person_until_it_gives_them_back(two: tuple[Store, Store]) -> None:
    first, second = two
    first.inbox.accept([_arrived("a")], time.time())
    assert second.leases.unserved() == ["p"]
    assert first.leases.take("p") and first.leases.take("p")
    assert not second.leases.take("p")
    assert first.leases.unserved() == ["p"] and second.leases.unserved() == []
    assert not first.leases.leave("p"), "something waits"
    waiting = first.inbox.next("p")
    assert waiting is not None
    assert first.people.answered(waiting, [], Person("p"), {}, time.time())
    assert first.leases.leave("p")
    assert second.leases.take("p") and not first.leases.holds("p")
    second.leases.close()
    assert first.leases.take("p")


def test_the_persons_of_a_process_that_died_are_taken_over(two: tuple[Store, Store]) -> None:
    first, second = two
    first.inbox.accept([_arrived("a")], time.time())
    assert first.leases.take("p")
    _expire(first)
    first.leases.renew()
    assert not second.leases.take("p"), "it was only slow"
    _expire(first)
    assert second.leases.unserved() == ["p"]
    assert second.leases.take("p")
    first.leases.renew()
    assert second.leases.holds("p") and not first.leases.holds("p")


def test_a_process_that_was_overtaken_can_do_nothing_twice(two: tuple[Store, Store]) -> None:
    first, second = two
    first.inbox.accept([_arrived("a")], time.time())
    waiting = first.inbox.next("p")
    assert waiting is not None
    assert second.people.answered(waiting, [_part()], Person("p"), {}, time.time())
    assert not first.people.answered(waiting, [_part()], Person("p"), {}, time.time())
    part = first.outbox.next("p")
    assert part is not None
    with ThreadPoolExecutor(8) as pool:
        handed = [pool.submit(two[number % 2].outbox.hand_over, part, 5.0) for number in range(8)]
        assert sum(one.result() for one in handed) == 1
    again = second.outbox.next("p")
    assert again is not None and again.handed == 5.0
    with ThreadPoolExecutor(8) as pool:
        given = [pool.submit(two[number % 2].outbox.give_up, again, "uncertain", 1.0) for number in range(8)]
        assert sum(one.result() for one in given) == 1
    assert [letter.reason for letter in first.outbox.letters()] == ["uncertain"]


def test_only_who_asks_a_platform_answers_there_and_changes_what_it_keeps(two: tuple[Store, Store]) -> None:
    first, second = two
    lease = f"{leases.LISTENING}matrix"
    assert first.leases.take(lease)
    assert first.shelves.save("matrix", lease, first.leases.owner, {"a": Kept("1", 1e12), "b": Kept("2", 1e12)})
    assert not second.shelves.save("matrix", lease, second.leases.owner, {"a": None})
    _expire(first)
    assert second.leases.take(lease)
    assert second.shelves.load("matrix") == {"a": "1", "b": "2"}
    assert not first.shelves.save("matrix", lease, first.leases.owner, {"a": Kept("old", 1e12)})
    assert second.shelves.save("matrix", lease, second.leases.owner, {"a": None, "b": Kept("3", 5.0)})
    assert second.shelves.load("matrix") == {"b": "3"} and second.shelves.load("slack") == {}
    second.shelves.tidy(6.0)
    assert second.shelves.load("matrix") == {}
    first.inbox.accept([_arrived("a")], time.time())
    assert first.leases.unserved(["matrix"]) == ["p"] and first.leases.unserved(["telegram", "matrix"]) == []
    assert first.leases.take("p")
    first.leases.drop("p")
    assert second.leases.take("p")


def test_the_same_messages_at_once_are_taken_in_once(two: tuple[Store, Store]) -> None:
    names = [f"m{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        orders = [names if number % 2 else names[::-1] for number in range(8)]
        taken = [
            pool.submit(two[number % 2].inbox.accept, [_arrived(name) for name in order], time.time())
            for number, order in enumerate(orders)
        ]
        assert sum(len(one.result()) for one in taken) == len(names)
    assert two[0].inbox.waiting() == len(names)


def test_matrix_is_asked_by_one_process(
    gateway: Gateway, platforms: Platforms, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smartcity.gateway.channels.listening.RENEW_SECONDS", 0.05)
    shared = {**MATRIX_SETTINGS, "DATABASE": database}
    with gateway(**shared):
        with gateway(**shared):
            platforms.syncs = [_news("!r:x", _event("eins"))]
            until(lambda: len(platforms.sent) == 2, 20)
            platforms.most_asking = 0
            platforms.syncs = [_news("!r:x", _event("zwei"))]
            until(lambda: len(platforms.sent) == 3, 20)
            assert platforms.most_asking == 1
        with gateway(**shared):
            platforms.syncs = [_news("!r:x", _event("drei"))]
            until(lambda: len(platforms.sent) == 4, 20)
    assert [text.removeprefix("Antwort auf ") for text in platforms.texts()[1:]] == ["eins", "zwei", "drei"]


def test_a_database_that_comes_late_is_waited_for(
    gateway: Gateway, platforms: Platforms, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smartcity.gateway.channels.engine.OPEN_SECONDS", 0.1)
    url, port = sa.engine.make_url(database), free_port()
    late = url.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    update = telegram_message("Hallo")
    with gateway(DATABASE=late) as client:
        error_of(telegram(client, update), 503, "unavailable")
        with forwarding(port, (url.host, url.port)):
            until(lambda: telegram(client, update).status_code == 200, 20)
            until(lambda: len(platforms.sent) == 2, 20)


@contextmanager
def forwarding(port: int, target: tuple[str, int]) -> Iterator[None]:
    """Let the port lead to the target."""
    ends: list[socket.socket] = []

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(target)
                ends.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", port)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield
        listening.shutdown(socket.SHUT_RDWR)
    for end in ends:
        # Closed alone, a connection on which a thread waits would stay as it is.
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def test_a_second_process_on_sqlite_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "WAIT_SECONDS", 0.2)
    with closing(store_of(tmp_path)) as first, closing(store_of(tmp_path)) as second:
        first.leases.open()
        assert first.leases.take("p")
        with pytest.raises(OSError, match="set SMARTCITY_DATABASE to a PostgreSQL database"):
            second.leases.open()
        first.leases.close()
        second.leases.open()
        assert second.leases.take("p")
        second.leases.close()


def test_a_file_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    with closing(store_of(tmp_path)) as store:
        store.inbox.accept([_arrived("a")], 5.0)
        with store.writing() as connection:
            for name in ("people", "choices", "incoming", "outgoing", "seen", "marks"):
                connection.execute(sa.text(f"ALTER TABLE channel_{name} RENAME TO {name}"))
            connection.execute(sa.text("ALTER TABLE outgoing DROP COLUMN handed"))
            connection.execute(sa.text("ALTER TABLE incoming DROP COLUMN written"))
            connection.execute(sa.text("DROP TABLE channel_leases"))
    with closing(store_of(tmp_path)) as store:
        waiting = store.inbox.next("p")
        assert waiting is not None and waiting.said["text"] == "a"
        assert store.inbox.accept([_arrived("a")], 6.0) == []
        assert store.people.answered(waiting, [_part()], Person("p"), {}, 6.0)
        part = store.outbox.next("p")
        assert part is not None and part.handed is None and store.outbox.hand_over(part, 7.0)
