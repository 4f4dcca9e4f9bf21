"""Figures of merit as pure functions of numpy arrays, and bootstrap intervals over therapy sessions."""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score

NAN = float("nan")


def auprc(target: np.ndarray, score: np.ndarray) -> float:
    """Area under the precision-recall curve (average precision); NaN where nothing is positive.

    scikit-learn's average_precision_score, without what it checks each time: bootstraps call this often.
    """
    if not target.any():
        return NAN
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)  # of runs that score alike
    hits = np.cumsum(target[order])[ends]
    return float((np.diff(hits, prepend=0) / hits[-1] * hits / (ends + 1)).sum())


def f1(target: np.ndarray, said: np.ndarray) -> float:
    """F1 of the positive class; NaN where nothing is positive and nothing was said."""
    total = target.sum() + said.sum()
    return float(2 * (target & said).sum() / total) if total else NAN


def all_positive_f1(target: np.ndarray) -> float:
    """The F1 of saying yes to everything: what a figure must beat to mean anything."""
    return f1(target, np.ones_like(target))


def kappa(a: np.ndarray, b: np.ndarray) -> float:
    """Cohen's kappa of two yes/no judgements; NaN where either never varies."""
    return float(cohen_kappa_score(a, b)) if len(set(a)) > 1 and len(set(b)) > 1 else NAN


def balanced_accuracy(target: np.ndarray, said: np.ndarray) -> float:
    """The mean of sensitivity and specificity; NaN where only one class occurs."""
    return float(balanced_accuracy_score(target, said)) if len(set(target)) > 1 else NAN


def specificity(target: np.ndarray, said: np.ndarray) -> float:
    """The share of unmarked turns left unmarked."""
    return float((~said[~target]).mean()) if (~target).any() else NAN


def calibration_error(target: np.ndarray, probability: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error over bins of equal width (Naeini et al. 2015); target may be soft."""
    which = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = [abs(target[which == b].mean() - probability[which == b].mean()) for b in np.unique(which)]
    return float(np.average(gaps, weights=[(which == b).sum() for b in np.unique(which)]))


def reliability(target: np.ndarray, probability: np.ndarray, bins: int = 10) -> list[tuple[float, ...]]:
    """Per bin of equal width that is not empty: mean probability, observed share, number of turns."""
    which = np.minimum((probability * bins).astype(int), bins - 1)
    return [
        (float(probability[which == b].mean()), float(target[which == b].mean()), float((which == b).sum()))
        for b in np.unique(which)
    ]


def bootstrap_interval(
    figure: Callable[[Sequence[int]], float], n: int, rounds: int = 1000, seed: int = 7
) -> tuple[float, float]:
    """95 % percentile interval of `figure` over therapy sessions drawn with replacement.

    `figure` takes the indices of the sessions drawn. Rounds in which it is not defined are left out.
    """
    rng = np.random.default_rng(seed)
    values = np.array([figure(rng.integers(0, n, n)) for _ in range(rounds)])
    values = values[~np.isnan(values)]
    return (
        (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))) if len(values) else (NAN, NAN)
    )
