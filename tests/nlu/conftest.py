"""Rasa can be imported only when the repairs are in place: this runs before the test modules."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from sqlalchemy.util import deprecations

# prepare() asks SQLAlchemy for this by a variable, which pytest's own import of SQLAlchemy comes before.
deprecations.SILENCE_UBER_WARNING = True
os.environ.setdefault("SMARTCITY_VAR", tempfile.mkdtemp(prefix="smartcity-tests-"))

from smartcity.runtime.command import prepare  # noqa: E402
from smartcity.settings import read_settings  # noqa: E402

prepare(read_settings())

from .workshop import Workshop  # noqa: E402


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """Rasa's own model storage in a folder of this test."""
    return Workshop(tmp_path / "model")
