from __future__ import annotations

import copy
import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.documents import ContentError
from smartcity.knowledge.loading import export, load, read_export, read_folder
from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.records import LANGUAGES, Initiative, Knowledge, Office, Theme

from .conftest import CITY, SAMPLE_ROOT
from .folder import INVENTUR, LEIHRAD, VERKEHR, ContentFolder


def test_the_content_of_the_city_passes(city: Knowledge) -> None:
    assert city.initiatives and city.themes and city.offices and city.services and city.phrases


def test_every_text_of_the_city_stands_in_every_language(city: Knowledge) -> None:
    for shelf in (city.initiatives, city.themes, city.offices):
        for topic in shelf.values():
            for text in (topic.name, *(fact.text for fact in topic.facts.values())):
                assert all(text[language].strip() for language in LANGUAGES)
    assert all(notice.text[language].strip() for notice in city.notices.values() for language in LANGUAGES)
    assert all(set(text) == set(LANGUAGES) for key, text in city.phrases.items() if key != "other_language")
    assert set(city.phrases["other_language"]) > set(LANGUAGES)


def test_records_hold_what_the_files_say(content: ContentFolder) -> None:
    knowledge = content.load()
    leihrad = knowledge.initiatives["leihrad"]
    assert isinstance(leihrad, Initiative)
    assert (leihrad.state, leihrad.ask, leihrad.themes) == ("active", "radstelle", ("verkehr",))
    assert leihrad.aliases == (
        "Leihrad Krefeld",
        "Leih-Rad Krefeld",
        "Krefeld bike rental",
        "Leihrad",
        "Fahrradmieter",
        "rental bike",
        "Laihrad",
    )
    assert leihrad.generic == ("Rad",)
    about = leihrad.facts["about"]
    assert about.text["de-simple"] == "Das Leih-Rad ist ein Fahrrad zum Mieten.\nEs gibt 12 Stationen."
    seite, blatt = about.sources
    assert (seite.date, seite.as_of, seite.year, seite.low_quality) == ("2024-05", "2024-05", 2024, False)
    assert (blatt.date, blatt.as_of, blatt.year, blatt.low_quality) == (None, "2026-01-15", None, True)
    assert knowledge.offices["radstelle"].phone == "02151 123456"
    assert knowledge.services["reisepass"].doors == ("radstelle",)
    assert knowledge.phrases["hello"]["en"] == "Hello."


def test_a_notice_holds_what_its_file_says(content: ContentFolder) -> None:
    notice = content.load().notices["inventur"]
    assert (notice.from_, notice.until) == (dt.date(2026, 3, 2), dt.date(2026, 3, 3))
    assert notice.text["de-simple"] == "Die Rad-Stelle hat 2 Tage zu.\nDas ist am 2. und 3. März 2026."
    assert notice.concerns("radstelle") and not notice.concerns("amt")
    (source,) = notice.sources
    assert (source.title, source.as_of) == ("Stadt Krefeld: Die Radstelle macht Inventur", "2026-01")


def test_a_notice_without_offices_concerns_all(content: ContentFolder) -> None:
    content.edit(INVENTUR, "offices: [radstelle]\n", "")
    assert content.load().notices["inventur"].concerns("amt")


@pytest.mark.parametrize(("day", "shown"), [(1, False), (2, True), (3, True), (4, False)])
def test_a_notice_holds_from_its_first_to_its_last_day(content: ContentFolder, day: int, shown: bool) -> None:
    knowledge = content.load()
    assert [n.id for n in knowledge.notices_on(dt.date(2026, 3, day))] == ["inventur"] * shown
    assert [n.id for n in knowledge.notices_on(dt.date(2026, 3, day), "radstelle")] == ["inventur"] * shown
    assert knowledge.notices_on(dt.date(2026, 3, day), "amt") == ()


def test_notices_stand_in_the_order_of_their_beginning(content: ContentFolder) -> None:
    for name, begins in (("alt", "2026-03-03"), ("zeitig", "2026-02-01"), ("abends", "2026-03-02")):
        notice = content.text(INVENTUR).replace("id: inventur", f"id: {name}")
        content.write(f"notices/{name}.yml", notice.replace("from: 2026-03-02", f"from: {begins}"))
    assert list(content.load().notices) == ["zeitig", "abends", "inventur", "alt"]


def test_there_need_not_be_a_notice(content: ContentFolder) -> None:
    (content.root / INVENTUR).unlink()
    assert content.load().notices == {}
    shutil.rmtree(content.root / "notices")
    assert content.load().notices == {}
    assert load(read_export(json.dumps(export(content.root)), "https://cms.example/export")).notices == {}


def test_a_year_is_kept_as_text(content: ContentFolder) -> None:
    (source,) = content.load().themes["verkehr"].facts["about"].sources
    assert source.date == "2024"


def test_topics_are_found_by_kind_and_id(content: ContentFolder) -> None:
    knowledge = content.load()
    assert isinstance(knowledge.topic("theme", "verkehr"), Theme)
    assert isinstance(knowledge.topic("office", "radstelle"), Office)
    assert knowledge.topic("theme", "leihrad") is None
    assert knowledge.topic("service", "reisepass") is None


def test_themes_stand_in_their_order(content: ContentFolder) -> None:
    first = content.text(VERKEHR).replace("verkehr", "anfang").replace("Verkehr", "Anfang").replace("Traffic", "Start")
    content.write("themes/anfang.yml", first)
    content.edit(VERKEHR, "order: 1", "order: 2")
    assert list(content.load().themes) == ["anfang", "verkehr"]


