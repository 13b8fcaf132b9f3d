"""Old facts, past notices and broken files, each with its file and line."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from smartcity.console.health.content import latest_day, look_at

PROJECT = Path(__file__).parents[3]
TODAY = dt.date(2026, 11, 26)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "content", tmp_path / "content")
    return tmp_path / "content"


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        ("2025", dt.date(2025, 12, 31)),
        ("2025-12", dt.date(2025, 12, 31)),
        ("2024-02", dt.date(2024, 2, 29)),
        ("2025-06-03", dt.date(2025, 6, 3)),
    ],
)
def test_a_year_and_a_month_mean_their_last_day(as_of: str, last: dt.date) -> None:
    assert latest_day(as_of) == last


def test_every_old_fact_is_old_and_stands_where_it_is_said_to_stand(content: Path) -> None:
    found = look_at(str(content), TODAY)
    assert found.old and found.knowledge and not found.problems
    for fact in found.old:
        file, line = fact.place.rsplit(":", 1)
        assert (
            (content.parent / file)
            .read_text("utf-8")
            .splitlines()[int(line) - 1]
            .strip()
            .startswith(f"{fact.fact.rsplit('/', 1)[1]}:")
        )
        assert (TODAY - latest_day(fact.as_of)).days > 365
    # All of them: counted apart from the code that is tested.
    wanted = {
        f"{kind}/{topic.id}/{aspect}"
        for kind, shelf in (
            ("initiative", found.knowledge.initiatives),
            ("theme", found.knowledge.themes),
            ("office", found.knowledge.offices),
        )
        for topic in shelf.values()
        for aspect, fact in topic.facts.items()
        if not fact.lasting and latest_day(fact.sources[0].as_of) < dt.date(2025, 11, 26)
    }
    assert {fact.fact for fact in found.old if not fact.fact.endswith("/notice")} == wanted


def test_a_fact_is_old_after_a_year_and_a_day(content: Path) -> None:
    ages = {fact.fact for fact in look_at(str(content), TODAY).old}
    some = next(iter(look_at(str(content), TODAY).old))
    turned = latest_day(some.as_of) + dt.timedelta(days=365)
    assert some.fact not in {fact.fact for fact in look_at(str(content), turned).old}
    assert some.fact in {fact.fact for fact in look_at(str(content), turned + dt.timedelta(days=1)).old}
    assert some.fact in ages


def test_notices_that_are_over(content: Path) -> None:
    found = look_at(str(content), TODAY)
    (notice,) = found.past
    assert (notice.id, notice.until) == ("zwischen_den_jahren_2024", dt.date(2024, 12, 31))
    assert notice.place.startswith("content/notices/zwischen_den_jahren_2024.yml:")
    assert look_at(str(content), dt.date(2024, 12, 31)).past == []


def test_broken_content_is_told_with_its_place(content: Path) -> None:
    (content / "initiatives" / "kruiser.yml").write_text("id: [\n", "utf-8")
    found = look_at(str(content), TODAY)
    assert [str(problem).split(": ")[0] for problem in found.problems] == ["content/initiatives/kruiser.yml:2"]
    assert found.old == () and found.knowledge is None


def test_an_address_that_does_not_answer_is_told() -> None:
    found = look_at("http://127.0.0.1:9/content", TODAY)
    assert "ConnectionError" in found.unreachable


def test_a_record_that_does_not_exist_yet_has_a_place(content: Path) -> None:
    places = look_at(str(content), TODAY).places
    assert places
    assert places.file("initiative", "kruiser") == "content/initiatives/kruiser.yml"
    assert places.file("initiative", "lastenrad") == f"{content}/initiatives/lastenrad.yml"
