"""Content for programs: what the assistant knows, with sources and dates, in a language, with ETags."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from smartcity.gateway.api import content

from ..standin import StandIn
from ..steps import error_of
from .conftest import CITY

ADDRESS = "/api/v1/content"


def test_all_that_the_assistant_knows_is_given(api: httpx.Client) -> None:
    answer = api.get(ADDRESS)
    assert answer.status_code == 200 and answer.json() == CITY["de"]
    assert answer.headers["cache-control"] == "private, no-cache"
    assert api.get(ADDRESS, params={"language": "en"}).json() == CITY["en"]


@pytest.mark.parametrize(
    ("kind", "named"), [("initiatives", "kruiser"), ("themes", "mobility"), ("offices", "smart_city_office")]
)
def test_one_record_is_given_by_its_id(api: httpx.Client, kind: str, named: str) -> None:
    record = api.get(f"{ADDRESS}/{kind}/{named}", params={"language": "de-simple"}).json()
    assert record.pop("language") == "de-simple"
    assert record in CITY["de-simple"][kind]


@pytest.mark.parametrize("place", ["initiatives/nothing", "offices/kruiser", "services/kruiser", "version/x", "x/y"])
def test_what_is_not_there_is_404(api: httpx.Client, place: str) -> None:
    error_of(api.get(f"{ADDRESS}/{place}"), 404, "unknown_content")


@pytest.mark.parametrize(
    ("query", "code"),
    [("language=fr", "unknown_language"), ("lang=de", "bad_query"), ("language=", "unknown_language")],
)
def test_unfit_parameters_are_refused(api: httpx.Client, rasa: StandIn, query: str, code: str) -> None:
    error_of(api.get(f"{ADDRESS}?{query}"), 422, code)
    error_of(api.get(f"{ADDRESS}/offices/swk?{query}"), 422, code)
    assert rasa.content_asked == 0


@pytest.mark.parametrize("place", [ADDRESS, f"{ADDRESS}/initiatives/kruiser"])
def test_who_holds_the_newest_gets_304(api: httpx.Client, place: str) -> None:
    tag = api.get(place).headers["etag"]
    for held in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = api.get(place, headers={"If-None-Match": held})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag), held
    for other in ('"x"', "", tag.strip('"'), api.get(place, params={"language": "en"}).headers["etag"]):
        assert api.get(place, headers={"If-None-Match": other}).status_code == 200


def test_a_change_is_seen_and_changes_the_tag(
    api: httpx.Client, rasa: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "FRESH_SECONDS", 0.0)
    first = api.get(ADDRESS)
    rasa.content = {"de": {**CITY["de"], "version": "another"}}
    second = api.get(ADDRESS, headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200 and second.json()["version"] == "another"
    assert second.headers["etag"] != first.headers["etag"]


def test_rasa_is_asked_once_for_many(api: httpx.Client, rasa: StandIn) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(lambda _: api.get(ADDRESS), range(16))} == {200}
    assert rasa.content_asked == 1


def test_where_rasa_gives_no_content_it_is_503(api: httpx.Client, rasa: StandIn) -> None:
    rasa.content = {}
    error_of(api.get(ADDRESS), 503, "unavailable")


def test_head_tells_the_tag(api: httpx.Client) -> None:
    answer = api.head(ADDRESS)
    assert answer.status_code == 200 and answer.content == b""
    assert answer.headers["etag"] == api.get(ADDRESS).headers["etag"]
