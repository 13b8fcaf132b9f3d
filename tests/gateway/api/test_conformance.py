"""Schemathesis calls the gateway with requests that fit the OpenAPI document, and with such that do not.

Whatever comes: no fault of ours, only statuses, headers and bodies that the document describes, and what
does not fit is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import positive_data_acceptance

from smartcity.gateway.api.interface import document
from smartcity.gateway.api.keys import SCOPES, ApiKeys
from smartcity.gateway.app import create_app
from smartcity.settings import read_settings

from ..standin import SECRET, StandIn, running
from .conftest import CITY

BEYOND_SCHEMAS = ("bad_payload", "blank", "too_long")
"""What no schema can foretell: a signature that does not hold, and a text, whose control characters do not count."""
PHASES = (Phase.explicit, Phase.generate)
"""Failures are shown as they came: shrinking would call the gateway for minutes."""
quick = settings(
    max_examples=50,
    derandomize=True,
    phases=PHASES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class CalledGateway:
    """A gateway with one key that may do everything; `base` is its address."""

    def __init__(self, base: str, key: str) -> None:
        self.base = base
        self.headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=base, headers=self.headers, timeout=30, trust_env=False)

    def conversation(self) -> str:
        identifier: str = self._http.post("/api/v1/conversations").json()["id"]
        return identifier

    def answers(self, case: Any) -> None:
        """Assert that the answer to a request is as described."""
        answer = case.call(base_url=self.base, headers=self.headers)
        case.validate_response(answer, excluded_checks=_excluded(answer), headers=self.headers)

    def close(self) -> None:
        self._http.close()


def _excluded(answer: Any) -> list[Any]:
    refused = answer.status_code in (400, 422) and answer.json()["error"]["code"] in BEYOND_SCHEMAS
    return [positive_data_acceptance] if refused else []


@pytest.fixture(scope="module")
def tested(_rasa_server: tuple[StandIn, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalledGateway]:
    rasa, rasa_port = _rasa_server
    rasa.reset()
    rasa.content = CITY
    var: Path = tmp_path_factory.mktemp("conformance")
    environ = {"VAR": str(var), "SECRET": SECRET, "RASA_PORT": str(rasa_port), "LIMITS": "off"}
    configured = read_settings({f"SMARTCITY_{name}": value for name, value in environ.items()})
    _, key = ApiKeys(configured).create("schemathesis", SCOPES, "http://127.0.0.1:9/nobody", 1)
    with running(create_app(configured)) as port:
        one = CalledGateway(f"http://127.0.0.1:{port}", key)
        yield one
        one.close()


@pytest.fixture(scope="module")
def described() -> Any:
    loaded = from_dict(document())
    # Every request gets the key; what happens without one stands in test_keys.py.
    loaded.config.generation.update(with_security_parameters=False)
    return loaded


schema = schemathesis.pytest.from_fixture("described")


def test_the_document_is_openapi_3_1() -> None:
    from_dict(document()).validate()
    broken = document()
    broken["paths"]["/api/v1/content"]["get"]["responses"]["200"].pop("description")
    with pytest.raises(Exception, match="description"):
        from_dict(broken).validate()


@schema.parametrize()
@quick
def test_any_request_is_answered_as_described(case: Any, tested: CalledGateway) -> None:
    tested.answers(case)


@schema.include(path_regex=r"\{id\}").exclude(path_regex="content").parametrize()
@quick
def test_any_request_to_a_conversation_is_answered_as_described(case: Any, tested: CalledGateway) -> None:
    case.path_parameters["id"] = tested.conversation()
    tested.answers(case)


def test_conversations_go_as_their_links_describe(described: Any, tested: CalledGateway) -> None:
    class Conversations(described.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": tested.base, "headers": tested.headers}

        def validate_response(self, response: Any, case: Any, **options: Any) -> None:
            if excluded := _excluded(response):
                case.validate_response(response, excluded_checks=excluded, headers=tested.headers)
            else:
                super().validate_response(response, case, **options)

    Conversations.run(settings=settings(quick, max_examples=15, stateful_step_count=6))
