"""Messages that say nothing are never given a meaning: nothing is stated, nothing is listed."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from ..system import ApiClient

pytestmark = pytest.mark.system
HARMLESS = ("lost", "decline", "ask/between", "talk/other_language")
LETTERS = "bcdfghjklmnpqrstvwxyz"


def _random_letters(rng: random.Random) -> str:
    """One to four words of consonants."""
    return " ".join("".join(rng.choices(LETTERS, k=rng.randint(4, 9))) for _ in range(rng.randint(1, 4)))


def meaningless() -> Iterator[str]:
    """Emoji, signs, digits, scripts that nobody reads here, random letters; seeded."""
    rng = random.Random(11)
    yield from ("🙂", "👍🏽👍🏽", "❤️‍🔥 🎉", "?!", "...", "-", "12345", "02151 863 999", "3.14", "1 2 3 4 5 6 7", "٤٥٦")
    yield from ("你好吗", "こんにちは", "안녕하세요", "ქართული ენა", "नमस्ते", "שלום", "ᚠᚢᚦ")
    for _ in range(40):
        yield _random_letters(rng)


@pytest.mark.parametrize("text", list(meaningless()))
def test_nothing_is_stated(client: ApiClient, text: str) -> None:
    client.open("de")
    (message,) = client.say(text)
    assert message["answer"].startswith(HARMLESS)
    assert message["source"] is None
