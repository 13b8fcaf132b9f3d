"""Components learn beside each other, each in a process of its own.

Where: smartcity.runtime.graph_runner, which runs the nodes of the training graph one after the other. What: the `train`
of a component of ours is done by a forked process while the next nodes run, since what it learns it writes into the
model's storage, and its result is small; whoever needs the result waits for it. Why: two cores and Python.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import traceback
from multiprocessing.connection import Connection
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

Step = Tuple[str, Any, Tuple[str, ...]]
"""Name of a node, the node, and the names of what it needs."""

OURS = "smartcity."
"""Beginning of the modules of components that may learn in another process; others may hold threads or a device."""


class _Running(NamedTuple):
    process: Any
    answer: Connection


class StepFailed(RuntimeError):
    """What the other process said when a component failed there."""


def learns_beside(node: Any) -> bool:
    """Whether the node only writes what a component of ours learns."""
    return node._fn_name == "train" and node._component_class.__module__.startswith(OURS)


def run_beside_each_other(steps: Sequence[Step], results: Dict[str, Any]) -> None:
    """Run the nodes in this order and add what they give to `results`; raises what they raise."""
    running: Dict[str, _Running] = {}
    try:
        for name, node, needs in steps:
            for need in running.keys() & {*needs}:
                results[need] = _ended(need, running.pop(need))
            given = [results.get(need, need) for need in needs]
            if learns_beside(node) and len(os.sched_getaffinity(0)) > 1:
                running[name] = _begun(node, given)
            else:
                results[name] = node(*given)
        for name in list(running):
            results[name] = _ended(name, running.pop(name))
    finally:
        for process, _ in running.values():
            process.terminate()
            process.join()


def _begun(node: Any, inputs: List[Any]) -> _Running:
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_run, args=(node, inputs, there))
    process.start()
    there.close()
    return _Running(process, here)


def _ended(name: str, running: _Running) -> Any:
    """The result of a node; raises what it raised."""
    process, answer = running
    try:
        result, error, told = answer.recv()
    except EOFError:
        process.join()
        told = f"'{name}' ended with code {process.exitcode} while it learnt."
        if process.exitcode == -signal.SIGKILL:
            told += (
                " Most likely memory was short: train on a machine with more of it, or on one core (taskset -c 0), "
                "where components learn one after the other."
            )
        raise StepFailed(told) from None
    process.join()
    if error is not None:
        raise error from StepFailed(told)
    return result


def _run(node: Any, inputs: List[Any], answer: Connection) -> None:
    try:
        result, error, told = node(*inputs), None, ""
    except Exception as caught:
        result, error, told = None, _fit_for_pickle(caught), traceback.format_exc()
    answer.send((result, error, told))
    answer.close()


def _fit_for_pickle(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # its class makes itself from other arguments
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
