"""Tables as plain text."""

from __future__ import annotations

from typing import List, Sequence


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A titled table; the first column to the left, the others to the right."""
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    shown = [_line(line, widths) for line in lines]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([title, "=" * len(title), shown[0], rule, *shown[1:], *([] if rows else ["(none)"])])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].ljust(widths[0])
    others: List[str] = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "  ".join([first, *others]).rstrip()
