"""YAML documents that remember the line of every value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, Mapping, Set, Tuple, Type, Union

import yaml
from yaml.composer import Composer
from yaml.constructor import ConstructorError
from yaml.reader import ReaderError

Path_ = Tuple[Union[str, int], ...]


@dataclass(frozen=True)
class Problem:
    """Something wrong in content: where it stands, what it is, and what to do."""

    file: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} {self.remedy}"


class ContentError(ValueError):
    """Content cannot be used; `problems` says where and what to do."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class _Construction(yaml.constructor.SafeConstructor):
    """Tells of values that do not fit their tag instead of tripping over them."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            # PyYAML's own constructors trip over values such as '0x_' or '!!int many'.
            raise ConstructorError(None, None, f"the value does not fit {node.tag}", node.start_mark) from error


_NO_DATES = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
"""Dates are left as text: a date may be a year or a month alone."""


class _Loader(_Construction, yaml.SafeLoader):
    yaml_implicit_resolvers = _NO_DATES


class _FastLoader(Composer, _Construction, yaml.CSafeLoader):
    """The same on libyaml, six times as fast; what it says of mistakes is shorter, so they are read again.

    PyYAML's own composer stands first: libyaml's overflows the stack where text is nested too deeply.
    """

    yaml_implicit_resolvers = _NO_DATES

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)


_KEY_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"}


@dataclass(frozen=True)
class Document:
    """One file: its data and the line of each place in it."""

    file: str
    data: Any
    lines: Mapping[Path_, int]

    def line(self, path: Iterable[Union[str, int]]) -> int:
        """Line (from 1) of the nearest known place at or above `path`."""
        place = tuple(path)
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, path: Iterable[Union[str, int]], message: str, remedy: str) -> Problem:
        return Problem(self.file, self.line(path), message, remedy)


def parse(text: str, file: str) -> Document:
    """Parse YAML text. Raises ContentError with file and line when it is not YAML or repeats a key."""
    try:
        return _parse(text, file, _FastLoader)
    except ContentError:
        return _parse(text, file, _Loader)


def _parse(text: str, file: str, kind: Type[Union[_Loader, _FastLoader]]) -> Document:
    lines: Dict[Path_, int] = {}
    loader = None
    try:
        loader = kind(text)
        node = loader.get_single_node()
        if node is not None:
            _walk(node, (), lines, file, set())
        data = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _not_yaml(file, mark.line + 1 if mark else 1, str(error.problem or error.context)) from error
    except ReaderError as error:
        raise _not_yaml(file, text.count("\n", 0, error.position) + 1, str(error.reason)) from error
    except RecursionError as error:
        raise _not_yaml(file, 1, "it is nested too deeply") from error
    finally:
        if loader is not None:
            loader.dispose()
    return Document(file, data, lines)


def _not_yaml(file: str, line: int, reason: str) -> ContentError:
    remedy = "Check indentation, colons and quotation marks on this line and the one before."
    return ContentError([Problem(file, line, f"This is not valid YAML: {reason}.", remedy)])


def read(path: Path, root: Path) -> Document:
    """Read one file; the document is named relative to `root`."""
    name = path.relative_to(root.parent).as_posix() if path.is_relative_to(root.parent) else path.as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ContentError([Problem(name, line, "This is not UTF-8 text.", "Save the file as UTF-8.")]) from error
    return parse(text, name)


def _walk(node: yaml.Node, path: Path_, lines: Dict[Path_, int], file: str, walked: Set[int]) -> None:
    """Note the lines of `node` and below; what an alias repeats keeps the line of the alias."""
    lines.setdefault(path, node.start_mark.line + 1)
    if id(node) in walked:
        return
    walked.add(id(node))
    if isinstance(node, yaml.MappingNode):
        seen: Dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise _not_yaml(file, line, "a key must be a word")
            if key.tag not in _KEY_TAGS:
                message = f"The key '{key.value}' is read as a number or a truth value."
                raise ContentError([Problem(file, line, message, "Put it in quotation marks or choose another word.")])
            if key.value in seen:
                raise ContentError(
                    [
                        Problem(
                            file,
                            line,
                            f"The key '{key.value}' stands here a second time (first in line {seen[key.value]}).",
                            "Keep one of the two.",
                        )
                    ]
                )
            seen[key.value] = line
            lines[(*path, key.value)] = line
            _walk(value, (*path, key.value), lines, file, walked)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*path, index)] = value.start_mark.line + 1
            _walk(value, (*path, index), lines, file, walked)
