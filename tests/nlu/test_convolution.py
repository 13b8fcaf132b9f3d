from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from smartcity.nlu.coarse import Coarse
from smartcity.nlu.convolution import (
    AMONG,
    BUCKETS,
    SINGLE,
    SIZE,
    Convolution,
    Corpus,
    buckets_of,
    train_convolution,
)

WORDS = ["nicht", "roller", "sondern", "taxi", "was", "kostet"]
BUCKET = {word: buckets_of([f"w:{word}"]) for word in WORDS}
RNG = np.random.default_rng(7)


def _said(order: tuple[str, str]) -> list[str]:
    """Both names, one of them refused, among other words."""
    refused, wanted = order
    filling = [str(word) for word in RNG.choice(["was", "kostet"], RNG.integers(0, 4))]
    return [*filling, "nicht", refused, "sondern", wanted, *filling[:1]]


EITHER = np.arange(300) % 2
"""Which of two names is wanted: only the order of the words tells it."""
TEXTS = [_said(("roller", "taxi") if wanted else ("taxi", "roller")) for wanted in EITHER]
CORPUS = Corpus.of(TEXTS, BUCKET)
ALL = np.arange(len(TEXTS))
LEARNT = train_convolution(CORPUS, ALL, EITHER, 2, seed=1)


def test_it_reads_words_in_their_order() -> None:
    assert (LEARNT.scores(CORPUS).argmax(axis=1) == EITHER).mean() == 1.0
    bags = {tuple(sorted(said)) for said in TEXTS}
    assert len(bags) < len({tuple(said) for said in TEXTS}), "The same words must occur with either meaning."


def test_shapes_and_types() -> None:
    assert LEARNT.table.steps.shape == (BUCKETS, SIZE)
    shapes = [(SIZE, SINGLE + 3 * AMONG), (SINGLE + AMONG,), (SINGLE + AMONG, 2), (2,)]
    assert [array.shape for array in LEARNT[1:]] == shapes
    assert {array.dtype for array in LEARNT[1:]} == {np.dtype(np.float32)}


def _read(learnt: Convolution, said: list[str]) -> np.ndarray:
    return learnt.read(np.array([learnt.vector(BUCKET[word]) for word in said] or [learnt.vector(())]))


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=8), min_size=1, max_size=5))
def test_one_text_is_read_as_many_are(texts: list[list[str]]) -> None:
    together = LEARNT.scores(Corpus.of(texts, BUCKET))
    for said, scores in zip(texts, together, strict=True):
        np.testing.assert_allclose(_read(LEARNT, said), scores, atol=1e-3)


def test_only_the_chosen_texts_are_learnt_from() -> None:
    turned = np.where(ALL < 200, EITHER, 1 - EITHER)
    some = train_convolution(CORPUS, ALL[:200], turned[:200], 2, seed=1)
    assert (some.scores(CORPUS).argmax(axis=1) == EITHER).mean() == 1.0
    np.testing.assert_allclose(some.scores(CORPUS.of_texts(ALL[5:9])), some.scores(CORPUS)[5:9], atol=1e-4)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_seed_alone_decides(threads: int) -> None:
    with threadpool_limits(threads):
        again = train_convolution(CORPUS, ALL, EITHER, 2, seed=1)
    np.testing.assert_array_equal(LEARNT.table.steps, again.table.steps)
    for one, other in zip(LEARNT[1:], again[1:], strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(again.output, train_convolution(CORPUS, ALL, EITHER, 2, seed=2).output)


def test_the_factor_is_in_the_scores() -> None:
    np.testing.assert_allclose(LEARNT.scaled(2.5).scores(CORPUS), LEARNT.scores(CORPUS) * 2.5, rtol=1e-4)


def test_an_unknown_word_is_read_as_none() -> None:
    assert isinstance(LEARNT.table, Coarse) and not LEARNT.vector(()).any()
