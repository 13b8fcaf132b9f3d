from __future__ import annotations

import numpy as np

from smartcity.nlu.calibration import best_factors
from smartcity.nlu.voices import USUAL_FACTORS as USUAL


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
