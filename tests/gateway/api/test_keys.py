"""Keys: made by the command, shown once, kept as digests; who has none, a wrong one or a revoked one gets nothing."""

from __future__ import annotations

import hashlib
import hmac
import re
import sqlite3
import stat
from pathlib import Path

import httpx
import pytest

from smartcity import cli
from smartcity.gateway.api import keys as keys_module
from smartcity.gateway.api.keys import SCOPES, ApiKeys, KeysError, callback_secret
from smartcity.settings import read_settings

from ..conftest import StartGateway
from ..standin import SECRET, StandIn
from ..steps import error_of
from .conftest import CITY, MakeHolder
from .steps import BEGIN, begin

Calls = list[tuple[str, str, str]]


def _calls(place: str) -> Calls:
    """Scope, method and address of everything that needs a key."""
    return [
        ("messages", "POST", BEGIN),
        ("messages", "POST", f"{place}/messages"),
        ("messages", "GET", f"{place}/messages"),
        ("feedback", "POST", f"{place}/feedback"),
        ("delete", "DELETE", place),
        ("content", "GET", "/api/v1/content"),
        ("content", "GET", "/api/v1/content/initiatives/kruiser"),
    ]


def _call(client: httpx.Client, method: str, address: str, headers: dict[str, str]) -> httpx.Response:
    body = {"rating": "5"} if "feedback" in address else {"text": "Hallo"} if "/messages" in address else {}
    return client.request(method, address, headers=headers, json=body if method == "POST" else None)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_may_do_what_its_scopes_say_and_nothing_else(
    start: StartGateway, holder: MakeHolder, rasa: StandIn, scope: str
) -> None:
    client, everything, one = start(), holder(), holder(scope)
    rasa.content = CITY
    for needed, method, address in _calls(begin(client, everything)):
        rasa.forgotten.clear()
        answer = _call(client, method, address, one)
        if needed == scope:
            # The conversation is another key's.
            assert answer.status_code in ((404,) if "/conversations/" in address else (200, 201)), answer.text
        else:
            assert needed in error_of(answer, 403, "scope_missing")["message"]
    assert rasa.forgotten == [] and rasa.rated == []


def test_two_scopes_are_two_rights(start: StartGateway, holder: MakeHolder) -> None:
    client, headers = start(), holder("delete", "messages")
    place = begin(client, headers)
    assert client.delete(place, headers=headers).status_code == 204
    error_of(client.get("/api/v1/content", headers=headers), 403, "scope_missing")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic abc"])
def test_without_a_key_there_is_nothing(start: StartGateway, rasa: StandIn, authorization: str | None) -> None:
    client = start()
    headers = {} if authorization is None else {"Authorization": authorization}
    for _, method, address in _calls(f"{BEGIN}/x"):
        answer = _call(client, method, address, headers)
        error_of(answer, 401, "no_api_key")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert rasa.received == [] and rasa.content_asked == 0


def test_guessed_keys_are_refused(api: httpx.Client, keys: ApiKeys, rasa: StandIn) -> None:
    text = api.headers["authorization"].split()[1]
    prefix = keys.all()[0].prefix
    other = "A" if text[-2] != "A" else "B"
    guesses = [
        "x",
        "krefeld_",
        prefix,
        f"krefeld_{prefix}_",
        f"krefeld_{prefix}_{'A' * 43}",
        f"krefeld_{'0' * 12}_{text[-43:]}",
        f"{text[:-2]}{other}{text[-1]}",
        f"{text}A",
        text[:-1],
        text.upper(),
        f"{text} {text}",
        "krefeld_' OR 1=1 --",
        "x" * 10_000,
    ]
    for guess in guesses:
        for _, method, address in _calls(f"{BEGIN}/x")[:1]:
            error_of(_call(api, method, address, {"Authorization": f"Bearer {guess}"}), 401, "bad_api_key")
    assert rasa.received == []


