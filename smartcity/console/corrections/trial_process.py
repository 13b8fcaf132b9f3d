"""The process of a trial: begun in a folder of its own, and why it failed.

What it asks are texts of citizens: they reach it by a file without a name, which is gone with the process, however
that ends.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Dict, Mapping, Sequence

_NICE = 15


def begin(
    command: Sequence[str],
    root: Path,
    place: Path,
    texts: Mapping[str, str],
    questions: Sequence[Mapping[str, Any]],
    lock: IO[bytes],
) -> subprocess.Popen[bytes]:
    """Start the command on a copy of `root`/data with these texts of files; it holds the lock as long as it lives."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    shutil.copytree(root / "data", place / "data")
    for file, text in texts.items():
        if file.startswith("data/"):
            (place / file).write_text(text, "utf-8")
    nice = shutil.which("nice")
    whole = [*([nice, "-n", str(_NICE)] if nice else []), *command]
    with (place / "errors.log").open("wb") as errors, tempfile.TemporaryFile(dir=place) as asked:
        asked.write(json.dumps(questions).encode())
        asked.seek(0)
        process = subprocess.Popen(
            [*whole, "--data", str(place / "data"), "--questions", "/dev/stdin"],
            cwd=root,
            # What it writes lies in the trial's folder and goes with it.
            env={**os.environ, "PYTHONUNBUFFERED": "1", "SMARTCITY_VAR": str(place / "var")},
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )
    (place / "pid").write_text(str(process.pid), "ascii")
    return process


def reason(place: Path, code: int) -> Dict[str, Any]:
    """Why the process ended with this code, as a trial's result."""
    if code < 0:
        with suppress(ValueError):
            return {"error": "killed", "detail": signal.Signals(-code).name}
        return {"error": "killed", "detail": str(-code)}
    try:
        text = (place / "errors.log").read_text("utf-8", "replace")
    except OSError:
        text = ""
    return {"error": "crashed", "detail": "\n".join(text.splitlines()[-8:])[-2000:] or f"exit code {code}"}
