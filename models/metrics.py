"""Figures of merit as pure functions of numpy arrays."""

import numpy as np
from sklearn.metrics import average_precision_score


def auprc(target: np.ndarray, score: np.ndarray) -> float:
    """Area under the precision-recall curve (average precision); NaN where nothing is positive."""
    return float(average_precision_score(target, score)) if target.any() else float("nan")
