"""The parts of the widget that are functions, in the browser that runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from .conftest import Stage

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def page(browser: Browser, _stage: Stage) -> Iterator[Page]:
    opened = browser.new_page()
    opened.goto(_stage.gateway + "/datenschutz")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def version(page: Page) -> str:
    return str(page.evaluate("async () => (await (await fetch('/widget/manifest.json')).json()).version"))


@pytest.fixture(scope="module")
def call(page: Page, version: str) -> Call:
    """call("markdown.js", "plain", text): a function of a module, with arguments as JSON."""

    def run(module: str, name: str, *arguments: Any) -> Any:
        return page.evaluate(
            """async ([address, name, given]) => {
              const result = (await import(address))[name](...given);
              const text = (one) => one instanceof Node ? (one.outerHTML ?? one.textContent) : one;
              return Array.isArray(result) ? result.map(text) : text(result);
            }""",
            [f"/widget/{version}/{module}", name, list(arguments)],
        )

    return run


def _link(address: str, title: str) -> str:
    """As `link` builds it: attributes in the order in which they are set."""
    tab = ' target="_blank"' if address.startswith("http") else ""
    return f'<a href="{address}" rel="noopener noreferrer"{tab}>{title}</a>'


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Guten Tag!", ["<p>Guten Tag!</p>"]),
        ("Eins\n\nZwei", ["<p>Eins</p>", "<p>Zwei</p>"]),
        ("So:\n- a\n- b\nEnde", ["<p>So:</p>", "<ul><li>a</li><li>b</li></ul>", "<p>Ende</p>"]),
        ("1. a\n2. b", ['<ol start="1"><li>a</li><li>b</li></ol>']),
        ("3) c", ['<ol start="3"><li>c</li></ol>']),
        ("**stark** und *betont*", ["<p><strong>stark</strong> und <em>betont</em></p>"]),
        ("2 * 3 * 4 und ** und *", ["<p>2 * 3 * 4 und ** und *</p>"]),
        ("ein_name_mit_strichen", ["<p>ein_name_mit_strichen</p>"]),
        ("[hier](https://www.krefeld.de/)", ["<p>" + _link("https://www.krefeld.de/", "hier") + "</p>"]),
        ("[hier](javascript:alert(1))", ["<p>[hier](javascript:alert(1))</p>"]),
        ("[hier](data:x)", ["<p>hier</p>"]),
        ("Auf https://swk.de/a?b=1.", ["<p>Auf " + _link("https://swk.de/a?b=1", "https://swk.de/a?b=1") + ".</p>"]),
        ("An max@krefeld.de, bitte", ["<p>An " + _link("mailto:max@krefeld.de", "max@krefeld.de") + ", bitte</p>"]),
        ("Tel. 02151 86-1085.", ["<p>Tel. " + _link("tel:+492151861085", "02151 86-1085") + ".</p>"]),
        ("02151 86-0", ["<p>" + _link("tel:+492151860", "02151 86-0") + "</p>"]),
        ("2025 kamen 58 und 145 Teams, 2018 nur 13", ["<p>2025 kamen 58 und 145 Teams, 2018 nur 13</p>"]),
        ("47798 Krefeld, 0,5 Liter, 110 und 112", ["<p>47798 Krefeld, 0,5 Liter, 110 und 112</p>"]),
    ],
)  # fmt: skip
def test_markdown(call: Call, text: str, made: list[str]) -> None:
    assert call("markdown.js", "blocks", text) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**Nein**, *nicht* mehr.", "Nein, nicht mehr."),
        ("[SWK](https://www.swk.de)", "SWK"),
        ("- a\n* b\n• c", "- a\n- b\n- c"),
        ("2 * 3", "2 * 3"),
    ],
)
def test_plain_text(call: Call, text: str, said: str) -> None:
    assert call("markdown.js", "plain", text) == said


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.sampled_from("ab *[](){}<>\"'&-•1.)\n:/@0häß\\`_#"), max_size=60))
def test_no_text_is_lost_or_becomes_markup(page: Page, version: str, text: str) -> None:
    names, shown = page.evaluate(
        """async ([version, text]) => {
          const { blocks } = await import(`/widget/${version}/markdown.js`);
          const made = document.createElement("div");
          made.append(...blocks(text));
          return [[...made.querySelectorAll("*")].map((one) => one.localName), made.textContent];
        }""",
        [version, text],
    )
    assert set(names) <= {"p", "ul", "ol", "li", "strong", "em", "a"}
    kept = [sign for sign in text if sign.isalpha()]
    assert [sign for sign in shown if sign.isalpha()] == kept or "](" in text


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Meine Mail ist max@example.org", ["email"]),
        ("Rufen Sie mich an: 0151 23456789", ["telephone"]),
        ("+49 2151 1234567", ["telephone"]),
        ("DE89 3704 0044 0532 0130 00", ["iban"]),
        ("DE89370400440532013000", ["iban"]),
        ("Karte 4111 1111 1111 1111", ["card"]),
        ("Mein Auto KR-AB 123 steht da", ["plate"]),
        ("Ich wohne Ostwall 12", []),
        ("Ich wohne in der Uerdinger Straße 12", []),
        ("Wohne Hauptstraße 12a", ["address"]),
        ("Ich heiße Anna Schmidt", ["name"]),
        ("mein name ist yildiz", ["name"]),
        ("My name is Bob", ["name"]),
        ("Was kostet der KRuiser?", []),
        ("Gibt es 2026 einen Hackathon?", []),
        ("1234567890123456", []),
        ("Zimmer B 138, 47798 Krefeld", []),
        ("Ich heiße das gut", ["name"]),
        ("E-Roller und SW-Car", []),
        ("am 12.05.2026 um 14:30", []),
        ("", []),
    ],
)
def test_personal_data(call: Call, text: str, kinds: list[str]) -> None:
    assert call("personal.js", "personalData", text) == kinds


def test_what_the_assistant_said_is_public(call: Call) -> None:
    said = "Telefon 02151 86-1085, E-Mail markus.lewitzki@krefeld.de"
    for text in ("Stimmt 02151 861085?", "02151/86-1085", "Ist Markus.Lewitzki@krefeld.de richtig?"):
        assert call("personal.js", "personalData", text)
        assert call("personal.js", "personalData", text, said) == []


def test_long_texts_are_looked_at_quickly(call: Call, page: Page) -> None:
    """No pattern may run away: the worst of these took the browser longer than a second once."""
    for text in (
        "0" * 1000,
        "a@" * 500,
        "DE11 " * 200,
        "1-" * 500,
        "A" * 1000,
        "**" * 500,
        "[" * 1000,
        "0211 1 " * 140,
    ):
        for module, name in (("personal.js", "personalData"), ("markdown.js", "blocks"), ("markdown.js", "plain")):
            took = page.evaluate("performance.now()")
            call(module, name, text)
            assert page.evaluate("performance.now()") - took < 1000, (name, text[:10])


@pytest.mark.parametrize("colour", ["#ffff00", "#000", "#fff", "#ff0000", "#777777", "#c8c8c8", "#0b3558", "#00ff00"])
@pytest.mark.parametrize("ground", [[255, 255, 255], [21, 36, 47]])
def test_colours_become_readable(call: Call, colour: str, ground: list[int]) -> None:
    mine = call("colours.js", "parsed", colour)
    readable = call("colours.js", "parsed", call("colours.js", "readableOn", ground, mine))
    assert call("colours.js", "contrast", ground, readable) >= 4.4
    text = call("colours.js", "parsed", call("colours.js", "textOn", mine))
    assert call("colours.js", "contrast", text, mine) >= 4.5


@pytest.mark.parametrize("text", ["red", "#12", "#1234", "#ggg", "url(x)", "#fff;color:red", "", None])
def test_what_is_no_colour_is_none(call: Call, text: str | None) -> None:
    assert call("colours.js", "parsed", text) is None


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de", "de"),
        ("de-DE", "de"),
        ("", "de"),
        (None, "de"),
        ("de-simple", "de-simple"),
        ("de-x-leicht", "de-simple"),
        ("de-DE-x-ls", "de-simple"),
        ("en", "en"),
        ("en-GB", "en"),
        ("tr", "en"),
        ("nl", "en"),
    ],
)
def test_language_of_a_page(call: Call, tag: str | None, language: str) -> None:
    assert call("words.js", "languageOf", tag) == language


@pytest.mark.parametrize(
    ("language", "date", "written"),
    [
        ("de", "2025-12", "Dezember 2025"),
        ("de", "2026-11-23", "23. November 2026"),
        ("en", "2026-11-23", "23 November 2026"),
        ("de", "2019", "2019"),
        ("de", "unbekannt", "unbekannt"),
        ("de", None, ""),
    ],
)
def test_dates(call: Call, language: str, date: str | None, written: str) -> None:
    assert call("words.js", "dateIn", language, date) == written
