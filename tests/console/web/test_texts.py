"""Texts in both languages, and none that a template or a module asks for in vain."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from smartcity.console.web.rendering import FOLDER as TEMPLATES
from smartcity.console.web.texts import FOLDER, LANGUAGES, TextError, Texts, entries, texts

WEB = FOLDER.parent


def _uses() -> dict[str, set[str]]:
    """Every key that stands in templates and modules, with the files."""
    found: dict[str, set[str]] = {}
    for path in (*TEMPLATES.glob("*.html"), *WEB.rglob("*.py")):
        text = path.read_text("utf-8")
        patterns = [r'\bt\(\s*"([\w.]+)"', r"\bt\(\s*'([\w.]+)'"]
        if path.suffix == ".py":
            patterns += [r'message="([\w.]+)"', r'Entry\("[^"]+", "([\w.]+)"', r'Error\("(\w+\.\w+)"\)']
        for pattern in patterns:
            for key in re.findall(pattern, text):
                found.setdefault(key, set()).add(path.name)
    return found


def test_what_is_asked_for_is_there() -> None:
    uses = _uses()
    assert len(uses) > 30
    known = set(entries())
    missing = {
        key: files
        for key, files in uses.items()
        if key not in known and not (key.endswith(".") and any(one.startswith(key) for one in known))
    }
    assert missing == {}


@pytest.mark.parametrize("key", sorted(entries()))
def test_both_languages_have_it_with_the_same_values(key: str) -> None:
    german, english = (entries()[key][language] for language in LANGUAGES)
    assert german.strip() and english.strip()
    assert _names(german) == _names(english)


def _names(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text)} - {None}


def test_every_file_is_read() -> None:
    assert set(entries()) == {key for path in FOLDER.glob("*.yml") for key in yaml.safe_load(path.read_text("utf-8"))}


def test_a_text_in_one_language_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yml").write_text("a.b: {de: 'nur Deutsch'}\n", "utf-8")
    monkeypatch.setattr("smartcity.console.web.texts.FOLDER", tmp_path)
    with pytest.raises(TextError, match=r"a\.b"):
        entries.__wrapped__()


def test_an_unknown_value_is_shown_as_it_is() -> None:
    assert texts("de").named("role", "reader") == "Lesen"
    assert texts("de").named("role", "<b>") == "<b>"
    assert isinstance(texts("fr"), Texts) and texts("fr").language == "de"
