"""References: found as people type them, and a slip makes another one of none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.inquiries.references import SIGNS, find, make

BODIES = st.text(SIGNS, min_size=6, max_size=6)


def test_they_look_as_promised() -> None:
    made = {make() for _ in range(1000)}
    assert len(made) > 990
    for reference in made:
        assert len(reference) == 10 and reference[:3] == "KR-" and reference[7] == "-"
        assert find(reference) == reference


@given(st.integers(), st.sampled_from(["{0}", "{1}", "{2}", " {3} ?", "was ist mit {1}?", "({4})", "Nr.{0}, bitte"]))
def test_as_people_type_them(_seed: int, shape: str) -> None:
    reference = make()
    forms = (
        reference,
        reference.lower(),
        reference.replace("-", ""),
        reference.replace("-", " ").lower(),
        reference.replace("-", "–"),
    )
    assert find(shape.format(*forms)) == reference


def test_without_kr_it_needs_its_dash() -> None:
    reference = make()
    assert find(reference[3:]) == reference
    assert find(reference[3:].replace("-", "")) is None


@given(st.integers(0, 5), st.sampled_from(SIGNS))
def test_one_wrong_sign_shows(place: int, sign: str) -> None:
    signs = list(make().replace("-", "")[2:])
    if signs[place] != sign:
        signs[place] = sign
        assert find("KR" + "".join(signs)) is None


@given(st.integers(0, 4), st.integers(1, 5))
def test_two_swapped_signs_show(first: int, second: int) -> None:
    signs = list(make().replace("-", "")[2:])
    if first != second and signs[first] != signs[second]:
        signs[first], signs[second] = signs[second], signs[first]
        assert find("KR" + "".join(signs)) is None


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    found = find(text)
    assert found is None or find(found) == found


@pytest.mark.parametrize("text", ["", "KR-", "KRUISER", "Krefeld", "KR-0000-00", "Wie spät ist es?", "KR7F3K2MX"])
def test_what_is_none(text: str) -> None:
    assert find(text) is None
