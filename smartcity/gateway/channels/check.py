"""`smartcity channels check`: which messengers are on, what their platforms say of us, what is missing."""

from __future__ import annotations

import asyncio

from smartcity.gateway.channels.calls import Unreachable
from smartcity.gateway.channels.catalogue import PLATFORMS, forgotten, is_on, missing
from smartcity.gateway.channels.channel import Channel, Finding, Later, Refused, Uncertain
from smartcity.settings import PREFIX, SETTINGS, Settings

TOKEN = {
    "401", "403", "404", "190", "20003", "invalid_auth", "not_authed", "token_revoked", "token_expired",
    "account_inactive",
}  # fmt: skip
"""Reasons that mean, on one platform or another, that it does not know our token."""
OBJECT = {"100", "100/33"}
"""Meta's: there is nothing of this id that the token may see."""


def check(settings: Settings, change: bool = False) -> int:
    """Print a line for each finding; the exit code, 1 when something is wrong."""
    return asyncio.run(_check(settings, change))


async def _check(settings: Settings, change: bool) -> int:
    wrong = 0
    for platform in PLATFORMS:
        if is_on(platform, settings):
            findings = [
                Finding(False, f"{variable} is missing. {_help(variable)}") for variable in missing(platform, settings)
            ]
            findings = findings or await _ask(platform(settings), change)
        elif vain := forgotten(platform, settings):
            findings = [
                Finding(False, f"off, since {PREFIX}{platform.needs[0]} is empty; but {', '.join(vain)} is set")
            ]
        else:
            print(f"{platform.name}: off; {PREFIX}{platform.needs[0]} is empty")
            continue
        for finding in findings:
            print(f"{platform.name}: {'ok' if finding.good else 'WRONG'}: {finding.text}")
        wrong += any(not finding.good for finding in findings)
    return 1 if wrong else 0


async def _ask(channel: Channel, change: bool) -> list[Finding]:
    try:
        return await channel.check(change)
    except Unreachable as failure:
        return [Finding(False, f"{failure.host} cannot be reached from this machine ({failure.kind})")]
    except (Later, Refused, Uncertain) as failure:
        return [Finding(False, f"the platform does not answer as it should ({failure.reason}){_hint(failure.reason)}")]
    finally:
        await channel.close()


def _hint(reason: str) -> str:
    if reason in TOKEN:
        return "; is the token right?"
    return "; is the id right, and may the token see it?" if reason in OBJECT else ""


def _help(variable: str) -> str:
    return next(setting.help for setting in SETTINGS if setting.variable == variable)
