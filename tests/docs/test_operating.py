"""What docs/operating.md names is there: files of deploy/, units, services, ports."""

from __future__ import annotations

import re

import pytest
import yaml

from .pages import PROJECT, read

DEPLOY = PROJECT / "deploy"
LATER = {"deploy/.env", "deploy/tls"}
"""What the operator makes."""
TEXT = read("operating")


def test_every_file_of_deploy_that_is_named_exists() -> None:
    named = set(re.findall(r"(?<!tests/)\bdeploy/[A-Za-z0-9_./*-]+", TEXT))
    assert len(named) > 10
    for name in (one.rstrip("./") for one in named):
        if not any(name.startswith(one) for one in LATER):
            found = list(PROJECT.glob(name)) if "*" in name else [PROJECT / name]
            # The emergency pages are made from content by a command of their own.
            assert found and (all(path.exists() for path in found) or "emergency" in name), name


def test_every_unit_that_is_named_exists() -> None:
    units = {path.name for path in (DEPLOY / "systemd").iterdir()}
    for name in re.findall(r"\b(smartcity-[a-z]+(?:@\d+)?(?:\.service|\.timer)?|smartcity\.target)\b", TEXT):
        known = {re.sub(r"@\d*", "@", name) + suffix for suffix in ("", ".service", ".timer")}
        assert known & units or name in ("smartcity-nginx", "smartcity-sysusers", "smartcity-20260126"), name


def test_every_container_that_is_named_exists() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))["services"]
    for line in re.findall(r"docker compose .+", TEXT):
        found = re.search(r" (?:exec|run --rm --volume \S+|up --detach) ([a-z]+)", line)
        assert found is None or found.group(1) in services, line


@pytest.mark.parametrize("name", ["postgres", "redis", "rasa", "gateway", "console", "reader", "mailer", "nginx"])
def test_every_container_is_walled_in(name: str) -> None:
    service = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))["services"][name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"] and service["user"].split(":")[0] not in ("0", "root")
    assert service["mem_limit"] and service["cpus"] and service["pids_limit"] and service["restart"] == "unless-stopped"
    if name != "nginx":
        assert "ports" not in service, "only nginx is reached from outside"


def test_rasa_has_no_network_of_its_own() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))["services"]
    for name in ("rasa", "actions", "gateway", "console"):
        assert services[name]["network_mode"] == "service:network"
    assert {services[name]["network_mode"] for name in ("postgres", "redis")} == {"none"}
    assert services["rasa"]["command"] == ["rasa", "run"], "on loopback"
