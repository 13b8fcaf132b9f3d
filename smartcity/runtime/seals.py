"""Which models may be loaded: those that were trained here, made of known components alone.

A model names the classes that Rasa imports and builds, so a foreign one could run anything. Training writes the digest
of the model beside it; a model without its digest, or with another one, is not loaded. And whatever is loaded may name
only the components below: none of them reads a pickle.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import zlib
from pathlib import Path
from typing import Any, Iterator, Mapping

METADATA = "metadata.json"
SEAL = ".sha256"
KNOWN = re.compile(
    r"smartcity\.nlu\.[a-z_.]+\.\w+"
    r"|rasa\.graph_components\.(providers|validators|converters)\.[a-z_.]+\.\w+"
    r"|rasa\.core\.policies\.rule_policy\.RulePolicy"
    r"|rasa\.core\.policies\.ensemble\.DefaultPolicyPredictionEnsemble"
    r"|rasa\.nlu\.classifiers\.regex_message_handler\.RegexMessageHandler"
)
_BLOCK = 1 << 20


class ModelError(RuntimeError):
    """A model must not be loaded; the message says why and what to do."""


def seal(model: Path) -> None:
    """Write the digest beside the model, in the format of sha256sum."""
    beside = model.with_name(model.name + SEAL)
    fresh = beside.with_name(f".{beside.name}.new")
    fresh.write_text(f"{digest(model)}  {model.name}\n", "ascii")
    fresh.replace(beside)


def is_sealed(model: Path) -> bool:
    """Whether the model is there and is the one that was trained."""
    try:
        check(model)
    except ModelError:
        return False
    return True


def check(model: Path) -> None:
    """Raise ModelError unless the model was trained here and names known components alone."""
    try:
        told = model.with_name(model.name + SEAL).read_text("ascii").split()
        found = digest(model)
    except (OSError, ValueError):
        raise ModelError(
            f"{model} was not trained here: there is no {model.name}{SEAL} beside it. Train one with `smartcity train`."
        ) from None
    if told[:1] != [found]:
        raise ModelError(f"{model} is not what was trained: its digest is another. Train anew with `smartcity train`.")
    check_components(metadata(model))


def check_components(read: Mapping[str, Any]) -> None:
    """Raise ModelError when the metadata of a model name a class that is none of ours."""
    strange = sorted({name for name in _classes(read) if not KNOWN.fullmatch(name)})
    if strange:
        raise ModelError(f"The model names '{strange[0]}', which no model of this project does; it is not loaded.")


def metadata(model: Path) -> Mapping[str, Any]:
    """The metadata of a model. Raises ModelError where there are none."""
    try:
        with tarfile.open(model, "r:gz") as tar:
            # Not by name: that would unpack the whole of it.
            content = tar.extractfile(next(one for one in tar if one.name.lstrip("./") == METADATA))
            read: Mapping[str, Any] = json.load(content) if content else {}
    except (OSError, EOFError, zlib.error, tarfile.TarError, StopIteration, ValueError):
        raise ModelError(f"{model} cannot be read as a model.") from None
    return read


def digest(model: Path) -> str:
    """SHA-256 of the file, in hex."""
    found = hashlib.sha256()
    with model.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def guard_loading() -> None:
    """Check the components before Rasa imports any of them, wherever it loads a model from; again does nothing."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.shared.utils.io import read_json_file

    if getattr(LocalModelStorage, "checks_components", False):
        return
    load = LocalModelStorage._load_metadata

    def checked(directory: Path) -> Any:
        check_components(read_json_file(directory / METADATA))
        return load(directory)

    setattr(LocalModelStorage, "_load_metadata", staticmethod(checked))
    setattr(LocalModelStorage, "checks_components", True)


def _classes(read: Mapping[str, Any]) -> Iterator[str]:
    for schema in ("train_schema", "predict_schema"):
        for node in read.get(schema, {}).get("nodes", {}).values():
            yield str(node.get("uses"))
