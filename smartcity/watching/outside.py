"""The operator's own services that are told of faults and times: none, unless a setting names one."""

from __future__ import annotations

from smartcity.settings import Settings
from smartcity.watching import reports, tracing


def start(settings: Settings, process: str) -> None:
    """Tell those that the settings name. Raises SettingError where what is needed for that is missing."""
    reports.start(settings, process)
    tracing.start(settings, process)
