"""The widget's own words: the same in each language, all used, Leichte Sprache by its rules."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser

from smartcity.gateway.widget import FOLDER
from smartcity.knowledge.easy_language import easy_language_faults

from .conftest import Stage

Words = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def words(browser: Browser, _stage: Stage) -> Words:
    page = browser.new_page()
    page.goto(_stage.gateway + "/datenschutz")
    found: Words = page.evaluate(
        """async () => {
          const { version } = await (await fetch("/widget/manifest.json")).json();
          return (await import(`/widget/${version}/words.js`)).WORDS;
        }"""
    )
    page.close()
    return found


def test_every_language_has_every_word_with_the_same_blanks(words: Words) -> None:
    assert set(words) == {"de", "de-simple", "en"}
    for language in words:
        assert set(words[language]) == set(words["de"]), language
        for key, text in words["de"].items():
            if isinstance(text, str):
                assert set(re.findall(r"\{\w+\}", words[language][key])) == set(re.findall(r"\{\w+\}", text)), key
    assert len({len(words[language]["ratings"].split("|")) for language in words}) == 1


def test_every_word_is_used(words: Words) -> None:
    code = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.js") if path.name != "words.js")
    code += (FOLDER / "words.js").read_text("utf-8").split("export const WORDS")[1]
    kinds = re.findall(r"^  (\w+): /", (FOLDER / "personal.js").read_text("utf-8"), re.MULTILINE)
    assert kinds
    used = set(re.findall(r"words(?:\[[^\]]+\])?\.(\w+)", code, re.IGNORECASE)) | set(kinds)
    used |= set(re.findall(r'"(\w+)"', code))
    assert set(words["de"]) - {"errors"} <= used


def test_leichte_sprache_keeps_its_rules(words: Words) -> None:
    texts = [text for text in words["de-simple"].values() if isinstance(text, str)]
    texts += words["de-simple"]["errors"].values()
    broken = {}
    for text in texts:
        plain = re.sub(r"\{\w+\}", "10", text).replace("|", "\n").replace("www.krefeld.de", "die Seite")
        if found := list(easy_language_faults(plain)):
            broken[text] = found
    assert broken == {}


def test_nobody_is_addressed_informally(words: Words) -> None:
    for language in ("de", "de-simple"):
        text = " ".join(str(one) for one in words[language].values())
        assert not re.search(r"\b(du|dein|deine|dir|dich)\b", text, re.IGNORECASE)
