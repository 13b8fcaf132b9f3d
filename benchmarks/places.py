"""Where the benchmarks read and write, and whose Python they run."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The Rasa project; every program runs here."""

RESULTS = ROOT / "results"
"""Reports, pictures, logs and models of the default pipeline; never committed."""

OWN_PYTHON = Path(sys.executable)
STOCK_PYTHON = ROOT / ".venv-stock" / "bin" / "python"


def check_stock() -> None:
    """End with a sentence when the stock environment has not been made."""
    if not STOCK_PYTHON.exists():
        raise SystemExit("Stock Rasa is not installed here: run 'make .venv-stock/installed' first.")
