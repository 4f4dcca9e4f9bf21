import numpy as np
import pytest

from models.calibration import best_threshold, fit_thresholds
from models.metrics import calibration_error
from models.network import KINDS
from models.platt import fit_platt
from nlp.codebook import load_codebook


def _sample(n: int = 20_000, seed: int = 3):
    rng = np.random.default_rng(seed)
    truth = rng.normal(-2, 2, n)
    return truth, rng.random(n) < 1 / (1 + np.exp(-truth))


def test_scaling_mends_overconfident_scores():
    truth, target = _sample()
    overconfident = 3 * truth + 1
    slope, offset = fit_platt(overconfident, target.astype(float))
    assert slope == pytest.approx(1 / 3, rel=0.05)
    before = 1 / (1 + np.exp(-overconfident))
    after = 1 / (1 + np.exp(-(slope * overconfident + offset)))
    assert calibration_error(target, after) < 0.02 < calibration_error(target, before)


def test_soft_targets_count_as_shares():
    logits = np.concatenate([np.full(500, -1.0), np.full(500, 1.0)])
    slope, offset = fit_platt(logits, np.concatenate([np.full(500, 0.2), np.full(500, 0.7)]))
    assert 1 / (1 + np.exp(-(slope + offset))) == pytest.approx(0.7, abs=0.01)
    assert 1 / (1 + np.exp(-(-slope + offset))) == pytest.approx(0.2, abs=0.01)


def test_nothing_to_fit_leaves_the_scores_alone():
    assert fit_platt(np.array([1.0, 2.0]), np.zeros(2)) == (1.0, 0.0)


def test_strict_marks_less_than_balanced_and_balanced_less_than_sensitive():
    truth, target = _sample()
    groups = [(target, 1 / (1 + np.exp(-truth)))]
    codebook = load_codebook()
    levels = fit_thresholds(
        {kind: groups for kind in KINDS}, {c.kind: groups for c in codebook.codes}, codebook
    )
    assert levels["sensitive"].rupture < levels["balanced"].rupture < levels["strict"].rupture
    assert set(levels["strict"].codes) == {c.id for c in codebook.codes}


def test_the_threshold_parts_what_can_be_parted():
    target = np.array([False] * 90 + [True] * 10)
    score = np.where(target, 0.8, 0.3)
    assert 0.3 < best_threshold([(target, score)], 1.0) <= 0.8
