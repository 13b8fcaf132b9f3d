"""Which platforms there are, and which of them the settings switch on."""

from __future__ import annotations

from smartcity.gateway.channels.channel import Channel
from smartcity.gateway.channels.matrix import Matrix
from smartcity.gateway.channels.messenger import Messenger
from smartcity.gateway.channels.slack import Slack
from smartcity.gateway.channels.telegram import Telegram
from smartcity.gateway.channels.twilio import Twilio
from smartcity.gateway.channels.whatsapp import WhatsApp
from smartcity.settings import PREFIX, SettingError, Settings

PLATFORMS = (Telegram, WhatsApp, Messenger, Twilio, Slack, Matrix)
WEBHOOKS = {platform.name: platform.methods for platform in PLATFORMS if platform.methods}


def is_on(platform: type[Channel], settings: Settings) -> bool:
    return bool(getattr(settings, platform.needs[0].lower()))


def missing(platform: type[Channel], settings: Settings) -> list[str]:
    """Variables that the platform needs and that are not set."""
    return [PREFIX + name for name in platform.needs if not getattr(settings, name.lower())]


def forgotten(platform: type[Channel], settings: Settings) -> list[str]:
    """Variables of this platform alone that are set in vain, since the one that switches it on is empty."""
    others = {name for other in PLATFORMS if other is not platform for name in other.needs}
    return [PREFIX + name for name in platform.needs if name not in others and getattr(settings, name.lower())]


def channels(settings: Settings) -> list[Channel]:
    """The platforms that are on. Raises SettingError when one of them lacks a setting."""
    found: list[Channel] = []
    for platform in PLATFORMS:
        if not is_on(platform, settings):
            continue
        if lacking := missing(platform, settings):
            raise SettingError(
                f"{platform.name.capitalize()} is switched on by {PREFIX}{platform.needs[0]}, but these settings are "
                f"empty: {', '.join(lacking)}."
            )
        found.append(platform(settings))
    return found
