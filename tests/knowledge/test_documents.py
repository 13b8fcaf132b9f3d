from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smartcity.knowledge import documents
from smartcity.knowledge.documents import ContentError, Document, parse, read

YAMLISH = st.text(alphabet=st.sampled_from("ab01:-?[]{}&*!|>#'\"%@`, \n\t<=._~é\x01"), max_size=60)


def _parse(text: str) -> None:
    """Parse; a refusal must tell file, line and remedy."""
    try:
        document = parse(text, "content/a.yml")
    except ContentError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.file == "content/a.yml"
            assert 1 <= problem.line <= 1 + sum(letter in "\n\r\x85\u2028\u2029" for letter in text)
            assert problem.message and problem.remedy
            assert str(problem).startswith(f"content/a.yml:{problem.line}: ")
    else:
        assert all(line >= 1 for line in document.lines.values())


@given(st.text())
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    _parse(text)


@given(YAMLISH)
def test_any_yaml_like_text_is_read_or_refused_with_a_line(text: str) -> None:
    _parse(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 0x_\n", 2),
        ("a: 1\nb: !!int many\n", 2),
        ("a: 1\nb: !!bool maybe\n", 2),
        ("a: 1\nb: !!timestamp yesterday\n", 2),
        pytest.param("a: 1\nb: " + "9" * 5000, 2, id="thousands of digits"),
        ("a: 1\n? [b]\n: c\n", 2),
        ("a: 1\n? {b: c}\n: d\n", 2),
        ("a: 1\nb: \x01\n", 2),
        ("a: 1\nb: !!python/name:os.system\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 'open\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        pytest.param("[" * 2000, 1, id="thousands of brackets"),
        ("&a {<<: *a", 1),
    ],
)
def test_what_is_not_yaml_is_refused_in_its_line(text: str, line: int) -> None:
    with pytest.raises(ContentError) as refused:
        parse(text, "a.yml")
    (problem,) = refused.value.problems
    assert problem.line == line
    assert problem.message.startswith("This is not valid YAML: ")
    assert "indentation" in problem.remedy


def test_a_repeated_key_names_both_lines() -> None:
    with pytest.raises(ContentError) as refused:
        parse("a:\n  b: 1\n  c: 2\n  b: 3\n", "a.yml")
    assert (
        str(refused.value) == "a.yml:4: The key 'b' stands here a second time (first in line 2). Keep one of the two."
    )


def test_the_same_key_in_two_places_is_fine() -> None:
    assert parse("a: {b: 1}\nc: {b: 2}\n", "a.yml").data == {"a": {"b": 1}, "c": {"b": 2}}


def test_not_utf8_is_refused_in_its_line(tmp_path: Path) -> None:
    path = tmp_path / "content" / "a.yml"
    path.parent.mkdir()
    path.write_bytes("a: 1\nb: für\n".encode("latin-1"))
    with pytest.raises(ContentError) as refused:
        read(path, tmp_path / "content")
    assert str(refused.value) == "content/a.yml:2: This is not UTF-8 text. Save the file as UTF-8."


@pytest.mark.parametrize("date", ["2024", "2024-05", "2024-05-17"])
def test_dates_keep_what_is_written(date: str) -> None:
    assert str(parse(f"date: {date}", "a.yml").data["date"]) == date


def test_every_place_knows_its_line() -> None:
    document = parse("a:\n  - x: 1\n    y: 2\n  - z\nb: 3\n", "a.yml")
    places = [("a",), ("a", 0), ("a", 0, "y"), ("a", 1), ("b",)]
    assert [document.line(place) for place in places] == [1, 2, 3, 4, 5]


def test_a_place_that_is_not_there_has_the_line_above() -> None:
    document = parse("a:\n  b:\n    c: 1\n", "a.yml")
    assert document.line(("a", "b", "missing", 3)) == 2
    assert document.line(("missing",)) == 1
    assert Document("a.yml", None, {}).line(()) == 1


def test_what_an_alias_repeats_has_the_line_of_the_alias() -> None:
    document = parse("a: &one\n  x: 1\nb: *one\n", "a.yml")
    assert document.data["b"] == {"x": 1}
    assert document.line(("a", "x")) == 2
    assert document.line(("b", "x")) == 3


def test_aliases_of_aliases_cost_no_more_than_they_say() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 6)]
    assert len(parse("\n".join(lines), "a.yml").lines) < 6 * 12


def test_a_record_that_holds_itself_is_read() -> None:
    data = parse("a: &a [*a]", "a.yml").data
    assert data["a"][0] is data["a"]


@given(YAMLISH)
def test_both_loaders_read_the_same(text: str) -> None:
    assume("!" not in text)  # a lone one is nothing to the one and empty text to the other
    try:
        thorough = documents._parse(text, "a.yml", documents._Loader)
    except ContentError:
        return
    assert parse(text, "a.yml") == thorough


@pytest.mark.parametrize("path", sorted(Path("content").rglob("*.yml")), ids=str)
def test_both_loaders_read_the_same_content(path: Path) -> None:
    text = path.read_text("utf-8")
    assert parse(text, path.name) == documents._parse(text, path.name, documents._Loader)


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, "- " * 100_000, "a: {" * 100_000])
def test_what_is_nested_too_deeply_is_refused_and_ends_no_process(text: str) -> None:
    with pytest.raises(ContentError, match="nested too deeply"):
        parse(text, "a.yml")
