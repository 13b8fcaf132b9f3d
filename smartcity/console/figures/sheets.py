"""Tables as files for spreadsheets. No cell becomes a formula, whatever a citizen typed."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Any, Sequence

import xlsxwriter

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FORMULA = re.compile(r"^[\s\0]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20|%]|^[\t\r\n]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST = 32_000
"""Characters of a cell; a spreadsheet takes 32,767."""
_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class Sheet:
    """One table with a name, a head and rows of texts, numbers or nothing."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]


def harmless(value: Any) -> Any:
    """The cell's value; a text that a spreadsheet could run begins with an apostrophe."""
    if value is None or isinstance(value, (int, float)):
        return value
    text = str(value)
    if _FORMULA.match(text):
        text = f"'{text}"
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)[:_LONGEST]


def as_csv(sheet: Sheet) -> bytes:
    """The table as CSV: UTF-8 with a mark that spreadsheets know, divided by semicolons, all texts quoted."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_NONNUMERIC)
    for row in (sheet.head, *sheet.rows):
        writer.writerow(["" if value is None else harmless(value) for value in row])
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """The tables as one workbook, each on a sheet of its own."""
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(file, options) as workbook:
        bold = workbook.add_format({"bold": True})
        for sheet in sheets:
            page = workbook.add_worksheet(_SHEET_NAME.sub(" ", sheet.name)[:31])
            page.freeze_panes(1, 0)
            for column, title in enumerate(sheet.head):
                page.write_string(0, column, harmless(title), bold)
                page.set_column(column, column, max(12, min(60, len(title) + 2)))
            for number, row in enumerate(sheet.rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, (int, float)) and not isinstance(value, bool):
                        page.write_number(number, column, value)
                    elif value is not None:
                        page.write_string(number, column, harmless(value))
    return file.getvalue()
