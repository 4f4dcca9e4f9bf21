"""Bootstrap intervals over sessions: turns of one session are alike, so whole sessions are drawn."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ROUNDS, SEED = 1000, 7
TOO_FEW = "an interval needs two sessions or more"
TOO_OFTEN_NONE = "in more than half of the draws of sessions it is not estimable, so there is no interval"


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval over sessions; None where it is not estimable, and then why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""


def draws(sessions: int, rounds: int = ROUNDS, seed: int = SEED) -> np.ndarray:
    """Rounds by sessions: how often each session was drawn, with replacement."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(sessions, np.full(sessions, 1 / sessions), size=rounds).astype(float)


def figure(value: float, over: np.ndarray, sessions: int, why: str = "") -> Figure:
    """A value with the percentile interval of its values over draws; `why` is said where it is NaN."""
    if np.isnan(value):
        return Figure(None, why=why)
    if sessions < 2:
        return Figure(float(value), why=TOO_FEW)
    known = over[~np.isnan(over)]
    if len(known) * 2 < len(over):
        return Figure(float(value), why=TOO_OFTEN_NONE)
    low, high = np.quantile(known, (0.025, 0.975))
    return Figure(float(value), float(low), float(high))


def resampled(
    statistic: Callable[[np.ndarray], float],
    rows: np.ndarray,
    why: str,
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> Figure:
    """A statistic of a table with a row a session, with its interval."""
    n = len(rows)
    chosen = np.random.default_rng(seed).integers(0, n, (rounds, n)) if n > 1 else []
    return figure(statistic(rows), np.array([statistic(rows[which]) for which in chosen]), n, why)
