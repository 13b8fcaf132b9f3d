"""The prediction graph runs as a list of steps that is put in order once.

Where: rasa.engine.runner.dask.DaskGraphRunner.run cuts the graph down to its targets, builds a
Dask graph and lets Dask order it anew at every message, three times a turn. The nodes run one
after the other in the same thread either way. What of ours learns does so beside them (training_steps.py).
Effect: benchmarks/runtime.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from smartcity.runtime.training_steps import Step, learns_beside, run_beside_each_other


def run_in_order() -> None:
    """Put the repair into DaskGraphRunner; again does nothing."""
    from rasa.engine.exceptions import GraphRunError
    from rasa.engine.runner.dask import DaskGraphRunner

    if getattr(DaskGraphRunner, "runs_in_order", False):
        return

    def steps(runner: Any, targets: Tuple[str, ...]) -> List[Step]:
        known: Dict[Tuple[str, ...], List[Step]] = runner.__dict__.setdefault("_ordered_steps", {})
        if targets not in known:
            known[targets] = _ordered(runner, targets)
        return known[targets]

    def run(
        runner: Any, inputs: Optional[Dict[str, Any]] = None, targets: Optional[List[str]] = None
    ) -> Dict[str, Any]:
        wanted = tuple(targets or runner._graph_schema.target_names)
        results: Dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        clash = results.keys() & runner._graph_schema.nodes.keys()
        if clash:
            raise GraphRunError(f"The inputs {sorted(clash)} have the names of nodes of the graph.")
        try:
            ordered = steps(runner, wanted)
            if any(learns_beside(node) for _, node, _ in ordered):
                run_beside_each_other(ordered, results)
            else:
                for name, node, needs in ordered:
                    results[name] = node(*(results.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return dict(results[target] for target in wanted)

    setattr(DaskGraphRunner, "run", run)
    setattr(DaskGraphRunner, "runs_in_order", True)


def _ordered(runner: Any, targets: Tuple[str, ...]) -> List[Step]:
    """Every node that the targets need, each after what it needs."""
    nodes = runner._graph_schema.minimal_graph_schema(list(targets)).nodes
    done: Dict[str, Step] = {}

    def visit(name: str) -> None:
        if name in done or name not in nodes:
            return
        needs = tuple(nodes[name].needs.values())
        for need in needs:
            visit(need)
        done[name] = (name, runner._instantiated_nodes[name], needs)

    for name in nodes:
        visit(name)
    return list(done.values())
