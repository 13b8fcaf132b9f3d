"""Traces for OpenTelemetry (SMARTCITY_OTEL_ENDPOINT), off by default: where the time of one message goes.

A span holds its name, channel, language, outcome and the id of the request; no text, no sender, no exception's words.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, Mapping

from smartcity.settings import Settings
from smartcity.watching import request_id
from smartcity.watching.extra import needed

_tracer: Any = None

_PACKAGES = "opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"
_MODULES = ("trace", "sdk.resources", "sdk.trace", "sdk.trace.export", "exporter.otlp.proto.http.trace_exporter")

Note = Callable[[str, str], Any]
"""Gives the span an attribute."""


def start(settings: Settings, process: str) -> None:
    """Send traces where the settings say so. Raises SettingError where what is needed for that is missing."""
    global _tracer
    if not settings.otel_endpoint:
        return
    trace, resources, sdk, export, otlp = (
        needed(f"opentelemetry.{module}", "SMARTCITY_OTEL_ENDPOINT", _PACKAGES) for module in _MODULES
    )
    provider = sdk.TracerProvider(resource=resources.Resource({"service.name": f"smartcity-{process}"}))
    exporter = otlp.OTLPSpanExporter(endpoint=f"{settings.otel_endpoint}/v1/traces")
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    _tracer = provider.get_tracer("smartcity")


@contextmanager
def span(name: str, **attributes: str) -> Iterator[Note]:
    """A span around what is done inside; nothing while there are no traces."""
    if _tracer is None:
        yield lambda name, value: None
        return
    from opentelemetry.trace import Status, StatusCode

    attributes["request"] = request_id.current()
    # Neither kind nor words of an exception by themselves: they may hold what somebody wrote.
    plain = {"record_exception": False, "set_status_on_exception": False}
    with _tracer.start_as_current_span(name, attributes=attributes, **plain) as current:
        try:
            yield current.set_attribute
        except Exception as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def headers() -> Dict[str, str]:
    """What the next process needs to go on with the trace."""
    found: Dict[str, str] = {}
    if _tracer is not None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        TraceContextTextMapPropagator().inject(found)
    return found


def go_on(given: Mapping[str, str]) -> None:
    """Go on with the trace of the process before, from here to the end of the task."""
    if _tracer is not None:
        from opentelemetry.context import attach
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        attach(TraceContextTextMapPropagator().extract(given))
