"""The chat stays small enough for a phone on a slow net."""

from __future__ import annotations

import gzip

from smartcity.gateway.widget import FOLDER

MOST = 30_000


def test_all_files_together_are_at_most_30_kilobytes_compressed() -> None:
    sizes = {path.name: len(gzip.compress(path.read_bytes(), mtime=0)) for path in FOLDER.iterdir()}
    assert sizes
    assert sum(sizes.values()) <= MOST, sizes
