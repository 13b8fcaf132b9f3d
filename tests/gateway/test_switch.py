"""The chat is switched off and on while it runs, and says so kindly."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from smartcity.cli import main
from smartcity.gateway.widget import FOLDER, read_files, version_of

from .conftest import StartGateway
from .standin import StandIn
from .steps import begin, error_of, say


@pytest.fixture
def website(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run `smartcity website ...` for the gateway of `start`; what it prints."""
    monkeypatch.setenv("SMARTCITY_VAR", str(tmp_path))

    def run(*arguments: str) -> str:
        assert main(["website", *arguments]) == 0
        return capsys.readouterr().out

    return run


def _off(answer: httpx.Response) -> None:
    error = error_of(answer, 503, "switched_off")
    assert "www.krefeld.de" in error["message"]


def test_off_and_on_without_a_restart(start: StartGateway, rasa: StandIn, website) -> None:  # type: ignore[no-untyped-def]
    client = start()
    headers = begin(client)
    assert "is on" in website("status")
    assert client.get("/chat/config").json()["enabled"] is True

    assert "is off" in website("off")
    assert "is off" in website("status")
    assert client.get("/chat/config").json()["enabled"] is False
    said = len(rasa.received)
    _off(client.post("/chat/sessions"))
    _off(say(client, headers, text="Hallo"))
    _off(say(client, {**headers, "Accept": "text/event-stream"}, text="Hallo"))
    english = client.post("/chat/sessions", headers={"Accept-Language": "en"})
    assert "switched off" in error_of(english, 503, "switched_off")["message"]
    assert len(rasa.received) == said
    assert client.post("/chat/feedback", headers=headers, json={"rating": "5"}).status_code == 204
    assert client.delete("/chat/sessions", headers=headers).status_code == 204

    assert "is on" in website("on")
    assert client.get("/chat/config").json()["enabled"] is True
    begin(client)
    website("on")


def test_configuration(start: StartGateway, gateway: httpx.Client) -> None:
    answer = start(MAX_TEXT="77").get("/chat/config")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    told = answer.json()
    assert told.pop("version") == gateway.get("/health").json()["version"]
    assert told == {"enabled": True, "max_text": 77, "languages": ["de", "en", "de-simple"]}
    assert gateway.head("/chat/config").status_code == 200
    allowed = gateway.get("/chat/config", headers={"Origin": "https://www.krefeld.de"})
    assert allowed.headers["access-control-allow-origin"] == "https://www.krefeld.de"
    error_of(gateway.get("/chat/config", headers={"Origin": "https://evil.example"}), 403, "origin_not_allowed")


def test_snippet_names_every_file_that_a_browser_can_check(website) -> None:  # type: ignore[no-untyped-def]
    files = read_files(FOLDER)
    simple, _, pinned = website("snippet", "--address", "https://chat.example.org/").partition("\n\n")
    assert 'src="https://chat.example.org/widget/smartcity-chat.js"' in simple
    assert "<smartcity-chat></smartcity-chat>" in simple
    for name, file in files.items():
        if name.endswith(".js"):
            address = f'"https://chat.example.org/widget/{version_of(files)}/{name}"'
            (line,) = [line for line in pinned.splitlines() if address in line]
            assert f'integrity="{file.integrity}" crossorigin' in line
            assert line.startswith("<script" if name == "smartcity-chat.js" else '<link rel="modulepreload"')


def test_snippet_without_an_address_is_for_this_machine(website) -> None:  # type: ignore[no-untyped-def]
    assert 'src="http://127.0.0.1:8080/widget/smartcity-chat.js"' in website("snippet")


@pytest.mark.parametrize("address", ["chat.example.org", "ftp://chat.example.org", ""])
def test_snippet_takes_web_addresses_only(address: str) -> None:
    with pytest.raises(SystemExit):
        main(["website", "snippet", "--address", address])
