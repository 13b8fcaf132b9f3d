"""The rules together: which are broken, the report about them, and the refusal to start."""

from __future__ import annotations

from collections.abc import Iterator

from smartcity.production import files, network, rasa, secrets
from smartcity.production.missing import missing
from smartcity.production.rule import Rule, Situation
from smartcity.settings import SETTINGS, Settings

RULES: tuple[Rule, ...] = (*secrets.RULES, *network.RULES, *rasa.RULES, *files.RULES)
PRODUCTION = "production"


class UnsafeError(RuntimeError):
    """The set-up is not safe for production; the message says what and how to mend it."""


def broken(now: Situation) -> list[Rule]:
    """The rules that do not hold."""
    return [rule for rule in RULES if rule.broken(now)]


def refuse_unsafe(settings: Settings, rasa: tuple[str, ...] = ()) -> None:
    """Raise UnsafeError in production where a rule does not hold; nothing in development."""
    if settings.env != PRODUCTION:
        return
    found = broken(Situation(settings, rasa=rasa))
    if found:
        lines = "\n".join(_line(rule) for rule in found)
        raise UnsafeError(f"SMARTCITY_ENV is production, and this is not safe:\n{lines}")


def report(now: Situation) -> Iterator[str]:
    """What is set, what is missing, what is unsafe: lines for a person, without any secret."""
    yield "Set:"
    given = [setting for setting in SETTINGS if now.environ.get(setting.variable)]
    for setting in given:
        yield f"  {setting.variable}: {setting.shown(now.environ[setting.variable])}"
    if not given:
        yield "  nothing; all settings have their defaults"
    lacking = missing(now)
    yield "\nMissing:"
    for line in lacking or ["nothing"]:
        yield f"  {line}"
    unsafe = broken(now)
    yield "\nUnsafe for production:"
    for rule in unsafe:
        yield _line(rule)
    if not unsafe:
        yield "  nothing"


def _line(rule: Rule) -> str:
    return f"  {rule.setting}: {rule.why}.\n    Remedy: {rule.remedy}."
