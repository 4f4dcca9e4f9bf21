"""Fits Platt scaling. Apart from its use, so that serving need not load scikit-learn."""

import numpy as np
from sklearn.linear_model import LogisticRegression


def fit_platt(
    logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, float]:
    """(slope, offset) by logistic regression on soft targets in [0, 1] (Platt 1999)."""
    x = np.concatenate([logits, logits])[:, None]
    y = np.concatenate([np.ones_like(targets), np.zeros_like(targets)])
    weight = np.concatenate([targets, 1 - targets])
    if weights is not None:
        weight = weight * np.concatenate([weights, weights])
    if not (weight[: len(targets)].any() and weight[len(targets) :].any()):
        return 1.0, 0.0
    fit = LogisticRegression(C=100.0).fit(x, y, sample_weight=weight)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])
