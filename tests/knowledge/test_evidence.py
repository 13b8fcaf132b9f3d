"""Pages on a real local HTTP server that hold, or lack, what the facts take from them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.evidence import Finding, check_sources, expected, page_text
from smartcity.knowledge.records import Fact, Initiative, Knowledge, Source

from .server import Page, Server

TODAY = dt.date(2026, 1, 15)


def _source(url: str, date: str | None = None) -> Source:
    return Source("Seite", url, TODAY, date)


def _fact(text: str, *sources: Source, evidence: tuple[str, ...] = ()) -> Fact:
    return Fact({"de": text, "de-simple": text, "en": text}, sources, evidence=evidence)


def _check(**facts: Fact) -> list[Finding]:
    initiative = Initiative("initiative", "leihrad", {"de": "Leihrad"}, facts)
    return list(check_sources(Knowledge(initiatives={"leihrad": initiative})))


def _page(text: str) -> Page:
    return Page(f"<html><body><p>{text}</p></body></html>".encode())


def test_a_page_that_holds_the_numbers(server: Server) -> None:
    server.pages["/a"] = _page("Es gibt 12 Stationen und 3,50 Euro Gebühr.")
    assert _check(about=_fact("12 Stationen, 3,50 Euro.", _source(server.url("/a")))) == []


def test_a_page_that_lacks_a_number(server: Server) -> None:
    server.pages["/a"] = _page("Es gibt 14 Stationen.")
    (finding,) = _check(about=_fact("Es gibt 12 Stationen.", _source(server.url("/a"))))
    assert str(finding) == f"initiative/leihrad/about: not found there: 12 ({server.url('/a')})"


def test_words_given_as_evidence_count_instead_of_numbers(server: Server) -> None:
    server.pages["/a"] = _page("Das Angebot ist eingestellt.")
    url = server.url("/a")
    assert _check(about=_fact("Es gab 12 Räder.", _source(url), evidence=("eingestellt",))) == []
    (finding,) = _check(about=_fact("Ende.", _source(url), evidence=("läuft",)))
    assert finding.reason == "not found there: läuft"


def test_a_fact_of_several_sources_takes_something_from_each(server: Server) -> None:
    server.pages["/a"], server.pages["/b"] = _page("12 Stationen"), _page("80 Räder")
    sources = _source(server.url("/a")), _source(server.url("/b"))
    assert _check(about=_fact("12 Stationen, 80 Räder.", *sources)) == []
    server.pages["/b"] = _page("Seite wird überarbeitet")
    (finding,) = _check(about=_fact("12 Stationen, 80 Räder.", *sources))
    assert finding.source.url == server.url("/b")


@pytest.mark.parametrize("status", [403, 404, 410, 500])
def test_a_page_that_is_gone(server: Server, status: int) -> None:
    server.pages["/a"] = Page(b"12", status=status)
    (finding,) = _check(about=_fact("12 Stationen", _source(server.url("/a"))))
    assert finding.reason == f"the page answers {status}"


def test_a_page_that_cannot_be_reached() -> None:
    (finding,) = _check(about=_fact("12 Stationen", _source("http://127.0.0.1:9/")))
    assert finding.reason == "the page cannot be read: ConnectionError"


def test_one_bad_page_does_not_hide_the_others(server: Server) -> None:
    server.pages["/b"] = _page("nichts")
    found = _check(
        about=_fact("12", _source("http://127.0.0.1:9/")),
        status=_fact("14", _source(server.url("/b"))),
        place=_fact("15", _source(server.url("/gone"))),
    )
    assert [finding.fact.rsplit("/", 1)[1] for finding in found] == ["about", "status", "place"]


def test_every_page_is_fetched_once(server: Server) -> None:
    server.pages["/a"] = _page("12 und 14")
    source = _source(server.url("/a"))
    assert _check(about=_fact("12", source), status=_fact("14", source), place=_fact("12", source)) == []
    assert len(server.seen) == 1


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
@pytest.mark.parametrize("declared", [True, False])
def test_umlauts_are_found_whether_the_server_declares_them_or_not(
    server: Server, charset: str, declared: bool
) -> None:
    text = "<html><body><p>Für Bürgerinnen und Bürger in Krefeld: Führerschein nötig, Gebühr fällig.</p></body></html>"
    content_type = f"text/html; charset={charset}" if declared else "text/html"
    server.pages["/a"] = Page(text.encode(charset), content_type=content_type)
    assert _check(about=_fact("Ja.", _source(server.url("/a")), evidence=("Führerschein", "Bürger"))) == []


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>12\n  Stationen</p>", "12 Stationen"),
        ("<script>var a = 12;</script><p>da</p>", "da"),
        ("<style>p { margin: 12px }</style>da", "da"),
        ("</script><p>da</p>", "da"),
        ("<p>3&nbsp;Euro &amp; mehr</p>", "3 Euro & mehr"),
        ("<!-- 12 --><p>da", "da"),
        ("<![; 12 ]><p>da", "da"),
        ("<p>eins <![endif]--><p>zwei", "eins zwei"),
        ("<p>eins<![CDATA[ x > y <p>zwei", "eins y zwei"),
        ("<p>AT&T", "AT&T"),
        ("", ""),
    ],
)
def test_the_visible_text_of_a_page(html: str, text: str) -> None:
    assert page_text(html) == text


@given(st.text(alphabet=st.sampled_from("<>/!-=\"'&;# abscriptyle[]?")) | st.text())
def test_any_page_has_a_text(html: str) -> None:
    page_text(html)


@pytest.mark.parametrize(
    ("text", "date", "numbers"),
    [
        ("2023 gab es 20 Räder.", "2023-05", ("20",)),
        ("2023 gab es 2 Räder.", "2023", ("2",)),
        ("2023 gab es 20 Räder.", None, ("2023", "20")),
        ("2019 waren es 5, 2024 auch 5.", "2024", ("2019", "5")),
        ("Es kostet 1.200,50 Euro um 18:30 Uhr.", None, ("1.200,50", "18:30")),
        ("Es gibt 12.", None, ("12",)),
        ("Keine Zahl.", None, ()),
    ],
)
def test_the_numbers_that_a_page_must_hold(text: str, date: str | None, numbers: tuple[str, ...]) -> None:
    source = _source("http://127.0.0.1:9/", date)
    assert expected(_fact(text, source), source) == numbers
