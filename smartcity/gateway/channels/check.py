"""`smartcity channels check`: which messengers are on, what their platforms say of us, what is missing."""

from __future__ import annotations

import asyncio

from smartcity.gateway.channels.catalogue import PLATFORMS, is_on, missing
from smartcity.gateway.channels.channel import Channel, Finding, Later, Refused, Uncertain
from smartcity.settings import PREFIX, Settings


def check(settings: Settings, change: bool = False) -> int:
    """Print a line for each finding; the exit code, 1 when something is wrong."""
    return asyncio.run(_check(settings, change))


async def _check(settings: Settings, change: bool) -> int:
    wrong = 0
    for platform in PLATFORMS:
        if not is_on(platform, settings):
            print(f"{platform.name}: off; {PREFIX}{platform.needs[0]} is empty")
            continue
        lacking = missing(platform, settings)
        findings = [Finding(False, f"{variable} is missing") for variable in lacking]
        if not lacking:
            findings = await _ask(platform(settings), change)
        for finding in findings:
            print(f"{platform.name}: {'ok' if finding.good else 'WRONG'}: {finding.text}")
        wrong += any(not finding.good for finding in findings)
    return 1 if wrong else 0


async def _ask(channel: Channel, change: bool) -> list[Finding]:
    try:
        return await channel.check(change)
    except (Later, Refused, Uncertain) as failure:
        hint = "; is the token right?" if failure.reason in ("401", "403", "404", "invalid_auth", "190") else ""
        return [Finding(False, f"the platform does not answer as it should ({failure.reason}){hint}")]
    finally:
        await channel.close()
