"""Nothing about this assistant or its users is reported to outside.

Where: rasa.telemetry sends usage to Segment and errors to Sentry unless told not to, and asks at
the first start. Why: a city's conversations are nobody else's business. What: off for good,
whatever the environment or the user's Rasa configuration says.
"""

from __future__ import annotations

import os


def be_silent() -> None:
    """Switch telemetry and error reports off."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"

    import rasa.telemetry

    setattr(rasa.telemetry, "is_telemetry_enabled", lambda: False)
    setattr(rasa.telemetry, "initialize_telemetry", lambda: False)
    setattr(rasa.telemetry, "initialize_error_reporting", lambda: None)
    setattr(rasa.telemetry, "telemetry_write_key", lambda: None)
    setattr(rasa.telemetry, "sentry_write_key", lambda: None)
