"""The OpenAPI document and what the gateway does are the same; test_conformance.py tries it with any requests."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from starlette.routing import Route

from smartcity.gateway.api import callbacks
from smartcity.gateway.api.conversations import LONGEST_USER
from smartcity.gateway.api.interface import document
from smartcity.gateway.api.keys import SCOPES
from smartcity.gateway.api.records import MOST_OF_CONVERSATION
from smartcity.gateway.app import create_app
from smartcity.gateway.errors import STATUS
from smartcity.gateway.ratings import LONGEST_COMMENT
from smartcity.settings import Settings, read_settings

from ..conftest import StartGateway
from ..standin import StandIn, running
from .conftest import MakeHolder
from .receiver import PAGE, Receiver
from .steps import begin, eventually, say

DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
]


def _closed(schemas: dict[str, Any]) -> dict[str, Any]:
    """The schemas such that a field that is not described is an error: clients must bear it, the project must not."""
    closed = copy.deepcopy(schemas)
    for name in ("Begun", "Said", "Accepted", "Fetched", "Callback", "Message", "Source", "Content", "OneRecord"):
        closed[name]["unevaluatedProperties"] = False
    for name in ("Error", "ErrorDetail"):
        closed[name]["unevaluatedProperties"] = False
    for listing in (closed["Facts"], closed["Links"], closed["Fetched"]["properties"]["exchanges"]):
        listing["items"]["unevaluatedProperties"] = False
    closed["Message"]["properties"]["buttons"]["items"]["unevaluatedProperties"] = False
    return closed


def _check(name: str, value: Any) -> None:
    """Assert that a value is as the schema with this name describes it, to the last field."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": _closed(SCHEMAS)}}
    errors = [
        f"{list(error.absolute_path)}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value)
    ]
    assert not errors, errors


def test_the_document_is_served(start: StartGateway) -> None:
    answer = start().get("/api/v1/openapi.json")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT and DOCUMENT["openapi"].startswith("3.1.")


def test_routes_and_document_agree(tmp_path: Path) -> None:
    app = create_app(Settings({"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": "x" * 32}))
    routes = {
        (route.path, method.lower())
        for route in app.routes
        if isinstance(route, Route) and route.path.startswith("/api/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert routes == {(path, method) for path, method, _ in OPERATIONS}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_one_and_is_used(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert f'"#/components/schemas/{name}"' in json.dumps(DOCUMENT)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=lambda value: str(value)[:40])
def test_every_operation_names_its_scope_and_the_errors_of_all(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    if operation.get("security") == []:
        return
    named = re.findall(r"Scope `(\w+)`", operation["description"])
    assert len(named) == 1 and named[0] in SCOPES
    needed = {"401", "403", "429", "500", "503"}
    if "requestBody" in operation:
        needed |= {"400", "408", "413", "415", "422"}
    if "{" in path:
        needed |= {"404"}
    assert needed <= set(operation["responses"])


def test_every_code_that_is_named_exists_with_its_status() -> None:
    statuses = {"Unreadable": 400, "Unknown": 401, "Forbidden": 403, "NotFound": 404, "TooSlow": 408, "TooLarge": 413}
    statuses |= {"NotJson": 415, "Unfit": 422, "TooMany": 429, "Internal": 500, "Unavailable": 503}
    responses = DOCUMENT["components"]["responses"]
    assert set(responses) == set(statuses) | {"NotModified"}
    for name, status in statuses.items():
        for code in re.findall(r"`(\w+)`", responses[name]["description"]):
            assert STATUS[code] == status, code


def test_figures_are_those_of_the_code() -> None:
    webhook = DOCUMENT["webhooks"]["replies"]["post"]
    assert [parameter["name"] for parameter in webhook["parameters"]] == [
        callbacks.TIMESTAMP,
        callbacks.SIGNATURE,
        callbacks.DELIVERY,
    ]
    assert "300 seconds" in webhook["description"] and "300 seconds" in PAGE.read_text("utf-8")
    assert f"within {callbacks.ANSWER_SECONDS:g} seconds" in webhook["description"]
    assert SCHEMAS["Beginning"]["properties"]["user"]["maxLength"] == LONGEST_USER
    assert f"most {LONGEST_COMMENT} characters" in SCHEMAS["Rating"]["properties"]["comment"]["description"]
    assert f"most {read_settings({}).max_text} characters" in SCHEMAS["Saying"]["properties"]["text"]["description"]
    assert SCHEMAS["Fetched"]["properties"]["exchanges"]["maxItems"] == MOST_OF_CONVERSATION


def test_answers_hold_what_is_described_and_nothing_else(api: httpx.Client, rasa: StandIn) -> None:
    _check("Begun", api.post("/api/v1/conversations").json())
    place = begin(api)
    _check("Said", say(api, place, text="Hallo").json())
    rasa.messages = [{"text": "Ja."}]
    _check("Said", say(api, place, text="Hallo").json())
    rasa.done = False
    _check("Error", say(api, place, text="Hallo").json())
    _check("Fetched", api.get(f"{place}/messages").json())
    _check("Error", api.get("/api/v1/conversations/x/messages").json())


@pytest.mark.parametrize("language", ["de", "en", "de-simple"])
def test_content_holds_what_is_described_and_nothing_else(api: httpx.Client, language: str) -> None:
    content = api.get("/api/v1/content", params={"language": language}).json()
    _check("Content", content)
    for kind in ("themes", "initiatives", "offices"):
        for record in content[kind]:
            answer = api.get(f"/api/v1/content/{kind}/{record['id']}", params={"language": language})
            _check("OneRecord", answer.json())


def test_callbacks_hold_what_is_described_and_nothing_else(
    start: StartGateway, holder: MakeHolder, rasa: StandIn
) -> None:
    receiver, client = Receiver(), start()
    with running(receiver.app) as port:
        headers = holder(callback=f"http://127.0.0.1:{port}/")
        place = begin(client, headers)
        _check("Accepted", say(client, place, headers, text="Hallo", callback=True).json())
        eventually(lambda: len(receiver.received) == 1)
        rasa.done = False
        say(client, place, {**headers, "Idempotency-Key": "k"}, text="Hallo", callback=True)
        eventually(lambda: len(receiver.received) == 2)
    webhook = DOCUMENT["webhooks"]["replies"]["post"]
    for received in receiver.received:
        _check("Callback", received.told)
        for parameter in webhook["parameters"]:
            assert re.fullmatch(parameter["schema"]["pattern"], received.headers[parameter["name"].lower()])
