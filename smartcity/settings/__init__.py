"""Every setting of the assistant: name, default and one line of help, by room.

Each is read from the environment as SMARTCITY_<NAME>. A bad value stops the start with a
sentence that names the setting, the value and what is expected.
"""

from smartcity.settings.kinds import web_address
from smartcity.settings.setting import PREFIX, Setting, SettingError
from smartcity.settings.values import SETTINGS, Settings, read_settings

__all__ = ["PREFIX", "SETTINGS", "Setting", "SettingError", "Settings", "read_settings", "web_address"]