def test_initiatives_of_a_theme_run_first(content: ContentFolder) -> None:
    notice = {"text": dict.fromkeys(LANGUAGES, "Ende."), "sources": ["seite"]}
    for name, state, listed in (("alt", "ended", True), ("neu", "active", True), ("still", "active", False)):
        content.twin(name, name, state=state, listed=listed, notice=notice)
    assert [i.id for i in content.load().initiatives_of("verkehr")] == ["leihrad", "neu", "alt"]


def test_the_version_follows_the_content(content: ContentFolder) -> None:
    before = content.load().version
    assert content.load().version == before
    content.edit(LEIHRAD, "12 Stationen", "13 Stationen")
    assert content.load().version != before


def test_a_new_file_is_found_by_its_name_without_training(content: ContentFolder) -> None:
    assert NameIndex(content.load()).find("Was ist das Quellwasserprojekt?") == []
    content.twin("quelle", "Quellwasserprojekt", misspellings=["Kwellwasserprojekt"])
    index = NameIndex(content.load())
    for said in ("Was ist das Quellwasserprojekt?", "quelwasserprojekt", "Quellwasser-Projekt", "KWELLWASSERPROJEKT"):
        (mention,) = index.find(said)
        assert mention.references == (("initiative", "quelle"),)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"There is no such folder\. Set SMARTCITY_CONTENT"):
        read_folder(tmp_path / "nowhere")


@pytest.mark.parametrize("place", ["stray.yml", "initiatives/deep/stray.yml", "projects/stray.yaml"])
def test_a_file_in_the_wrong_place(content: ContentFolder, place: str) -> None:
    (content.root / place).parent.mkdir(parents=True, exist_ok=True)
    content.write(place, "a: 1")
    problem = content.problem()
    assert (problem.file, problem.line, problem.message) == (f"content/{place}", 1, "No content is expected here.")
    assert "initiatives/" in problem.remedy


def test_other_files_do_not_matter(content: ContentFolder) -> None:
    content.write("README.md", "# not content")
    content.write("initiatives/leihrad.jpg", "not content")
    assert content.problems() == ()


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
def test_an_export_says_the_same(content: ContentFolder, write: object) -> None:
    assert callable(write)
    there = load(read_export(write(export(content.root)), "https://cms.example/export"))
    here = content.load()
    assert there.initiatives == here.initiatives
    assert there.themes == here.themes
    assert there.offices == here.offices
    assert there.services == here.services
    assert there.phrases == here.phrases
    assert there.notices == here.notices != {}


def test_the_content_of_the_city_survives_export(city: Knowledge) -> None:
    there = load(read_export(json.dumps(export(CITY)), "https://cms.example/export"))
    assert (there.initiatives, there.services, there.phrases) == (city.initiatives, city.services, city.phrases)
    assert there.notices == city.notices


def test_a_mistake_in_an_export_has_its_line(content: ContentFolder) -> None:
    text = yaml.safe_dump(export(content.root), sort_keys=False).replace("ask: radstelle", "ask: amt")
    with pytest.raises(ContentError) as refused:
        load(read_export(text, "https://cms.example/export"))
    (problem,) = refused.value.problems
    assert problem.file == "https://cms.example/export#initiatives/leihrad.yml"
    assert problem.line == next(n for n, line in enumerate(text.splitlines(), 1) if "ask: amt" in line)


@pytest.mark.parametrize("folder", ["initiatives", "themes", "offices", "phrases"])
def test_half_a_city_is_refused(content: ContentFolder, folder: str) -> None:
    for path in (content.root / folder).iterdir():
        path.unlink()
    problem = content.problem()
    assert (problem.file, problem.message) == ("content", f"There is nothing in {folder}/.")


@pytest.mark.parametrize("text", ["", "{}", "[]", "words", "1", "{a: 1}", "{projects/a.yml: {}}"])
def test_what_is_no_export_is_refused(text: str) -> None:
    with pytest.raises(ContentError):
        load(read_export(text, "https://cms.example/export"))


RECORDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = st.sampled_from(
    ["initiatives/a.yml", "themes/a.yml", "offices/a.yml", "notices/a.yml", "phrases/a.yml", "services.yml"]
)


SAMPLE = export(SAMPLE_ROOT)


@given(st.dictionaries(PLACES | st.text(max_size=5), RECORDS, min_size=1, max_size=3))
def test_any_export_is_loaded_or_refused(data: dict[str, object]) -> None:
    try:
        load(read_export(json.dumps(SAMPLE | data), "export"))
    except ContentError as error:
        assert all(problem.line >= 1 and problem.remedy for problem in error.problems)


@given(st.data())
def test_a_sound_export_with_any_value_in_any_place_is_loaded_or_refused(data: st.DataObject) -> None:
    whole = copy.deepcopy(SAMPLE)
    node: dict[str, Any] = whole
    key = data.draw(st.sampled_from(sorted(node)))
    while isinstance(node[key], dict) and data.draw(st.integers(0, 5)):
        node = node[key]
        key = data.draw(st.sampled_from(sorted(node)))
    node[key] = data.draw(RECORDS)
    try:
        load(read_export(json.dumps(whole), "export"))
    except ContentError as error:
        assert all(problem.line >= 1 and problem.remedy for problem in error.problems)
