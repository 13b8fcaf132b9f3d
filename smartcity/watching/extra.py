"""What only those need who switch Sentry or OpenTelemetry on: packages that are not installed by default."""

from __future__ import annotations

import importlib
from typing import Any

from smartcity.settings import SettingError


def needed(module: str, setting: str, packages: str) -> Any:
    """The module. Raises SettingError, with what to install, where it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SettingError(
            f"{setting} is set, but {module} is missing ({error}). Install it with "
            f"'.venv/bin/pip install {packages}', or leave the setting empty."
        ) from None
