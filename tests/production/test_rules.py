"""Every rule has a set-up that breaks it, and one beside it that does not."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from smartcity.production.check import RULES, broken
from smartcity.production.rule import Situation
from smartcity.settings import read_settings

SECRET = "5f0c" + "9b3e7a61d28f4c0b" * 3
DATABASE = "postgresql://smartcity:q8Zr0vKe2LxW9@db.example.org/smartcity?sslmode=verify-full"
ENDPOINTS = "tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: ${SMARTCITY_TRACKER_DB}\n"
SAFE = {
    "ENV": "production",
    "SECRET": SECRET,
    "PUBLIC_URL": "https://chat.example.org",
    "CONSOLE_URL": "https://konsole.example.org",
    "ORIGINS": "https://www.example.org",
    "HOST": "0.0.0.0",
    "CONSOLE_HOST": "0.0.0.0",
    "TRUSTED_PROXIES": "10.1.2.3",
    "DATABASE": DATABASE,
    "REDIS": "rediss://:q8Zr0vKe2LxW9@redis.example.org:6379/0",
    "SMTP_HOST": "mail.example.org",
    "OFFICE_MAIL": "office@example.org",
    "OIDC_ISSUER": "https://login.example.org/realms/stadt",
}


def situation(
    folder: Path, changed: Mapping[str, str], environ: Mapping[str, str] | None = None, rasa: tuple[str, ...] = ("run",)
) -> Situation:
    """The safe set-up with these settings instead, in this folder as project."""
    var = folder / "var"
    var.mkdir(mode=0o700, exist_ok=True)
    if not (folder / "endpoints.yml").exists():
        (folder / "endpoints.yml").write_text(ENDPOINTS, "utf-8")
    values = {f"SMARTCITY_{name}": value for name, value in {"VAR": str(var), **SAFE, **changed}.items()}
    return Situation(read_settings(values), {**values, **(environ or {})}, folder, rasa)


def whys(now: Situation) -> list[str]:
    return [rule.why for rule in broken(now)]


def test_a_good_set_up_breaks_no_rule(tmp_path: Path) -> None:
    assert whys(situation(tmp_path, {})) == []


def test_what_stays_on_this_machine_needs_no_encryption(tmp_path: Path) -> None:
    local = {
        "HOST": "127.0.0.1",
        "CONSOLE_HOST": "127.0.0.1",
        "TRUSTED_PROXIES": "127.0.0.1",
        "REDIS": "redis://127.0.0.1:6379/0",
        "DATABASE": "postgresql:///smartcity?host=/run/postgresql",
        "SMTP_HOST": "localhost",
        "SMTP_STARTTLS": "off",
        "CONTENT": "http://localhost:9000/export",
    }
    assert whys(situation(tmp_path, local)) == []


CASES = [
    ({"SECRET": "changeme" * 5}, "think it up"),
    ({"SECRET": "ab" * 20}, "think it up"),
    ({"SECRET": ""}, "VAR alone"),
    ({"SECRET": "", "DATABASE": "", "REDIS": "unix:///run/redis.sock"}, "VAR alone"),
    ({"INQUIRY_KEYS": "A" * 43 + "="}, "no random one"),
    ({"META_VERIFY_TOKEN": "hallo"}, "guessed"),
    ({"DATABASE": DATABASE.replace("q8Zr0vKe2LxW9", "smartcity")}, "can be guessed"),
    ({"DATABASE": DATABASE.replace(":q8Zr0vKe2LxW9", "")}, "can be guessed"),
    ({"ORIGINS": "https://*.example.org"}, "every website"),
    ({"ORIGINS": "https://www.example.org,http://www.example.org"}, "plain http"),
    ({"LIMITS": "off"}, "without limits"),
    ({"PLATFORM_BASE": "https://stand-in.example.org"}, "for tests"),
    ({"PUBLIC_URL": "http://chat.example.org"}, "what people write"),
    ({"CONSOLE_URL": "http://konsole.example.org"}, "passwords and conversations"),
    ({"TRUSTED_PROXIES": "", "CONSOLE": "off"}, "the gateway listens"),
    ({"TRUSTED_PROXIES": "", "HOST": "127.0.0.1"}, "the console listens"),
    ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "claim any address"),
    ({"TRUSTED_PROXIES": "10.1.2.3, ::/0"}, "claim any address"),
    ({"OIDC_ISSUER": "http://login.example.org"}, "who signs in"),
    ({"MATRIX_HOMESERVER": "http://matrix.example.org"}, "account's token"),
    ({"CONTENT": "http://cms.example.org/export"}, "what the city says"),
    ({"SMTP_STARTTLS": "off"}, "in the clear"),
    ({"DATABASE": DATABASE.replace("verify-full", "prefer")}, "in the clear"),
    ({"DATABASE": DATABASE.partition("?")[0]}, "in the clear"),
    ({"REDIS": "redis://redis.example.org:6379/0"}, "in the clear"),
]


@pytest.mark.parametrize(("changed", "why"), CASES, ids=lambda value: str(value)[:40])
def test_an_unsafe_setting_is_found(tmp_path: Path, changed: Mapping[str, str], why: str) -> None:
    found = whys(situation(tmp_path, changed))
    assert len(found) == 1 and why in found[0]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("run", "-i", "0.0.0.0"), "listen for other machines"),
        (("run", "--interface=::"), "listen for other machines"),
        (("run", "-i0.0.0.0"), "listen for other machines"),
        (("run", "actions"), "listen for other machines"),
        (("shell",), "listen for other machines"),
        (("run", "--enable-api"), "HTTP API"),
        (("run", "--cors", "*"), "HTTP API"),
        (("run", "--remote-storage", "aws"), "models from elsewhere"),
        (("run", "--debug"), "debug logs"),
        (("run", "-vv"), "debug logs"),
    ],
)
def test_an_unsafe_command_line_of_rasa_is_found(tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    found = whys(situation(tmp_path, {}, rasa=arguments))
    assert len(found) == 1 and why in found[0]


def test_a_model_server_is_found(tmp_path: Path) -> None:
    (tmp_path / "endpoints.yml").write_text(f"{ENDPOINTS}models:\n  url: https://models.example.org\n", "utf-8")
    assert ["models from elsewhere" in why for why in whys(situation(tmp_path, {}))] == [True]


def test_the_tracker_store_is_looked_at_too(tmp_path: Path) -> None:
    text = "tracker_store:\n  type: SQL\n  dialect: postgresql\n  url: db.example.org\n  username: rasa\n"
    (tmp_path / "endpoints.yml").write_text(f"{text}  password: ${{POSTGRES_PASSWORD}}\n", "utf-8")
    assert len(whys(situation(tmp_path, {}))) == 1  # the text of the variable stands for the password; no TLS


def test_files_that_others_may_read_are_found(tmp_path: Path) -> None:
    now = situation(tmp_path, {})
    (tmp_path / ".env").touch(mode=0o600)
    (tmp_path / "models").mkdir(mode=0o755)
    assert whys(now) == []
    (tmp_path / ".env").chmod(0o640)
    (tmp_path / "var").chmod(0o750)
    (tmp_path / "models").chmod(0o775)
    assert [rule.setting for rule in broken(now)] == ["SMARTCITY_VAR", ".env", "models"]


def test_a_kept_secret_is_looked_at(tmp_path: Path) -> None:
    now = situation(tmp_path, {"SECRET": "", "DATABASE": "", "REDIS": ""})
    assert whys(now) == []
    assert now.settings.secret_for("test") and whys(now) == [], "the one that is made is good"
    (tmp_path / "var" / "secret").write_text("geheim" * 8, "ascii")
    assert len(whys(now)) == 1


@pytest.mark.parametrize("name", ["LOG_LEVEL", "LOG_LEVEL_LIBRARIES"])
def test_debug_logs_are_found(tmp_path: Path, name: str) -> None:
    assert len(whys(situation(tmp_path, {}, {name: "debug"}))) == 1
    assert whys(situation(tmp_path, {}, {name: "WARNING"})) == []


def test_a_secret_made_by_a_machine_is_never_called_weak(tmp_path: Path) -> None:
    for _ in range(300):
        made = {"SECRET": secrets.token_hex(32), "INQUIRY_KEYS": Fernet.generate_key().decode()}
        assert whys(situation(tmp_path, made)) == []


def test_rules_say_why_and_what_to_do() -> None:
    assert len({rule.why for rule in RULES}) >= 20
    for rule in RULES:
        assert rule.setting and rule.why and rule.remedy and not rule.remedy.endswith(".")
        assert not any(value in rule.why + rule.remedy for value in os.environ if len(value) > 30)
