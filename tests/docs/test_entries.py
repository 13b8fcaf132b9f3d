"""Whatever can be set, called, answered or written in content has an entry in its document."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator, Set

import pytest
import yaml
from starlette.routing import Route

from smartcity.gateway.app import create_app
from smartcity.gateway.errors import STATUS
from smartcity.settings import SETTINGS, Settings

from .pages import PROJECT, code, first_cells, read, section

SMARTCITY = PROJECT / "smartcity"
SCHEMAS = SMARTCITY / "knowledge" / "schema"


def _row(text: str, name: str) -> str:
    rows = [line for line in text.splitlines() if line.startswith(f"| `{name}` |")]
    assert len(rows) == 1, f"'{name}' has {len(rows)} rows; it needs one that begins with | `{name}` |"
    return rows[0]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_has_a_row_with_its_default(setting: Any) -> None:
    cell = _row(read("operation"), setting.variable).split("|")[2].strip()
    assert cell.strip("`") == setting.default


def test_no_setting_is_made_up() -> None:
    known = {setting.variable for setting in SETTINGS}
    for name in ("operation", "integration", "content", "architecture"):
        named = {text for text in code(read(name)) if re.fullmatch(r"SMARTCITY_[A-Z_]+[A-Z]", text)}
        assert named <= known, name


def _routes(tmp_path: Path) -> Set[str]:
    app = create_app(Settings({"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": "x" * 32}))
    found = set()
    for route in app.routes:
        assert isinstance(route, Route)
        found |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
    return found


def test_every_route_has_a_row_and_every_row_a_route(tmp_path: Path) -> None:
    assert set(first_cells(section(read("integration"), "Routes"))) == _routes(tmp_path)


def test_every_error_code_has_a_row_with_its_status() -> None:
    table = section(read("integration"), "Errors")
    assert set(first_cells(table)) == set(STATUS)
    for error, status in STATUS.items():
        assert _row(table, error).split("|")[2].strip() == str(status)


def _schema(name: str) -> Dict[str, Any]:
    schema: Dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return schema


def _fields(schema: Any) -> Iterator[str]:
    """Every name of a field in a schema, at any depth."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield from schema["properties"]
        for value in schema.values():
            yield from _fields(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _fields(value)


SECTIONS = {
    "initiative": ("Initiative", "Facts"),
    "theme": ("Theme", "Facts"),
    "office": ("Office",),
    "notice": ("Notice",),
    "services": ("Services",),
    "phrases": ("Phrases",),
    "common": ("Texts", "Facts", "Sources"),
}


def test_every_schema_has_its_sections() -> None:
    assert {path.name.split(".")[0] for path in SCHEMAS.glob("*.json")} == set(SECTIONS)


@pytest.mark.parametrize("name", SECTIONS)
def test_every_field_of_content_is_explained(name: str) -> None:
    text = "\n".join(section(read("content"), heading) for heading in SECTIONS[name])
    explained = set(code(text))
    missing = set(_fields(_schema(name))) - explained
    assert not missing, f"docs/content.md, {' and '.join(SECTIONS[name])}: {sorted(missing)}"


def test_every_value_that_content_may_choose_is_named() -> None:
    def choices(schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            yield from schema.get("enum", ())
            schema = list(schema.values())
        if isinstance(schema, list):
            for value in schema:
                yield from choices(value)

    named = set(code(read("content")))
    assert {choice for name in SECTIONS for choice in choices(_schema(name))} <= named


def test_every_module_of_the_runtime_has_a_row() -> None:
    rows = {name for name in first_cells(read("architecture")) if name.startswith("runtime/")}
    modules = {f"runtime/{path.name}" for path in (SMARTCITY / "runtime").glob("*.py") if path.name != "__init__.py"}
    assert rows == modules


def test_a_test_that_is_named_for_a_repair_exists() -> None:
    for name in set(re.findall(r"test_\w+\.py", read("architecture"))):
        assert (PROJECT / "tests" / "runtime" / name).exists(), name


def _components() -> Set[str]:
    found = set()
    for path in (SMARTCITY / "nlu").glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and any(
                "DefaultV1Recipe.register" in ast.unparse(decorator) for decorator in node.decorator_list
            ):
                found.add(node.name)
    return found


def test_every_graph_component_has_a_row() -> None:
    assert set(first_cells(section(read("understanding"), "The pipeline"))) == _components()


def test_the_pipeline_stands_there_in_its_order_with_the_values_of_its_options() -> None:
    table = section(read("understanding"), "The pipeline")
    pipeline = yaml.safe_load((PROJECT / "config.yml").read_text("utf-8"))["pipeline"]
    assert first_cells(table) == [component["name"].rsplit(".", 1)[-1] for component in pipeline]
    for component in pipeline:
        row = _row(table, component.pop("name").rsplit(".", 1)[-1])
        for option, value in component.items():
            assert f"`{option}` {value}" in row, option


def test_every_file_of_training_examples_is_named() -> None:
    named = read("understanding")
    for path in (PROJECT / "data" / "nlu").glob("*.yml"):
        if not path.stem.endswith("_more"):
            assert f"`{path.name}`" in named, path.name


def test_every_room_and_every_slot_is_named() -> None:
    # Rasa reads YAML 1.2, where a slot may be called 'yes'.
    domain = yaml.load((PROJECT / "domain.yml").read_text("utf-8"), yaml.BaseLoader)
    assert set(domain["slots"]) <= set(code(read("understanding")))
    rooms = {
        f"smartcity/{path.name}" for path in SMARTCITY.iterdir() if path.is_dir() and (path / "__init__.py").exists()
    }
    assert rooms <= set(first_cells(section(read("architecture"), "Rooms and walls")))
