"""What operators watch the processes with."""

from __future__ import annotations

from typing import Tuple

from smartcity.settings import kinds
from smartcity.settings.setting import Setting

SETTINGS: Tuple[Setting, ...] = (
    Setting(
        "LOG_FORMAT",
        "text",
        "'text' or 'json'",
        kinds.one_of("text", "json"),
        "Lines of the logs: to read, or one JSON object each.",
    ),
    Setting(
        "METRICS_TOKEN",
        "",
        "at least 32 characters, or empty",
        kinds.secret,
        "Token with which Prometheus reads /metrics; empty, and there is no such route.",
    ),
    Setting(
        "SENTRY_DSN",
        "",
        "an http(s) address, or empty",
        kinds.optional_address,
        "Where faults of the program are reported, without texts; empty reports nothing. Needs the extra 'watching'.",
    ),
    Setting(
        "OTEL_ENDPOINT",
        "",
        "an http(s) address, or empty",
        kinds.optional_address,
        "OpenTelemetry collector (OTLP over HTTP) that gets traces; empty sends none. Needs the extra 'watching'.",
    ),
    Setting(
        "BACKUPS",
        "",
        "a folder, or empty",
        str,
        "Folder of the nightly backups; the console's metrics tell the age of the newest. Empty: not watched.",
    ),
    Setting(
        "CERTIFICATES",
        "",
        "https addresses or files, divided by commas",
        kinds.places,
        "Certificates that the console's metrics watch: as a server at an https address shows it, or in a PEM file.",
    ),
)
