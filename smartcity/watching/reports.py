"""Reports of faults to Sentry (SMARTCITY_SENTRY_DSN), off by default: what failed and where in the code.

Nothing else leaves: no message, since it may hold what somebody wrote, no variables, no request, no lines of the log.
"""

from __future__ import annotations

import logging
from typing import Any, Dict, Optional

from smartcity.settings import Settings
from smartcity.watching import request_id
from smartcity.watching.extra import needed

_sdk: Any = None

Event = Dict[str, Any]
_OF_EVENT = ("event_id", "timestamp", "level", "platform", "release", "environment", "logger", "sdk")
_OF_FRAME = ("filename", "module", "function", "lineno", "in_app")


def start(settings: Settings, process: str) -> None:
    """Report where the settings say so. Raises SettingError where what is needed for that is missing."""
    global _sdk
    if not settings.sentry_dsn:
        return
    _sdk = needed("sentry_sdk", "SMARTCITY_SENTRY_DSN", "sentry-sdk")
    from sentry_sdk.integrations.logging import LoggingIntegration

    _sdk.init(
        dsn=settings.sentry_dsn,
        environment=process,
        server_name="",
        default_integrations=False,
        auto_enabling_integrations=False,
        # Rasa and the console log their faults; the gateway hands them over.
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
        before_send=scrub,
        max_breadcrumbs=0,
        include_local_variables=False,
        include_source_context=False,
        send_default_pii=False,
        max_request_body_size="never",
        traces_sample_rate=None,
        auto_session_tracking=False,
    )


def report(error: BaseException) -> None:
    """Report a fault that was caught."""
    if _sdk is not None:
        _sdk.capture_exception(error)


def scrub(event: Event, hint: Optional[Dict[str, Any]] = None) -> Optional[Event]:
    """What may leave of an event; nothing of one that is no exception. Built anew, so that what is new is left out."""
    values = (event.get("exception") or {}).get("values") or []
    if not values:
        return None
    kept = {key: event[key] for key in _OF_EVENT if key in event}
    kept["exception"] = {"values": [_scrubbed(value) for value in values]}
    kept["tags"] = {"request": request_id.current()} if request_id.current() else {}
    return kept


def _scrubbed(exception: Dict[str, Any]) -> Dict[str, Any]:
    frames = (exception.get("stacktrace") or {}).get("frames") or []
    return {
        "type": exception.get("type"),
        "module": exception.get("module"),
        "stacktrace": {"frames": [{key: frame[key] for key in _OF_FRAME if key in frame} for frame in frames]},
    }
