"""Components that learn beside each other, in Rasa's own graph: results, order, errors, processes that die."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.exceptions import GraphComponentException, GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException

from smartcity.runtime import training_steps


class Learner(GraphComponent):
    """Learns the number of its configuration, and where it did so."""

    def __init__(self, number: int, storage: Any, resource: Resource) -> None:
        self.number, self.storage, self.resource = number, storage, resource

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: Any, resource: Resource, *_: Any, **__: Any) -> Learner:
        return cls(config["number"], model_storage, resource)

    def train(self, value: int) -> Resource:
        if self.number < 0:
            raise InvalidConfigException("The number must not be negative.")
        if self.number == 13:
            raise ZeroDivisionError("thirteen")
        if self.number == 99:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.2)
        with self.storage.write_to(self.resource) as folder:
            (folder / "learnt").write_text(f"{value + self.number} {os.getpid()}")
        return self.resource

    def read(self, first: Resource, second: Resource) -> list[tuple[int, int]]:
        found = []
        for one in (first, second):
            with self.storage.read_from(one) as folder:
                number, process = (folder / "learnt").read_text().split()
                found.append((int(number), int(process)))
        return found


def _node(needs: dict[str, str], number: int, fn: str, target: bool = False) -> SchemaNode:
    return SchemaNode(
        needs=needs,
        uses=Learner,
        constructor_name="create",
        fn=fn,
        config={"number": number},
        is_target=target,
    )


def _run(tmp_path: Path, one: int, two: int) -> list[tuple[int, int]]:
    schema = GraphSchema(
        {
            "one": _node({"value": "input"}, one, "train"),
            "two": _node({"value": "input"}, two, "train"),
            "both": _node({"first": "one", "second": "two"}, 0, "read", target=True),
        }
    )
    runner = DaskGraphRunner(schema, LocalModelStorage(tmp_path), ExecutionContext(schema))
    found: list[tuple[int, int]] = runner.run(inputs={"input": 100})["both"]
    return found


@pytest.fixture(autouse=True)
def ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_steps, "OURS", Learner.__module__)


def _cores(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(training_steps.os, "sched_getaffinity", lambda _: set(range(count)))


def test_each_learns_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _cores(monkeypatch, 2)
    (first, one), (second, two) = _run(tmp_path, 1, 2)
    assert (first, second) == (101, 102)
    assert len({one, two, os.getpid()}) == 3


def test_on_one_core_they_learn_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _cores(monkeypatch, 1)
    assert _run(tmp_path, 1, 2) == [(101, os.getpid()), (102, os.getpid())]


def test_components_of_others_stay_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _cores(monkeypatch, 2)
    monkeypatch.setattr(training_steps, "OURS", "smartcity.")
    assert _run(tmp_path, 1, 2) == [(101, os.getpid()), (102, os.getpid())]


def test_what_a_component_says_of_its_configuration_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _cores(monkeypatch, 2)
    with pytest.raises(InvalidConfigException, match="must not be negative"):
        _run(tmp_path, -1, 2)


def test_what_failed_is_told_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _cores(monkeypatch, 2)
    with pytest.raises(GraphComponentException) as failed:
        _run(tmp_path, 1, 13)
    assert "ZeroDivisionError: thirteen" in str(failed.value.__cause__)


def test_a_process_that_dies_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _cores(monkeypatch, 2)
    with pytest.raises(GraphRunError) as failed:
        _run(tmp_path, 99, 1)
    assert "'one' ended with code -9" in str(failed.value.__cause__)
    assert "memory" in str(failed.value.__cause__)


def test_an_error_that_cannot_be_sent_is_sent_as_words() -> None:
    class Odd(Exception):
        def __init__(self, one: int, two: int) -> None:
            super().__init__(f"{one} and {two}")

    assert str(training_steps._fit_for_pickle(Odd(1, 2))) == "Odd: 1 and 2"
