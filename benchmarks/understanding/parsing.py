"""Parse texts with a trained model, in the Python that the model was trained with (3.10 for stock Rasa).

Usage: python -m benchmarks.understanding.parsing own|stock MODEL TEXTS.json PARSES.json
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List

FALLBACK = "nlu_fallback"
WARM_UP = 20
"""Texts parsed before the measurement begins."""

Parser = Callable[[str], Dict[str, Any]]


def own_parser(model: Path) -> Parser:
    """Our assistant in this process."""
    from smartcity.runtime.local_assistant import LocalAssistant
    from smartcity.settings import read_settings

    return LocalAssistant(read_settings(), model).parse


def stock_parser(model: Path) -> Parser:
    """Stock Rasa in this process, nothing of ours imported."""
    from rasa.core.agent import Agent

    agent = Agent.load(str(model))
    loop = asyncio.new_event_loop()
    return lambda text: loop.run_until_complete(agent.parse_message(text))


def measured(parser: Parser, texts: List[str]) -> List[Dict[str, Any]]:
    """Intent, ranking of intents without the fallback, and wall-clock milliseconds of each text."""
    for text in texts[:WARM_UP]:
        parser(text)
    parses = []
    for text in texts:
        begun = time.perf_counter()
        result = parser(text)
        milliseconds = (time.perf_counter() - begun) * 1000
        names = [entry["name"] for entry in result.get("intent_ranking") or [] if entry["name"] != FALLBACK]
        intent = (result.get("intent") or {}).get("name")
        parses.append({"intent": intent, "ranking": names, "milliseconds": milliseconds})
    return parses


def main() -> None:
    whose, model, texts, parses = sys.argv[1:]
    parser = (own_parser if whose == "own" else stock_parser)(Path(model))
    found = measured(parser, json.loads(Path(texts).read_text("utf-8")))
    Path(parses).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main()
