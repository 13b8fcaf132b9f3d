"""What the pages tell people and the city about privacy is what the code does."""

from __future__ import annotations

import re

from smartcity.console.tables import METADATA
from smartcity.privacy.erasures import KEPT_DAYS
from smartcity.privacy.spans import KINDS
from smartcity.settings import read_settings

from ..privacy.sentences import SETS, measure
from ..privacy.sentences import read as sentences
from .pages import PROJECT, first_cells, read, section

PAGE = PROJECT / "smartcity" / "gateway" / "static" / "privacy.html"


def test_the_times_are_the_settings() -> None:
    settings = read_settings({})
    raw, redacted = settings.keep_tracker_days, settings.keep_conversations_days
    page, register = PAGE.read_text("utf-8"), section(read("privacy"), "What is stored")
    assert f"bleibt das Gespräch {raw} Tage nach der letzten Nachricht" in page and f"bleibt {redacted} Tage" in page
    assert f"| {raw} days after the last message, `SMARTCITY_KEEP_TRACKER_DAYS`" in register
    assert f"| {redacted} days after the last message, `SMARTCITY_KEEP_CONVERSATIONS_DAYS`" in register
    assert f"after {redacted} days without pseudonym" in register
    closed, audited = settings.keep_corrections_days, settings.keep_audit_days
    assert f"handed over: {closed} days from then, `SMARTCITY_KEEP_CORRECTIONS_DAYS`" in register
    assert f"| {closed} days after their end, `SMARTCITY_KEEP_CORRECTIONS_DAYS`" in register
    assert f"| {audited} days, `SMARTCITY_KEEP_AUDIT_DAYS`" in register
    assert f"conversation's {redacted} days" in register
    stale = section(read("privacy"), "Requests that nobody closes")
    assert f"{settings.stale_inquiries_days} days (`SMARTCITY_STALE_INQUIRIES_DAYS`)" in stale
    assert f"| {KEPT_DAYS} days after it was done" in register


def test_every_placeholder_has_a_row() -> None:
    assert first_cells(section(read("privacy"), "Redaction"))[: len(KINDS)] == [f"<{kind}>" for kind in KINDS]


def test_the_figures_are_measured() -> None:
    text = section(read("privacy"), "Redaction")
    assert f"{sum(len(sentences(name)) for name in SETS)} labelled sentences" in text
    for name, row in zip(SETS, ("first half", "second half, blind")):
        found = measure(sentences(name)).values()
        recall = sum(one.replaced for one in found) / sum(one.labelled for one in found)
        precision = sum(one.rightly for one in found) / sum(one.rightly + one.wrongly for one in found)
        assert f"| {row} | {recall * 100:.0f} % | {precision * 100:.0f} % |" in text
    blind = measure(sentences("blind"))
    for kind, noun in (("NAME", "names"), ("ADRESSE", "addresses")):
        assert re.search(rf"of {blind[kind].labelled} {noun} {blind[kind].recall * 100:.0f} %", text)
    rest = [one for kind, one in blind.items() if kind not in ("NAME", "ADRESSE")]
    assert all(one.replaced == one.labelled for one in rest)


def test_no_table_holds_an_address_of_the_network() -> None:
    columns = {column.name for table in METADATA.sorted_tables for column in table.columns}
    assert not {name for name in columns if re.search(r"address|\bip\b|_ip|agent", name)}
