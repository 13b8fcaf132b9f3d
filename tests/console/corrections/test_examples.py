"""Training examples: read with their places, compared, written as data/nlu is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from smartcity.console.corrections.examples import marked, placeholders, plain, read_examples, without_marks
from smartcity.console.corrections.intents import read_intents
from smartcity.console.web.texts import entries
from smartcity.knowledge.documents import ContentError

PROJECT = Path(__file__).parents[3]


def test_an_example_is_found_with_its_place_whatever_its_spelling(project: Path) -> None:
    examples = read_examples(project)
    for said in ("Was kostet der KRuiser?", "was  kostet der kruiser", "WAS KOSTET DER KRUISER!!"):
        found = examples.like(said)
        assert found and (found.place, found.intent) == ("data/nlu/first.yml:7", "ask_cost")
    assert examples.like("gruess gott") == examples.like("Grüß Gott")
    assert examples.like("was kostet der hackathon") is None


def test_every_place_of_the_real_data_is_right() -> None:
    examples = read_examples(PROJECT)
    for said in ("Krieser", "Was kostet der KRuiser?"):
        found = examples.like(said)
        assert found
        line = (PROJECT / found.file).read_text("utf-8").splitlines()[found.line - 1]
        assert without_marks(line.strip().removeprefix("- ")) == found.text


def test_a_change_of_a_file_is_seen(project: Path) -> None:
    assert read_examples(project).like("moin") is None
    (project / "data" / "nlu" / "more.yml").write_text(
        'version: "3.1"\nnlu:\n  - intent: greet\n    examples: |\n      - moin\n', "utf-8"
    )
    found = read_examples(project).like("moin")
    assert found and found.place == "data/nlu/more.yml:5"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("nlu:\n  - intent: greet\n    examples: |\n  - [broken\n", "data/nlu/broken.yml:"),
        ("nlu:\n  - intent: greet\n    examples:\n      - text: moin\n", "data/nlu/broken.yml:3:"),
        ("nlu:\n  - a word\n", "data/nlu/broken.yml:2:"),
        ("rules: []\n", "data/nlu/broken.yml:1:"),
    ],
)
def test_a_broken_file_is_named_with_its_line(project: Path, text: str, place: str) -> None:
    (project / "data" / "nlu" / "broken.yml").write_text(text, "utf-8")
    with pytest.raises(ContentError) as raised:
        read_examples(project)
    assert str(raised.value).startswith(place)


def test_names_are_marked_as_the_data_mark_them() -> None:
    text = "wo fährt der Kruser und die Schuhle"
    entities = [
        {"entity": "initiative", "value": "codingschool", "start": 28, "end": 35},
        {"entity": "initiative", "value": "kruiser", "start": 13, "end": 19},
    ]
    assert marked(text, entities) == "wo fährt der [Kruser](initiative) und die [Schuhle](initiative)"
    assert without_marks(marked(text, entities)) == text


@pytest.mark.parametrize("places", [[(0, 5), (3, 8)], [(4, 4)], [(30, 40)], [(-1, 3)], [(5, 2)]])
def test_marks_that_overlap_or_lie_outside_are_refused(places: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="marked places"):
        marked("was kostet der Kruser", [{"entity": "initiative", "start": a, "end": b} for a, b in places])


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  zwei\nZeilen\tund\u2028drei ", "zwei Zeilen und drei"),
        ("[KRuiser](office) gibt es?", "(KRuiser)(office) gibt es?"),
        ('x [a]{"entity": "office"}', 'x (a){"entity": "office"}'),
        ("null\x00byte\x1b[31m\ud800", "null byte (31m"),
    ],
)
def test_a_text_cannot_become_a_mark_or_a_second_line(said: str, kept: str) -> None:
    assert plain(said) == kept
    assert without_marks(plain(said)) == plain(said)


def test_placeholders_of_redaction_are_seen() -> None:
    assert placeholders("ich heiße <NAME>, <E-MAIL> und nochmal <NAME>, 3 < 4 > 2") == ("<NAME>", "<E-MAIL>")


def test_every_intent_of_the_project_has_a_meaning() -> None:
    described = {key.removeprefix("intent.") for key in entries() if key.startswith("intent.")}
    assert described == {*read_intents(PROJECT), "nlu_fallback"}


def test_a_broken_domain_is_named_with_its_line(project: Path) -> None:
    (project / "domain.yml").write_text("intents:\n  - greet\n - [x\n", "utf-8")
    with pytest.raises(ContentError, match=r"^domain.yml:3: "):
        read_intents(project)
    (project / "domain.yml").write_text("slots: {}\n", "utf-8")
    with pytest.raises(ContentError, match=r"^domain.yml:1: "):
        read_intents(project)
