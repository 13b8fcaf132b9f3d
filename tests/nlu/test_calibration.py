from __future__ import annotations

import numpy as np
import pytest

from smartcity.nlu.calibration import at_least, best_factors, held_out
from smartcity.nlu.voices import USUAL_FACTORS as USUAL
from smartcity.nlu.weighting import FEW_TEXTS


def _noise_and_truth(texts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 4, texts)
    telling = np.eye(4)[truth] + rng.normal(scale=0.6, size=(texts, 4))
    return telling, rng.normal(size=(texts, 4)), truth


def test_the_score_that_tells_more_gets_the_larger_factor() -> None:
    telling, noise, truth = _noise_and_truth(2000)
    of_telling, of_noise = best_factors((telling, noise), USUAL, truth)
    assert of_noise < of_telling / 10
    of_noise, of_telling = best_factors((noise, telling), USUAL, truth)
    assert of_noise < of_telling / 10


def test_few_texts_leave_the_factors_near_the_usual_ones() -> None:
    telling, noise, truth = _noise_and_truth(2)
    for found, usual in zip(best_factors((telling, noise), USUAL, truth), USUAL, strict=True):
        assert usual / 4 < found < usual * 4


def test_each_of_few_texts_is_held_out_once_and_of_many_one_in_twenty() -> None:
    few = held_out(np.arange(41) % 5, seed=3)
    assert sum(part.astype(int) for part in few).tolist() == [1] * 41
    (part,) = held_out(np.arange(FEW_TEXTS) % 5, seed=3)
    assert part.sum() == FEW_TEXTS / 20


@pytest.mark.parametrize("truth", [[0, 1], [0, 0, 0, 0, 0, 0, 0, 1]])
def test_nothing_is_held_out_where_what_is_left_would_have_one_label(truth: list[int]) -> None:
    assert held_out(np.array(truth), seed=3) == []


def test_chosen_texts_count_for_their_share_at_least() -> None:
    chosen = np.arange(100) < 2
    counts = at_least(0.1, chosen)
    assert counts[chosen].sum() / counts.sum() == pytest.approx(0.1) and (counts[~chosen] == 1).all()
    assert (at_least(0.02, chosen) == 1).all() and (at_least(0.1, chosen & ~chosen) == 1).all()


def test_a_text_that_counts_twice_is_as_good_as_two() -> None:
    telling, noise, truth = _noise_and_truth(300)
    twice = np.arange(300) < 40
    repeated = np.concatenate([np.arange(300), np.flatnonzero(twice)])
    counted = best_factors((telling, noise), USUAL, truth, 1.0 + twice)
    assert counted == pytest.approx(
        best_factors((telling[repeated], noise[repeated]), USUAL, truth[repeated]), rel=0.05
    )
