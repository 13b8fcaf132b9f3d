"""The values of all settings, read from the environment."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Any, Dict, Mapping, Optional, Tuple

from smartcity.settings import channels, console, gateway, inquiries, processes, watching
from smartcity.settings.secret import kept_secret
from smartcity.settings.setting import PREFIX, Setting, SettingError

SETTINGS: Tuple[Setting, ...] = (
    *processes.SETTINGS,
    *gateway.SETTINGS,
    *channels.SETTINGS,
    *console.SETTINGS,
    *inquiries.SETTINGS,
    *watching.SETTINGS,
)

_DERIVED = {PREFIX + name for name in ("INTERNAL_SECRET", "ACTIONS_URL", "TRACKER_DB")}
"""Variables that the runtime sets for the Rasa project files."""


class Settings:
    """The values of all settings, as attributes in lower case: `settings.port`."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        values: Dict[str, Any] = {}
        known = {setting.variable for setting in SETTINGS} | _DERIVED
        for variable in environ:
            if variable.startswith(PREFIX) and variable not in known:
                raise SettingError(f"{variable} is no setting. Known are: {', '.join(sorted(known))}.")
        for setting in SETTINGS:
            text = environ.get(setting.variable, "") or setting.default
            try:
                values[setting.name.lower()] = setting.parse(text)
            except (ValueError, KeyError):
                shown = "the value given" if setting.hidden else f"'{setting.shown(text)}'"
                raise SettingError(
                    f"{setting.variable}: {shown} cannot be used; expected {setting.expected}."
                ) from None
        self._values = values

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"There is no setting '{name}'.") from None

    def secret_for(self, purpose: str) -> str:
        """A secret (64 hex digits) for one purpose, derived from SECRET or from VAR/secret."""
        master = self.secret or kept_secret(self.var / "secret")
        return hmac.new(master.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def read_settings(environ: Optional[Mapping[str, str]] = None) -> Settings:
    """The settings of `environ` (by default the process's). Raises SettingError."""
    return Settings(os.environ if environ is None else environ)
