"""What staff read, in German and English: one YAML file for each page, `key: {de: ..., en: ...}`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("de", "en")
FOLDER = Path(__file__).parent


class TextError(ValueError):
    """A file of texts is not as it should be."""


class Texts:
    """The texts in one language: `texts("queues.title")`, with values for what stands in braces."""

    def __init__(self, language: str, entries: Mapping[str, Mapping[str, str]]) -> None:
        self.language = language
        self._texts = {key: entry[language] for key, entry in entries.items()}

    def __call__(self, key: str, **values: object) -> str:
        text = self._texts[key]
        return text.format(**values) if values else text

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def named(self, group: str, value: object) -> str:
        """The text of `group.value`, or the value itself where there is none: rows may hold anything."""
        return self._texts.get(f"{group}.{value}", str(value))


@cache
def entries() -> Mapping[str, Mapping[str, str]]:
    """Every text of every file. Raises TextError for one that lacks a language or stands twice."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.yml")):
        for key, entry in yaml.safe_load(path.read_text("utf-8")).items():
            if key in found:
                raise TextError(f"{path.name}: '{key}' stands in two files.")
            if set(entry) != set(LANGUAGES) or not all(isinstance(text, str) for text in entry.values()):
                raise TextError(f"{path.name}: '{key}' needs a text in each of {', '.join(LANGUAGES)}.")
            found[key] = entry
    return found


@cache
def texts(language: str) -> Texts:
    """The texts in a language; German where there is no such language."""
    return Texts(language if language in LANGUAGES else LANGUAGES[0], entries())
