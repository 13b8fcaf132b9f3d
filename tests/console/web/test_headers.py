"""What every answer carries, and that nobody uses the console under a foreign name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from smartcity.console.web.app import create_app
from smartcity.console.web.rendering import FOLDER as TEMPLATES
from smartcity.settings import SettingError, read_settings

from ..conftest import SECRET, SignIn
from ..rows import an_account
from ..staff import Staff


@pytest.mark.parametrize("path", ["/", "/search", "/nowhere", "/signin", "/audit", "/static/console.css", "/health"])
def test_every_answer_has_them(path: str, client: Staff) -> None:
    headers = client.get(path).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'" and policy["trusted-types"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-cache" if "static" in path else "no-store")
    assert "server" not in headers and "strict-transport-security" not in headers


def test_no_template_has_style_or_script_of_its_own() -> None:
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|\|\s*safe\b|autoescape false", text), path.name
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), path.name


def test_a_foreign_host_gets_nothing(sign_in: SignIn) -> None:
    client = sign_in("admin")
    for host in ("evil.example", "127.0.0.1.evil.example:8090", "", "[", "10.0.0.1:8090"):
        answer = client.get("/", headers={"host": host})
        assert answer.status_code == 421
        assert "set-cookie" not in answer.headers
    assert client.get("/", headers={"host": "localhost:8090"}).status_code == 200
    assert client.get("/health", headers={"host": "balancer.internal"}).status_code == 200


def test_over_https_cookies_are_secure_and_tied_to_the_host(engine: Engine, tmp_path: Path) -> None:
    address = "https://konsole.krefeld.example"
    settings = read_settings(
        {"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": SECRET, "SMARTCITY_CONSOLE_URL": address}
    )
    app = create_app(settings, engine)
    an_account(engine, "admin")
    page = Staff(app, address=address).get("/signin")
    (cookie,) = page.headers.get_list("set-cookie")
    assert re.fullmatch(r"__Host-console=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", cookie)
    assert page.headers["strict-transport-security"]
    assert Staff(app, address="https://konsole.krefeld.example:444").get("/signin").status_code == 421
    assert Staff(app, address="http://127.0.0.1:8090").get("/signin").status_code == 421
    assert Staff(app, an_account(engine, "reader"), address=address).post("/language").status_code == 303


def test_a_console_for_others_needs_its_address(engine: Engine) -> None:
    with pytest.raises(SettingError, match="SMARTCITY_CONSOLE_URL"):
        create_app(read_settings({"SMARTCITY_CONSOLE_HOST": "0.0.0.0", "SMARTCITY_SECRET": SECRET}), engine)


def test_files_are_told_apart_by_their_tags(client: Staff) -> None:
    first = client.get("/static/console.css")
    assert client.get("/static/console.css", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert client.get("/static/%2e%2e%2fapp.py").status_code == 404
    assert client.get("/static/nothing.css").status_code == 404


def test_a_fault_says_nothing_of_itself(client: Staff, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE views RENAME TO gone")
    answer = client.get("/search?text=Geheimnis")
    assert answer.status_code == 500
    assert "gone" not in answer.text and "views" not in answer.text and "content-security-policy" in answer.headers
    assert "OperationalError" in caplog.text and "Geheimnis" not in caplog.text
