"""The shape of each kind of content file, as JSON Schema (which editors read too)."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Dict, Iterator, List, Tuple

from jsonschema import Draft7Validator, RefResolver

from smartcity.knowledge.documents import Document, Problem

KINDS = ("initiative", "theme", "office", "notice", "services", "phrases")


def _load(name: str) -> Dict[str, Any]:
    text = resources.files("smartcity.knowledge").joinpath("schema", f"{name}.schema.json").read_text("utf-8")
    schema: Dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator(kind: str) -> Draft7Validator:
    schema = _load(kind)
    resolver = RefResolver("", schema, store={"common.schema.json": _load("common")})
    return Draft7Validator(schema, resolver=resolver)


def shape_problems(document: Document, kind: str) -> Iterator[Problem]:
    """Every place where the document does not have the shape of its kind."""
    for error in _validator(kind).iter_errors(document.data):
        place, message, remedy = _tell(error)
        yield document.problem(place, message, remedy)


def _tell(error: Any) -> Tuple[List[Any], str, str]:
    place = list(error.absolute_path)
    where = ".".join(str(part) for part in place) or "the file"
    if error.validator == "additionalProperties":
        allowed = sorted(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(allowed))
        return place + unknown[:1], f"Unknown field '{unknown[0]}' in {where}.", f"Use one of: {', '.join(allowed)}."
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        if missing in ("de", "de-simple", "en"):
            return place, f"The language '{missing}' is missing in {where}.", f"Add '{missing}:' with the text."
        if missing == "sources":
            return place, f"{where} has no source.", "Add 'sources:' with the keys of the pages that support it."
        return place, f"The field '{missing}' is missing in {where}.", f"Add '{missing}:'."
    if error.validator == "minItems" and place and place[-1] == "sources":
        return place, f"{where} has no source.", "Name at least one key of this file's 'sources'."
    if error.validator == "enum":
        values = ", ".join(map(str, error.validator_value))
        return place, f"'{error.instance}' is not allowed in {where}.", f"Use one of: {values}."
    if error.validator == "type":
        return (
            place,
            f"{where} must be of type {error.validator_value}.",
            "Check the indentation and the quotation marks.",
        )
    if error.validator == "pattern":
        hint = error.schema.get("description") or f"Write it to match {error.validator_value}."
        return place, f"'{error.instance}' is not allowed in {where}.", hint
    return place, f"{where}: {error.message}.", "See the description of this field in the JSON Schema."
