import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from models import metrics


def test_kappa_equals_a_published_example():
    # Cohen's kappa, the 2x2 example of Sim & Wright (2005), Phys Ther 85(3), Table 1: 22, 2, 4, 11 -> 0.67.
    a = np.array([1] * 24 + [0] * 15, bool)
    b = np.array([1] * 22 + [0] * 2 + [1] * 4 + [0] * 11, bool)
    assert metrics.kappa(a, b) == pytest.approx(0.67, abs=0.005)


def test_saying_yes_to_everything_scores_by_the_base_rate_alone():
    target = np.array([True] * 10 + [False] * 90)
    assert metrics.all_positive_f1(target) == pytest.approx(2 * 0.1 / 1.1)


def test_auprc_of_a_perfect_ranking_is_one_and_of_a_constant_the_base_rate():
    target = np.array([True] * 20 + [False] * 80)
    assert metrics.auprc(target, target.astype(float)) == 1
    assert metrics.auprc(target, np.zeros(100)) == pytest.approx(0.2)


def test_what_cannot_be_estimated_is_nan():
    none = np.zeros(5, bool)
    assert math.isnan(metrics.auprc(none, np.ones(5)))
    assert math.isnan(metrics.kappa(none, none))
    assert math.isnan(metrics.balanced_accuracy(none, none))


def test_a_calibrated_score_has_no_calibration_error():
    probability = np.repeat([0.1, 0.5, 0.9], 1000)
    target = np.concatenate([np.arange(1000) < 1000 * p for p in (0.1, 0.5, 0.9)])
    assert metrics.calibration_error(target, probability) == pytest.approx(0, abs=1e-9)
    assert metrics.calibration_error(target, 1 - probability) > 0.5


@given(st.integers(2, 30), st.floats(0.1, 0.9))
def test_the_interval_of_a_mean_holds_the_mean(n, rate):
    values = (np.arange(n) < rate * n).astype(float)
    low, high = metrics.bootstrap_interval(lambda drawn: float(values[drawn].mean()), n, rounds=200)
    assert low <= values.mean() <= high


def test_reliability_pairs_what_was_said_with_what_was_seen():
    said = np.array([0.1] * 10 + [0.9] * 10)
    seen = np.array([0.0] * 9 + [1.0] + [1.0] * 9 + [0.0])
    assert metrics.reliability(seen, said) == [
        pytest.approx((0.1, 0.1, 10)),
        pytest.approx((0.9, 0.9, 10)),
    ]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=60))
def test_auprc_is_average_precision_with_ties_and_all(rows):
    target, score = np.array([t for t, _ in rows]), np.array([s / 5 for _, s in rows])
    if target.any():
        assert metrics.auprc(target, score) == pytest.approx(average_precision_score(target, score))
