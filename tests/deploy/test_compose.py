"""A second Rasa and a second gateway in deploy/compose.yml: each with a port of its own, found by those who ask it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from smartcity.settings import read_settings

from ..system import PROJECT

DEPLOY = PROJECT / "deploy"
SERVICES: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))["services"]
DOCUMENT = (PROJECT / "docs" / "operating.md").read_text("utf-8")
OWN = ("profiles", "environment", "healthcheck", "depends_on")


def _settings(service: str) -> Any:
    environ = {name: value for name, value in SERVICES[service]["environment"].items() if name.startswith("SMARTCITY_")}
    (urls,) = re.findall(r"SMARTCITY_RASA_URLS=([^`]+)`", DOCUMENT)
    return read_settings({**environ, "SMARTCITY_RASA_URLS": urls, "SMARTCITY_SECRET": "0123456789abcdef" * 4})


@pytest.mark.parametrize("name", ["rasa", "gateway"])
def test_the_second_is_as_the_first_but_for_its_port(name: str) -> None:
    first, second = ({k: v for k, v in SERVICES[one].items() if k not in OWN} for one in (name, f"{name}-2"))
    assert first == second
    assert SERVICES[f"{name}-2"]["profiles"] == ["more"] and "profiles" not in SERVICES[name]
    changed = set(SERVICES[f"{name}-2"]["environment"].items()) ^ set(SERVICES[name]["environment"].items())
    assert len(changed) == 1 and "PORT" in next(iter(changed))[0]


def test_every_rasa_is_asked_and_looked_at_by_its_port() -> None:
    ports = [_settings(name).rasa_port for name in ("rasa", "rasa-2")]
    assert len(set(ports)) == 2
    assert list(_settings("gateway").rasa_urls) == [f"http://127.0.0.1:{port}" for port in ports]
    for name, port in zip(("rasa", "rasa-2"), ports):
        assert f"'127.0.0.1', {port})" in SERVICES[name]["healthcheck"]["test"][-1]


def test_nginx_knows_every_gateway_of_each_list() -> None:
    ports = [_settings(name).port for name in ("gateway", "gateway-2")]
    (mounted,) = [line for line in SERVICES["nginx"]["volumes"] if "gateways.conf:/etc" in line or "GATEWAYS" in line]
    (usual,) = re.findall(r"\$\{GATEWAYS:-([\w.-]+)\}", mounted)
    (more,) = re.findall(r"GATEWAYS=([\w.-]+)`", DOCUMENT)
    alias = SERVICES["network"]["networks"]["edge"]["aliases"][0]
    for file, known in ((usual, ports[:1]), (more, ports)):
        text = (DEPLOY / "nginx" / "compose" / file).read_text("utf-8")
        assert re.findall(r"^server (\S+) ", text, re.MULTILINE) == [f"{alias}:{port}" for port in known]
    for name, port in zip(("gateway", "gateway-2"), ports):
        assert f"127.0.0.1:{port}/health" in SERVICES[name]["healthcheck"]["test"][-1]
