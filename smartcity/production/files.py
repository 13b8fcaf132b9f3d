"""Rules for files that others may read or change, and for logs that say too much."""

from __future__ import annotations

from pathlib import Path

from smartcity.production.rule import Rule, Situation

_READ, _WRITE = 0o077, 0o022


def _is_open(path: Path, bits: int) -> bool:
    try:
        return bool(path.stat().st_mode & bits)
    except OSError:
        return False


def _debug_logs(now: Situation) -> bool:
    names = ("LOG_LEVEL", "LOG_LEVEL_RASA", "LOG_LEVEL_LIBRARIES", "ACTION_SERVER_LOG_LEVEL")
    return any(now.environ.get(name, "").strip().upper() in ("DEBUG", "NOTSET", "10", "0") for name in names) or bool(
        now.environ.get("PYTHONASYNCIODEBUG")
    )


RULES = (
    Rule(
        "SMARTCITY_VAR",
        "others on this machine may look into the folder that holds conversations and the secret",
        "let only the service's user: chmod 700 on the folder",
        lambda now: _is_open(now.settings.var, _READ),
    ),
    Rule(
        ".env",
        "others on this machine may read the secrets in it",
        "let only the service's user: chmod 600 .env",
        lambda now: _is_open(now.project / ".env", _READ),
    ),
    Rule(
        "models",
        "others on this machine may put a model there, and a model runs as this service",
        "take the right away: chmod go-w models",
        lambda now: _is_open(now.project / "models", _WRITE),
    ),
    Rule(
        "LOG_LEVEL",
        "debug logs hold what citizens write",
        "unset LOG_LEVEL, LOG_LEVEL_RASA, LOG_LEVEL_LIBRARIES, ACTION_SERVER_LOG_LEVEL and PYTHONASYNCIODEBUG",
        _debug_logs,
    ),
)
