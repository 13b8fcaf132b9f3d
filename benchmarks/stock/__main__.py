"""`make test-stock`: train the project with stock Rasa and hold the dialogues of tests/conversations there."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.places import ROOT, check_stock
from benchmarks.programs import ProgramError, end_on_signals
from benchmarks.stock.project import InternalClient, StockProject

CONVERSATIONS = ROOT / "tests" / "conversations"


def main() -> int:
    """Print every difference; the exit code."""
    sys.path.insert(0, str(ROOT))
    from tests.conversations.runner import load_conversations, run_conversation

    end_on_signals()
    os.chdir(ROOT)
    check_stock()
    conversations = load_conversations(CONVERSATIONS)
    if not conversations:
        print(f"There are no dialogues in {CONVERSATIONS.relative_to(ROOT)}.", file=sys.stderr)
        return 1
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        project = StockProject(Path(name))
        print("Training the project with stock Rasa ...", flush=True)
        print(f"Trained in {project.train():.0f} s; starting stock Rasa ...", flush=True)
        with project.serve(), closing(InternalClient(project)) as client:
            for conversation in conversations:
                differences = run_conversation(conversation, client)
                failed += bool(differences)
                for difference in differences:
                    print(f"{conversation['file']}: {conversation['name']}: {difference}")
    print(f"{len(conversations) - failed} of {len(conversations)} dialogues hold under stock Rasa.")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ProgramError, TimeoutError) as error:
        sys.exit(f"test-stock: {error}")
