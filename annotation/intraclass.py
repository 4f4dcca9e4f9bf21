"""Intraclass correlations: how far coders agree on counts and ratings of whole sessions."""

import numpy as np

ICC_FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")


def icc(ratings: np.ndarray, form: str = "ICC(2,1)") -> float:
    """The intraclass correlation of a table of targets by judges, by its form's name (Shrout & Fleiss 1979).

    1: each target has judges of its own; 2: the same judges for all, a sample of many; 3: these judges
    only. 1: of a single judge; k: of the mean of the judges. Targets that a judge left out are left
    out. NaN where fewer than two targets or judges remain, or nothing varies.
    """
    if form not in ICC_FORMS:
        raise ValueError(f"{form!r} is none of {', '.join(ICC_FORMS)}")
    table = np.asarray(ratings, dtype=float)
    table = table[~np.isnan(table).any(axis=1)]
    n, k = table.shape
    if n < 2 or k < 2:
        return float("nan")
    between, within, judges, error = _mean_squares(table)
    above, below = {
        "ICC(1,1)": (between - within, between + (k - 1) * within),
        "ICC(2,1)": (between - error, between + (k - 1) * error + k * (judges - error) / n),
        "ICC(3,1)": (between - error, between + (k - 1) * error),
        "ICC(1,k)": (between - within, between),
        "ICC(2,k)": (between - error, between + (judges - error) / n),
        "ICC(3,k)": (between - error, between),
    }[form]
    return float(above / below) if abs(below) > 1e-12 else float("nan")


def _mean_squares(table: np.ndarray) -> tuple[float, float, float, float]:
    """Mean squares between targets, within targets, between judges, and of what is left."""
    n, k = table.shape
    mean, rows, columns = table.mean(), table.mean(axis=1), table.mean(axis=0)
    between = k * ((rows - mean) ** 2).sum()
    judges = n * ((columns - mean) ** 2).sum()
    within = ((table - rows[:, None]) ** 2).sum()
    error = max(within - judges, 0.0)
    return between / (n - 1), within / (n * (k - 1)), judges / (k - 1), error / ((n - 1) * (k - 1))
