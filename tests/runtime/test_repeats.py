"""Turns that are asked for again: what is kept of them, and how much."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from smartcity.runtime.repeats import Repeats, Replies


async def _turn(replies: Replies, *texts: str, fails: bool = False) -> None:
    for text in texts:
        await asyncio.sleep(0)
        replies.add({"text": text})
    if fails:
        raise RuntimeError


def _begun(*texts: str, fails: bool = False) -> Replies:
    replies = Replies()
    replies.come_from(asyncio.ensure_future(_turn(replies, *texts, fails=fails)))
    return replies


async def _all(replies: Replies) -> list[Any]:
    found: list[Any] = []
    while (one := await replies.get(len(found))) is not None:
        found.append(one["text"])
    return found


async def test_any_number_read_the_same_from_the_beginning() -> None:
    replies = _begun("eins", "zwei")
    early = await asyncio.gather(_all(replies), _all(replies))
    assert early == [["eins", "zwei"], ["eins", "zwei"]]
    assert await _all(replies) == ["eins", "zwei"]


@pytest.mark.parametrize("texts", [["eins"], []])
async def test_a_turn_that_failed_is_not_kept(texts: list[str]) -> None:
    repeats = Repeats()
    replies = _begun(*texts, fails=bool(texts))
    repeats.keep("p", "k", replies)
    assert repeats.find("p", "k") is replies, "while it runs"
    with suppress(RuntimeError):
        await _all(replies)
    assert repeats.find("p", "k") is None


async def test_what_is_kept_is_bounded_in_number_and_time() -> None:
    repeats = Repeats(most=2)
    for number in range(3):
        repeats.keep("p", f"k{number}", _begun("eins"))
    repeats.keep("p", None, _begun("eins"))
    assert len(repeats) == 2
    assert repeats.find("p", "k0") is None and repeats.find("p", "k2") is not None
    assert repeats.find("q", "k2") is None
    repeats.forget("p")
    assert len(repeats) == 0
    short = Repeats(seconds=0)
    short.keep("p", "k", _begun("eins"))
    assert short.find("p", "k") is None


@pytest.mark.parametrize("key", [None, ""])
async def test_without_a_key_nothing_is_found(key: str | None) -> None:
    repeats = Repeats()
    repeats.keep("p", key, _begun("eins"))
    assert repeats.find("p", key) is None
