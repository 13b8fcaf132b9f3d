"""What Rasa's process tells Prometheus: times of the parts of a turn, the versions of model and content."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from prometheus_client import Gauge

from smartcity.settings import read_settings
from smartcity.watching.metrics import BREAKER, exposition, may_read

MODEL = Gauge("smartcity_model_info", "The model in use.", ["model"])
CONTENT = Gauge("smartcity_content_info", "The version of the content that answers come from.", ["version"])

Content = Callable[[str], Optional[Dict[str, Any]]]


def tell(authorization: str, agent: Any, content: Optional[Content]) -> Optional[bytes]:
    """The metrics; None for a wrong token, and where none is set."""
    if not may_read(read_settings(), authorization):
        return None
    MODEL.clear()
    if agent is not None and agent.is_ready():
        MODEL.labels(str(agent.processor.model_filename)).set(1)
        BREAKER.labels("actions").set(getattr(getattr(agent.action_endpoint, "guard", None), "is_open", False))
    CONTENT.clear()
    told = content("de") if content else None
    if told:
        CONTENT.labels(str(told.get("version"))).set(1)
    return exposition()
