"""What the eye and the pointer meet: colours, sizes and places as the browser computed them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

Colour = tuple[float, float, float, float]
"""Red, green, blue and alpha, each from 0 to 1."""
Chain = Sequence[tuple[str, float]]
"""Backgrounds from the page inwards, each with its opacity."""

WHITE: Colour = (1, 1, 1, 1)
SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8").strip()


def look(page: Page, question: str) -> Any:
    """The answer of one of the questions in looks.js."""
    return page.evaluate(f"{SCRIPT}.{question}()")


def colour(text: str) -> Colour:
    """The colour of a computed style: rgb(), rgba() or color(srgb)."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]
    scale = 1.0 if text.startswith("color(") else 255.0
    red, green, blue = (number / scale for number in numbers[:3])
    return (red, green, blue, numbers[3] if len(numbers) > 3 else 1.0)


def over(ink: Colour, ground: Colour) -> Colour:
    """Ink on an opaque ground."""
    red, green, blue = (part * ink[3] + under * (1 - ink[3]) for part, under in zip(ink[:3], ground[:3]))
    return (red, green, blue, 1.0)


def seen(chain: Chain, ink: str | None = None) -> Colour:
    """What stands on the screen: the backgrounds, and on top of the last the ink."""

    def group(depth: int, under: Colour) -> Colour:
        background, opacity = chain[depth]
        painted = over(colour(background), under)
        if depth + 1 < len(chain):
            painted = group(depth + 1, painted)
        elif ink is not None:
            painted = over(colour(ink), painted)
        return over((*painted[:3], opacity), under)

    return group(0, WHITE)


def luminance(one: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in one[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """As WCAG 2.2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def chain_of(part: Locator) -> Chain:
    chain: Chain = part.evaluate(f"(one) => {SCRIPT}.paint(one)")
    return chain


def contrast_of(part: Locator, style: str, ground: Locator | None = None) -> float:
    """Contrast of a colour of an element (a name in its computed style) with what it stands on.

    Text and icons stand on the element itself; for borders and outlines `ground` is what lies around.
    """
    ink: str = part.evaluate("(one, style) => getComputedStyle(one)[style]", style)
    chain = chain_of(ground or part)
    return contrast(seen(chain, ink), seen(chain))


def pale_texts(page: Page, least: float = 4.5) -> list[str]:
    """Texts of the chat with too little contrast; those of what cannot be used now are exempt."""
    texts: list[tuple[str, str, Chain]] = look(page, "texts")
    assert texts
    found = [(name, contrast(seen(chain, ink), seen(chain))) for name, ink, chain in texts]
    return [f"{name}: {ratio:.2f}" for name, ratio in found if ratio < least]


def small_targets(page: Page, least: int = 24) -> list[str]:
    """Controls that are smaller than WCAG 2.2 wants; links in sentences are exempt."""
    targets: list[tuple[str, float, float]] = look(page, "targets")
    return [f"{name}: {wide:.0f} x {high:.0f}" for name, wide, high in targets if min(wide, high) < least]
