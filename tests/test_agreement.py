"""Figures of agreement against published worked examples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from annotation.agreement import (
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    raw_agreement,
    specific_agreement,
    stack,
    tally,
)
from annotation.intraclass import ICC_FORMS, icc
from annotation.overlap import token_f1
from nlp.transcript import Span

NA = float("nan")
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: 12 units by 4 observers.
# Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., p. 120, uses the same (irrCAC: cac.raw4raters).
FOUR_OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3],
        [NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA],
    ]
).T
# Krippendorff (2011), section A: 10 units by 2 observers, yes/no.
TWO_OBSERVERS = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]).T
# Gwet (2014), 100 pregnant women by two abstractors (irrCAC: cont3x3abstractors).
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
# Shrout & Fleiss (1979), Intraclass correlations, Psychological Bulletin 86, table 2.
SIX_TARGETS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def from_table(table) -> np.ndarray:
    """Units by two coders from their contingency table."""
    return np.array([[i, j] for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)])


def test_alpha_of_four_observers_with_missing_values_is_as_krippendorff_2011_prints_it():
    assert krippendorff_alpha(tally(FOUR_OBSERVERS)) == pytest.approx(0.743, abs=0.0005)


def test_alpha_of_two_observers_is_as_krippendorff_2011_prints_it():
    assert krippendorff_alpha(tally(TWO_OBSERVERS)) == pytest.approx(0.095, abs=0.0005)


def test_ac1_of_four_raters_is_as_gwet_prints_it():
    assert gwet_ac1(tally(FOUR_OBSERVERS)) == pytest.approx(0.77544, abs=5e-6)
    assert raw_agreement(tally(FOUR_OBSERVERS)) == pytest.approx(0.81818, abs=5e-6)


def test_figures_of_two_abstractors_are_as_gwet_prints_them():
    t = tally(from_table(ABSTRACTORS))
    assert cohen_kappa(t) == pytest.approx(0.7964094, abs=5e-8)
    assert gwet_ac1(t) == pytest.approx(0.8493305, abs=5e-8)
    assert krippendorff_alpha(t) == pytest.approx(0.7972585, abs=5e-8)
    assert raw_agreement(t) == pytest.approx(0.89)


def test_kappa_of_the_grant_proposals_is_0_4():
    # Fifty proposals read by two readers, the worked example of Wikipedia, "Cohen's kappa".
    assert cohen_kappa(tally(from_table([[20, 5], [10, 15]]))) == pytest.approx(0.4)


def test_agreement_on_yes_is_high_and_kappa_low_where_nearly_all_is_yes():
    # Feinstein & Cicchetti (1990), High agreement but low kappa I: 80, 10, 5, 5 give 0.85 and 0.32.
    t = tally(from_table([[5, 5], [10, 80]]))
    assert raw_agreement(t) == pytest.approx(0.85)
    assert cohen_kappa(t) == pytest.approx(0.32, abs=0.005)
    assert specific_agreement(t) == pytest.approx(160 / 175)


@pytest.mark.parametrize(
    ("form", "published"), list(zip(ICC_FORMS, (0.17, 0.29, 0.71, 0.44, 0.62, 0.91), strict=True))
)
def test_intraclass_correlations_are_as_shrout_and_fleiss_print_them(form, published):
    assert icc(SIX_TARGETS, form) == pytest.approx(published, abs=0.005)


def test_an_unknown_form_of_icc_is_refused():
    with pytest.raises(ValueError, match="none of"):
        icc(SIX_TARGETS, "ICC")


def test_icc_needs_two_targets_and_something_that_varies():
    assert np.isnan(icc([[1, 2]], "ICC(2,1)"))
    assert np.isnan(icc([[3, 3], [3, 3]], "ICC(2,1)"))


def test_icc_leaves_out_targets_that_a_judge_left_out():
    assert icc([*SIX_TARGETS, [NA, 1, 1, 1]], "ICC(2,1)") == icc(SIX_TARGETS, "ICC(2,1)")


def test_a_code_that_nobody_used_gives_no_kappa_and_no_alpha_but_an_ac1():
    t = tally(np.zeros((5, 2)), values=(0, 1))
    assert np.isnan(cohen_kappa(t)) and np.isnan(krippendorff_alpha(t)) and np.isnan(specific_agreement(t))
    assert raw_agreement(t) == 1 and gwet_ac1(t) == 1


def test_no_units_give_no_figures():
    t = tally(np.empty((0, 2)), values=(0, 1))
    assert all(np.isnan(f(t)) for f in (raw_agreement, cohen_kappa, krippendorff_alpha, gwet_ac1))


yes_no = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=30)


@settings(deadline=None)
@given(yes_no)
def test_kappa_is_scikit_learns(pairs):
    a, b = np.array(pairs).T
    kappa = cohen_kappa(tally(np.array(pairs), values=(0, 1)))
    if len(set(a)) > 1 and len(set(b)) > 1:
        assert kappa == pytest.approx(cohen_kappa_score(a, b))
    else:
        assert np.isnan(kappa)


@settings(deadline=None)
@given(st.lists(yes_no, min_size=1, max_size=4), st.randoms())
def test_weighing_sessions_is_the_same_as_repeating_their_units(sessions, random):
    weights = [random.randint(0, 3) for _ in sessions]
    repeated = [pair for w, pairs in zip(weights, sessions, strict=True) for pair in pairs * w]
    whole = tally(np.array(repeated or np.empty((0, 2))), values=(0, 1))
    weighed = stack([tally(np.array(s), values=(0, 1)) for s in sessions]).weighed(np.array([weights]))[0]
    for figure in (raw_agreement, specific_agreement, cohen_kappa, krippendorff_alpha, gwet_ac1):
        assert figure(weighed) == pytest.approx(float(figure(whole)), nan_ok=True)


def test_spans_agree_by_the_words_they_share():
    text = "I don't know, whatever you think."
    assert token_f1(Span(0, 12), Span(0, 12), text) == 1
    assert token_f1(Span(0, 12), Span(14, 33), text) == 0
    assert token_f1(Span(0, 12), Span(2, 22), text) == pytest.approx(2 * 2 / (3 + 3))
