"""The last check of the sources: begun by a button or by `smartcity sources check --store`, kept for the page."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.database import connect, hold_sources, migrate, write
from smartcity.console.tables import cursors
from smartcity.knowledge.evidence import Finding, check_sources
from smartcity.knowledge.records import Knowledge
from smartcity.settings import Settings

logger = logging.getLogger(__name__)

NAME = "sources"
GIVEN_UP = 60 * 60 * 1000
"""A check that began so many milliseconds ago has died with its console."""


class CheckError(RuntimeError):
    """A check cannot begin."""


@dataclass(frozen=True)
class Check:
    """What the last check found, and whether one is under way."""

    begun: Optional[int] = None
    """When the check under way began."""
    ended: Optional[int] = None
    """When the last whole check ended."""
    findings: Sequence[Mapping[str, str]] = ()
    """Of the last whole check: fact, title, url, reason."""
    failed: str = ""
    """Why the last attempt ended early."""


def last(engine: Engine) -> Check:
    with engine.connect() as connection:
        return _check(_value(connection))


def begin(engine: Engine) -> bool:
    """Note that a check begins; False while another is under way."""
    with write(engine) as connection:
        hold_sources(connection)
        value = _value(connection)
        if _check(value).begun is not None:
            return False
        _keep(connection, {**value, "begun": clock.now(), "failed": ""})
    return True


def store(engine: Engine, findings: Iterable[Finding]) -> List[Mapping[str, str]]:
    """Keep what a check finds, when it has ended. What it raises is kept as the reason, and raised on."""
    try:
        found: List[Mapping[str, str]] = [
            {"fact": one.fact, "title": one.source.title, "url": one.source.url, "reason": one.reason}
            for one in findings
        ]
    except BaseException as error:
        with write(engine) as connection:
            failed = f"{type(error).__name__}: {error}"[:300]
            _keep(connection, {**_value(connection), "begun": None, "failed": failed})
        raise
    with write(engine) as connection:
        _keep(connection, {"begun": None, "ended": clock.now(), "findings": found, "failed": ""})
    return found


def store_for(settings: Settings, findings: Iterable[Finding]) -> List[Mapping[str, str]]:
    """Keep what a check of the command line finds in the console's database. Raises CheckError while another runs."""
    engine = connect(settings)
    try:
        migrate(engine)
        if not begin(engine):
            raise CheckError("Another check of the sources is under way in the console; try again later.")
        return store(engine, findings)
    finally:
        engine.dispose()


def check_in_background(engine: Engine, knowledge: Knowledge) -> bool:
    """Check all sources in a thread of this console; False while another check is under way."""
    if not begin(engine):
        return False

    def run() -> None:
        try:
            store(engine, check_sources(knowledge))
        except Exception:
            logger.exception("The sources could not be checked.")

    threading.Thread(target=run, daemon=True).start()
    return True


def _value(connection: sa.engine.Connection) -> Dict[str, Any]:
    value = connection.execute(sa.select(cursors.c.value).where(cursors.c.name == NAME)).scalar()
    return dict(value) if isinstance(value, dict) else {}


def _keep(connection: sa.engine.Connection, value: Mapping[str, Any]) -> None:
    connection.execute(sa.delete(cursors).where(cursors.c.name == NAME))
    connection.execute(sa.insert(cursors).values(name=NAME, value=dict(value)))


def _check(value: Mapping[str, Any]) -> Check:
    begun = value.get("begun")
    if begun is not None and clock.now() - int(begun) > GIVEN_UP:
        begun = None
    return Check(begun, value.get("ended"), value.get("findings") or (), str(value.get("failed") or ""))
