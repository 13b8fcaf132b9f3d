"""The ordered run gives what Dask gives, orders once, and reports what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dask
import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage


class Plus(GraphComponent):
    """Adds its configured number to what it gets."""

    def __init__(self, number: int) -> None:
        self.number = number

    @classmethod
    def create(cls, config: dict[str, Any], *args: Any, **kwargs: Any) -> Plus:
        return cls(config["number"])

    def run(self, value: int, other: int = 0) -> int:
        return value + other + self.number

    def fail(self, value: int) -> int:
        raise RuntimeError("broken")


def _node(needs: dict[str, str], number: int, fn: str = "run", target: bool = False) -> SchemaNode:
    return SchemaNode(
        needs=needs,
        uses=Plus,
        constructor_name="create",
        fn=fn,
        config={"number": number},
        is_target=target,
        eager=True,
    )


def _runner(tmp_path: Path, nodes: dict[str, SchemaNode]) -> DaskGraphRunner:
    schema = GraphSchema(nodes)
    return DaskGraphRunner(schema, LocalModelStorage(tmp_path), ExecutionContext(schema))


DIAMOND = {
    "last": _node({"value": "left", "other": "right"}, 1000, target=True),
    "left": _node({"value": "first"}, 10),
    "right": _node({"value": "first"}, 100),
    "first": _node({"value": "input"}, 1),
    "unused": _node({"value": "input"}, 5, fn="fail"),
}


def test_a_diamond_gives_what_dask_gives(tmp_path: Path) -> None:
    runner = _runner(tmp_path, DIAMOND)
    graph = runner._build_dask_graph(runner._graph_schema.minimal_graph_schema(["last"]))
    graph["input"] = ("input", 0)
    assert runner.run(inputs={"input": 0}) == dict(dask.get(graph, ["last"])) == {"last": 1112}


def test_dask_is_not_asked_and_the_order_is_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = _runner(tmp_path, DIAMOND)
    runner.run(inputs={"input": 0})
    monkeypatch.setattr(dask, "get", lambda *args: pytest.fail("Dask was asked"))
    monkeypatch.setattr(GraphSchema, "minimal_graph_schema", lambda *args: pytest.fail("the graph was cut again"))
    assert runner.run(inputs={"input": 1}) == {"last": 1114}


def test_other_targets_have_their_own_order(tmp_path: Path) -> None:
    runner = _runner(tmp_path, DIAMOND)
    assert runner.run(inputs={"input": 0}, targets=["left"]) == {"left": 11}
    assert runner.run(inputs={"input": 0}, targets=["right", "left"]) == {"right": 101, "left": 11}


def test_an_input_with_the_name_of_a_node_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GraphRunError, match="first"):
        _runner(tmp_path, DIAMOND).run(inputs={"input": 0, "first": 1})


def test_a_missing_input_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GraphRunError, match="Missing input"):
        _runner(tmp_path, DIAMOND).run()
