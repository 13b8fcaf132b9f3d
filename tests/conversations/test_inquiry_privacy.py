"""After whole conversations nothing that a citizen told a form stands anywhere in clear: in no file, no log."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from ..ports import free_ports
from ..system import ApiClient, RunningSystem

pytestmark = pytest.mark.system
SAID = {
    "subject": "Laternenparkplatz neben der Zwiebelgasse",
    "wish": "nächsten Dienstag ab 13:37",
    "name": "Walburga Ölschläger",
    "other name": "Kunigunde Hüttenrauch",
    "email": "walburga.oelschlaeger@beispiel.example",
    "telephone": "0151 23456789",
}
TELLING = (
    "Laternenparkplatz", "Zwiebelgasse", "13:37", "Walburga", "Ölschläger", "oelschlaeger", "Kunigunde", "Hüttenrauch",
    "23456789", "2345 6789",
)  # fmt: skip


@pytest.fixture(scope="module", params=["inprocess", "http"])
def var(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(tmp_path_factory.mktemp("privacy"))
    (folder / "actions").write_text(request.param, "ascii")
    return folder


@pytest.fixture(scope="module")
def system(var: Path) -> Iterator[RunningSystem]:
    """An assistant whose logs hold debug lines."""
    (port,) = free_ports(1)
    environ = {
        "SMARTCITY_OFFICE_MAIL": "buero@beispiel.example",
        "SMARTCITY_SMTP_HOST": "127.0.0.1",
        "SMARTCITY_SMTP_PORT": str(port),
        "SMARTCITY_ACTIONS": (var / "actions").read_text("ascii"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOG_LEVEL", "DEBUG")
        running = RunningSystem(var, environ)
    try:
        running.wait_until_healthy()
        yield running
    finally:
        running.stop()


def _hold(client: ApiClient) -> None:
    """One request from beginning to end, with a correction, a question in between and failures."""
    client.open("de")
    client.say("Ich möchte einen Termin vereinbaren")
    for text in (SAID["subject"], SAID["wish"], "nein", "Wo ist das Büro?", "am Telefon", SAID["name"]):
        client.say(text)
    client.say(SAID["email"])  # a telephone number is needed
    client.say(f"{SAID['email']} und {SAID['telephone']}")
    client.say("den Namen ändern")
    client.say(SAID["other name"])
    client.say("später")
    client.say("weitermachen")
    client.say("zurück")
    client.say(SAID["telephone"])
    (filed,) = client.say("ja")
    assert filed["answer"] == "inquiry/filed"
    client.say("Was ist mit meiner Anfrage?")
    client.say("zurückziehen")
    (withdrawn,) = client.say(SAID["email"])
    assert withdrawn["answer"] == "inquiry/withdrawn"


def _forms_of(text: str) -> list[bytes]:
    """The text as it may stand in a file: plain, as JSON, in Base64 at each offset."""
    found = [text.encode(), json.dumps(text)[1:-1].encode(), repr(text)[1:-1].encode()]
    for offset in range(3):
        encoded = base64.b64encode(b"x" * offset + text.encode())
        found.append(encoded[4 if offset else 0 : -4])
    return [form for form in found if len(form) > 4]


def test_nothing_of_it_stands_in_clear(system: RunningSystem, var: Path) -> None:
    client = ApiClient(system.address)
    _hold(client)
    client.close()
    (wal, *_) = [path for path in var.iterdir() if path.name == "conversations.db-wal"] or [var / "conversations.db"]
    assert wal.stat().st_size
    files = {path: path.read_bytes() for path in var.rglob("*") if path.is_file()}
    assert any(path.name == "run.log" and b"DEBUG" in data.upper() for path, data in files.items()), "no debug lines"
    found = {
        (path.name, text)
        for path, data in files.items()
        for text in TELLING
        if any(form in data for form in _forms_of(text))
    }
    assert not found
    with closing(sqlite3.connect(var / "conversations.db")) as connection:
        rows = [json.loads(data) for (data,) in connection.execute("SELECT data FROM events")]
    assert any(row.get("text") == "Ich möchte einen Termin vereinbaren" for row in rows), "what is no answer stays"
    assert any("nicht gespeichert" in str(row.get("text")) for row in rows if row["event"] == "bot")


def test_deleting_the_conversation_drops_the_draft(system: RunningSystem, var: Path) -> None:
    client = ApiClient(system.address)
    client.open("de")
    client.say("Ich möchte einen Termin vereinbaren")
    client.say(SAID["subject"])

    def drafts() -> int:
        with closing(sqlite3.connect(var / "console.db")) as connection:
            return int(
                connection.execute("SELECT count(*) FROM inquiry_drafts WHERE payload IS NOT NULL").fetchone()[0]
            )

    before = drafts()
    assert before
    authorization = client._http.headers["Authorization"]
    client.close()
    answer = httpx.delete(
        f"{system.address}/chat/sessions", headers={"Authorization": authorization}, timeout=20, trust_env=False
    )
    assert answer.status_code == 204
    assert drafts() == before - 1