def test_comparison_is_of_digests_and_in_constant_time(
    keys: ApiKeys, holder: MakeHolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = holder()["Authorization"].split()[1]
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def watched(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(keys_module.hmac, "compare_digest", watched)
    unknown = f"krefeld_{'0' * 12}_{'A' * 43}"
    assert keys.find(text) is not None and keys.find(unknown) is None
    assert compared[0] == (hashlib.sha256(text.encode()).digest(),) * 2
    assert compared[1] == (hashlib.sha256(unknown.encode()).digest(), bytes(32)), "it takes as long for nobody"


def test_guesses_count_against_the_address_and_keys_do_not(start: StartGateway, holder: MakeHolder) -> None:
    client, headers = start(LIMITS="on", ADDRESS_PER_MINUTE="3"), holder()
    wrong = {"Authorization": "Bearer wrong"}
    for _ in range(3):
        error_of(client.post(BEGIN, headers=wrong), 401, "bad_api_key")
    error_of(client.post(BEGIN, headers=wrong), 429, "too_many_requests")
    assert [client.post(BEGIN, headers=headers).status_code for _ in range(5)] == [201] * 5


def test_revoked_keys_end_at_once(api: httpx.Client, keys: ApiKeys, holder: MakeHolder) -> None:
    place = begin(api)
    keys.revoke("all")
    for _, method, address in _calls(place):
        error_of(_call(api, method, address, {}), 401, "bad_api_key")
    api.headers.update(holder(name="all"))
    assert begin(api), "the name is free again"
    error_of(api.get(f"{place}/messages"), 404, "unknown_conversation")


def test_a_key_is_limited_by_its_own_figure(start: StartGateway, holder: MakeHolder) -> None:
    client = start(LIMITS="on", ADDRESS_PER_MINUTE="1000")
    few, many = holder(per_minute=2), holder(per_minute=50)
    assert [client.post(BEGIN, headers=few).status_code for _ in range(2)] == [201] * 2
    error = error_of(client.post(BEGIN, headers=few), 429, "too_many_calls")
    assert 1 <= error["retry_after"] <= 30
    assert [client.post(BEGIN, headers=many).status_code for _ in range(20)] == [201] * 20
    assert [client.post(BEGIN, headers=holder(per_minute=2)).status_code for _ in range(2)] == [201] * 2


def test_nothing_that_is_kept_gives_a_key_away(keys: ApiKeys, holder: MakeHolder) -> None:
    text = holder(callback="https://example.org/hook")["Authorization"].split()[1]
    kept = keys.path.read_bytes()
    assert text[-43:].encode() not in kept and text.encode() not in kept
    assert hashlib.sha256(text.encode()).digest() in kept
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600


def test_only_the_day_of_the_last_use_is_kept(api: httpx.Client, keys: ApiKeys) -> None:
    assert keys.all()[0].used is None
    begin(api)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", keys.all()[0].used or "")
    with sqlite3.connect(keys.path) as database:
        row = database.execute("SELECT * FROM api_keys").fetchone()
    database.close()
    assert not any(re.search(r"\d\d:\d\d", str(value)) for value in row)


def test_a_key_is_good_while_somebody_writes_to_the_file(api: httpx.Client, keys: ApiKeys) -> None:
    other = sqlite3.connect(keys.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert begin(api)
    other.execute("COMMIT")
    other.close()
    assert keys.all()[0].used is None
    assert begin(api) and keys.all()[0].used


def test_without_a_database_there_are_no_keys_and_none_is_made(tmp_path: Path) -> None:
    keys = ApiKeys(read_settings({"SMARTCITY_VAR": str(tmp_path / "none")}))
    assert keys.find(f"krefeld_{'0' * 12}_{'A' * 43}") is None
    assert keys.all() == [] and not keys.is_valid("0" * 12)
    with pytest.raises(KeysError, match="no key 'x'"):
        keys.revoke("x")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name", ["", "a b", "-a", "ä", "a" * 41, "a\n"])
def test_unfit_names_are_refused(keys: ApiKeys, name: str) -> None:
    with pytest.raises(KeysError, match="1 to 40 characters"):
        keys.create(name, SCOPES, None, 1)


# The command


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMARTCITY_VAR", str(tmp_path))
    monkeypatch.setenv("SMARTCITY_SECRET", SECRET)
    return tmp_path


def test_the_command_makes_lists_and_revokes(
    command: Path, keys: ApiKeys, start: StartGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "https://app.example.org/hook?for=krefeld"
    arguments = ["app-1", "--scopes", "messages", "delete", "--callback", address, "--per-minute", "7"]
    assert cli.main(["api-keys", "create", *arguments]) == 0
    shown = capsys.readouterr().out
    [text] = re.findall(r"^  (krefeld_\S+)$", shown, re.MULTILINE)
    [key] = keys.all()
    assert (key.name, key.scopes, key.callback, key.per_minute) == ("app-1", ("messages", "delete"), address, 7)
    assert callback_secret(read_settings(), key) in shown
    assert begin(start(), {"Authorization": f"Bearer {text}"})

    assert cli.main(["api-keys", "create", "app-1", "--scopes", "content"]) == 1
    assert "There is a key 'app-1' already" in capsys.readouterr().err

    assert cli.main(["api-keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert "app-1" in listed and "messages,delete" in listed and "7 a minute" in listed and address in listed
    assert text[-43:] not in listed

    assert cli.main(["api-keys", "revoke", "app-1"]) == 0
    assert "no longer valid" in capsys.readouterr().out
    assert cli.main(["api-keys", "revoke", "app-1"]) == 1
    cli.main(["api-keys", "list"])
    assert "revoked 20" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--scopes"],
        ["--scopes", "everything"],
        ["--scopes", "content", "--per-minute", "0"],
        ["--scopes", "content", "--callback", "http://example.org/hook"],
        ["--scopes", "content", "--callback", "ftp://example.org"],
        ["--scopes", "content", "--callback", "https://user:word@example.org"],
        ["--scopes", "content", "--callback", "https://"],
    ],
)
def test_unfit_arguments_are_refused(command: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["api-keys", "create", "app-1", *arguments])
    assert not (command / "api-keys.db").exists()
