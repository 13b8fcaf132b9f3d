"""Does the evidence still stand? Fetch each source page and look for what the facts take from it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Dict, Iterator, List, Tuple

import requests

from smartcity.knowledge.records import Fact, Initiative, Knowledge, Source

TIMEOUT = (5.0, 20.0)
"""Seconds to connect and to read one page."""
AGENT = "smartcity-krefeld sources check"

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True)
class Finding:
    """A page that no longer shows what content takes from it."""

    fact: str
    source: Source
    reason: str

    def __str__(self) -> str:
        return f"{self.fact}: {self.reason} ({self.source.url})"


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: List[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """'<![' begins a comment up to the next '>', as in browsers; Python's parser looks for more, or gives up."""
        return self.parse_bogus_comment(i)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def page_text(html: str) -> str:
    """The visible text of a page, white space folded."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    return " ".join(" ".join(parser.parts).split())


def expected(fact: Fact, source: Source) -> Tuple[str, ...]:
    """What must stand on the page: the fact's own `evidence`, else the numbers of its German text.

    The year of the source's own date is not expected: it may be inferred, not printed.
    """
    if fact.evidence:
        return fact.evidence
    numbers = _NUMBER.findall(fact.text["de"])
    return tuple(dict.fromkeys(n for n in numbers if n != str(source.year)))


def check_sources(knowledge: Knowledge) -> Iterator[Finding]:
    """Yield what no longer stands; every page is fetched once. Nothing is changed."""
    by_url: Dict[str, List[Tuple[str, Fact, Source]]] = defaultdict(list)
    for shelf in (knowledge.initiatives, knowledge.themes, knowledge.offices):
        for topic in shelf.values():
            facts = dict(topic.facts)
            if isinstance(topic, Initiative) and topic.notice:
                facts["notice"] = topic.notice
            for aspect, fact in facts.items():
                for source in fact.sources:
                    by_url[source.url].append((f"{topic.kind}/{topic.id}/{aspect}", fact, source))
    with requests.Session() as session:
        session.headers["User-Agent"] = AGENT
        for url, uses in by_url.items():
            yield from _check_page(session, url, uses)


def _check_page(session: requests.Session, url: str, uses: List[Tuple[str, Fact, Source]]) -> Iterator[Finding]:
    try:
        answer = session.get(url, timeout=TIMEOUT)
        answer.raise_for_status()
    except requests.RequestException as error:
        reason = f"the page cannot be read: {error.__class__.__name__}"
        if isinstance(error, requests.HTTPError):
            reason = f"the page answers {error.response.status_code}"
        yield from (Finding(name, source, reason) for name, _, source in uses)
        return
    if "charset" not in answer.headers.get("Content-Type", ""):
        # requests would take any page without a declared charset for Latin-1.
        answer.encoding = answer.apparent_encoding
    text = page_text(answer.text)
    for name, fact, source in uses:
        wanted = expected(fact, source)
        missing = [part for part in wanted if part not in text]
        # A fact with several sources takes something from each, not everything.
        if missing and (len(fact.sources) == 1 or len(missing) == len(wanted)):
            yield Finding(name, source, f"not found there: {', '.join(missing)}")
