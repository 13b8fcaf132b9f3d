"""Lines of the logs: to read, or one JSON object each (SMARTCITY_LOG_FORMAT), with the id of the request.

A message that is a JSON object itself, as many of ours are, becomes fields of its line. What citizens write stands
in no message; whoever logs sees to that.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional, TextIO, Union

from smartcity.settings import Settings
from smartcity.watching import request_id


class JsonLines(logging.Formatter):
    """One object a line: time, level, logger, request, and either the message or the fields that it consists of."""

    def format(self, record: logging.LogRecord) -> str:
        line: Dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if request_id.current():
            line["request"] = request_id.current()
        said = record.getMessage()
        fields = getattr(record, "fields", None) or _object(said)
        line.update({"message": said} if fields is None else {k: v for k, v in fields.items() if k not in line})
        if record.exc_info or record.exc_text:
            line["traceback"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """Time, level, logger and message; the id of the request at the end, where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        line = f"{_time(record)} {record.levelname:<7} {record.name}  {record.message}"
        if request_id.current():
            line += f"  [{request_id.current()}]"
        if record.exc_info or record.exc_text:
            line += "\n" + (record.exc_text or self.formatException(record.exc_info))  # type: ignore[arg-type]
        return line


def set_up(settings: Settings, levels: Mapping[str, Union[int, str]], stream: Optional[TextIO] = None) -> None:
    """Write these loggers' records (the root's name is '') to the stream, by default standard output."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    for name, level in levels.items():
        log = logging.getLogger(name)
        log.handlers = [handler]
        log.setLevel(level)
        log.propagate = False


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")


def _object(said: str) -> Optional[Dict[str, Any]]:
    if not said.startswith("{"):
        return None
    try:
        found = json.loads(said)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
