"""Rasa with the repairs in place, once for all tests of this room."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from smartcity.runtime.command import prepare
from smartcity.settings import Settings

from .channel_client import channel, database

__all__ = ["channel", "database"]

prepare(Settings({**os.environ, "SMARTCITY_VAR": str(Path(tempfile.mkdtemp(prefix="smartcity-test-")))}))
