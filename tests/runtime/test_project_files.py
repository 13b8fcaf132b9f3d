"""A start reads each project file once; what is wrong with one is told as before."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import pytest
import rasa.shared.utils.io as files
from pykwalify.core import Core
from rasa.core.utils import AvailableEndpoints
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import YamlException

from smartcity.runtime import project_files


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> List[str]:
    """An entry for each validation."""
    project_files.read_once()
    found: List[str] = []
    validate = Core.validate

    def validate_and_tell(core: Any, *arguments: Any, **named: Any) -> Any:
        found.append(str(core.source))
        return validate(core, *arguments, **named)

    monkeypatch.setattr(Core, "validate", validate_and_tell)
    return found


def test_endpoints_are_read_and_validated_once(tmp_path: Path, checked: List[str]) -> None:
    place = tmp_path / "endpoints.yml"
    place.write_text("nlg: {url: 'http://one'}\nmodels: {url: 'http://two'}\n", "utf-8")
    for _ in range(2):
        endpoints = AvailableEndpoints.read_endpoints(str(place))
        assert (endpoints.nlg.url, endpoints.model.url) == ("http://one", "http://two")
    assert len(checked) == 1


def test_what_changed_is_read_anew(tmp_path: Path, checked: List[str], monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "endpoints.yml"
    place.write_text("nlg:\n  url: ${PLACE}\n", "utf-8")
    monkeypatch.setenv("PLACE", "http://one")
    assert files.read_config_file(place)["nlg"]["url"] == "http://one"
    monkeypatch.setenv("PLACE", "http://two")
    assert files.read_config_file(place)["nlg"]["url"] == "http://two"
    place.write_text("nlg: {url: 'http://three'}\n", "utf-8")
    assert files.read_config_file(place)["nlg"]["url"] == "http://three"
    assert len(checked) == 3


def test_each_reader_has_a_copy_of_its_own(tmp_path: Path, checked: List[str]) -> None:
    place = tmp_path / "endpoints.yml"
    place.write_text("nlg: {url: 'http://one'}\n", "utf-8")
    files.read_config_file(place)["nlg"]["url"] = "http://else"
    assert files.read_config_file(place)["nlg"]["url"] == "http://one"


@pytest.mark.parametrize("content", ["nlg: [", "- a list\n"])
def test_a_broken_file_is_refused_every_time(tmp_path: Path, checked: List[str], content: str) -> None:
    place = tmp_path / "endpoints.yml"
    place.write_text(content, "utf-8")
    for _ in range(2):
        with pytest.raises(YamlException):
            files.read_config_file(place)


def test_a_domain_is_validated_unless_it_comes_from_a_model(checked: List[str]) -> None:
    domain = Domain.load("domain.yml")
    validated = len(checked)
    assert validated

    class Storage:
        def read_from(self, resource: Path) -> Any:
            return _Folder(resource)

    found = DomainProvider.load({}, Storage(), Path("domain.yml"), None).provide_inference()
    assert found.fingerprint() == domain.fingerprint()
    assert len(checked) == validated
    with pytest.raises(YamlException):
        Domain.from_yaml("intents: 5")


class _Folder:
    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> Path:
        return self._place

    def __exit__(self, *_: object) -> None:
        pass
