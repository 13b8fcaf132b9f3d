"""Charts as SVG: drawn on the server, coloured by classes, with a title and a description; a table stands beneath."""

from __future__ import annotations

from typing import List, Sequence, Tuple

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 220
_LEFT, _BOTTOM, _TOP = 48, 28, 10
_MOST_LABELS = 12

Bar = Tuple[str, Sequence[int]]
"""A label and the parts that stand upon each other, the lowest first."""


def bars(name: str, title: str, description: str, data: Sequence[Bar]) -> Markup:
    """Bars side by side, each of parts upon each other. `name` makes ids unique on the page."""
    highest = max((sum(parts) for _, parts in data), default=0)
    top = _rounded(highest)
    plain = HEIGHT - _BOTTOM - _TOP
    slot = (WIDTH - _LEFT) / max(len(data), 1)
    shapes: List[Markup] = []
    for line in range(3):
        value = top * line / 2
        y = HEIGHT - _BOTTOM - plain * line / 2
        shapes.append(
            Markup('<line class="grid" x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}"/>').format(_LEFT, y, WIDTH, y)
            + Markup('<text class="tick end" x="{}" y="{:.1f}">{}</text>').format(_LEFT - 6, y + 4, _short(value))
        )
    every = -(-len(data) // _MOST_LABELS) or 1
    for number, (label, parts) in enumerate(data):
        x, foot = _LEFT + slot * number, float(HEIGHT - _BOTTOM)
        for part, value in enumerate(parts):
            height = plain * value / top
            foot -= height
            shapes.append(
                Markup('<rect class="part{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                    part, x + slot * 0.12, foot, slot * 0.76, height
                )
            )
        if number % every == 0:
            shapes.append(
                Markup('<text class="tick middle" x="{:.1f}" y="{}">{}</text>').format(x + slot / 2, HEIGHT - 8, label)
            )
    return Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{n}-title {n}-desc">'
        '<title id="{n}-title">{t}</title><desc id="{n}-desc">{d}</desc>{shapes}</svg>'
    ).format(w=WIDTH, h=HEIGHT, n=name, t=title, d=description, shapes=Markup("").join(shapes))


def bar(share: float) -> Markup:
    """One small bar beside a number in a table; the number says it all, so it is hidden from screen readers."""
    width = 100 * min(max(share, 0.0), 1.0)
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" width="100" height="10" aria-hidden="true" focusable="false">'
        '<rect class="rest" width="100" height="10"/><rect class="part0" width="{:.1f}" height="10"/></svg>'
    ).format(width)


def _rounded(highest: int) -> int:
    """The next even round number, so that the middle line has a whole one."""
    size = 1
    while True:
        for step in (2, 4, 6, 10):
            if highest <= step * size:
                return step * size
        size *= 10


def _short(value: float) -> str:
    return str(escape(f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")))
