"""Rules for Rasa's own command line, which knows more than is good for it in production."""

from __future__ import annotations

import yaml

from smartcity.production.rule import Rule, Situation, is_loopback

_SERVERS = ("shell", "interactive", "x")


def _value(arguments: tuple[str, ...], *names: str) -> str | None:
    for number, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in names:
            return value if equals else "".join(arguments[number + 1 : number + 2])
        for short in names:
            if len(short) == 2 and argument.startswith(short) and len(argument) > 2 and not argument.startswith("--"):
                return argument[2:]
    return None


def _is_given(arguments: tuple[str, ...], *names: str) -> bool:
    return _value(arguments, *names) is not None


def _listens_abroad(now: Situation) -> bool:
    host = _value(now.rasa, "-i", "--interface")
    if now.rasa[:2] == ("run", "actions") or (now.rasa[:1] and now.rasa[0] in _SERVERS):
        return True
    return host is not None and (not host or not is_loopback(host))


def _names_models(now: Situation) -> bool:
    try:
        found = yaml.safe_load((now.project / "endpoints.yml").read_text("utf-8"))
    except (OSError, yaml.YAMLError):
        return False
    return isinstance(found, dict) and bool(found.get("models"))


RULES = (
    Rule(
        "smartcity rasa",
        "Rasa, or its action server, would listen for other machines, and anybody could speak for citizens",
        "start `smartcity rasa run` without an interface, and `smartcity actions` instead of Rasa's action server",
        _listens_abroad,
    ),
    Rule(
        "smartcity rasa run",
        "Rasa's HTTP API reads conversations and loads models for whoever asks",
        "leave out --enable-api, --cors and --auth-token",
        lambda now: _is_given(now.rasa, "--enable-api", "--cors", "-t", "--auth-token"),
    ),
    Rule(
        "smartcity rasa run",
        "models from elsewhere can name any code to run",
        "leave out --remote-storage, and models in endpoints.yml",
        lambda now: _is_given(now.rasa, "--remote-storage") or _names_models(now),
    ),
    Rule(
        "smartcity rasa run",
        "debug logs hold what citizens write",
        "leave out --debug, --verbose and their short forms",
        lambda now: _is_given(now.rasa, "--debug", "-vv", "--verbose", "-v"),
    ),
)
