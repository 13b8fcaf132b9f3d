"""A turn leaves nothing of ours behind in Rasa's process; benchmarks/soak measures the same for an hour."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HOLD = """
import collections, gc, json
from smartcity.runtime.local_assistant import LocalAssistant
from smartcity.runtime.model import model_path
from smartcity.settings import read_settings

assistant = LocalAssistant(read_settings(), model_path())


def hold(first, last):
    for number in range(first, last):
        for said in ("was kostet das wlan", "und wo gibt es das", "danke", "wann fährt, äh nein, was kostet das swcar"):
            assert assistant.say(said, sender=str(number))
    gc.collect()
    kinds = [type(one) for one in gc.get_objects()]
    ours = [kind.__qualname__ for kind in kinds if str(kind.__module__).startswith(("smartcity", "actions"))]
    return collections.Counter(ours)


before = hold(0, 20)
print(json.dumps(hold(20, 60) - before))
"""
TURNS = 160


def test_a_turn_leaves_no_object_of_ours_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", HOLD]
    held = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "SMARTCITY_VAR": str(tmp_path)})
    assert held.returncode == 0, held.stderr
    grown = json.loads(held.stdout.splitlines()[-1])
    assert {kind: count for kind, count in grown.items() if count > TURNS // 8} == {}
