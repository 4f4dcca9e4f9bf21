"""Turns raw scores into probabilities that mean what they say, and finds thresholds. Fitted on dev only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.network import KINDS
from models.scoring import RawScores
from nlp.codebook import Codebook
from nlp.tagging import STRICTNESS_LEVELS, Strictness

# How much recall counts against precision where the threshold is chosen (van Rijsbergen's beta).
_BETA = {"sensitive": 2.0, "balanced": 1.0, "strict": 0.5}


@dataclass(frozen=True)
class Calibration:
    """Platt scaling: probability = sigmoid(slope * logit + offset), per kind and per kind's codes."""

    kinds: Mapping[str, tuple[float, float]]
    codes: Mapping[str, tuple[float, float]]  # by kind of the code


@dataclass(frozen=True)
class Probabilities:
    """Calibrated scores of one transcript's turns: `kinds` (turns, 4), `codes` (turns, codes)."""

    kinds: np.ndarray
    codes: np.ndarray


def calibrate(raw: RawScores, calibration: Calibration, codebook: Codebook) -> Probabilities:
    """Probabilities of kinds and codes; P(code) = P(its kind) P(code given the kind)."""
    kinds = np.stack(
        [_apply(raw.kinds[:, k], calibration.kinds[kind]) for k, kind in enumerate(KINDS)], axis=1
    )
    codes = np.stack(
        [
            kinds[:, KINDS.index(code.kind)] * _apply(raw.codes[:, c], calibration.codes[code.kind])
            for c, code in enumerate(codebook.codes)
        ],
        axis=1,
    )
    return Probabilities(kinds, codes)


def best_threshold(groups: Sequence[tuple[np.ndarray, np.ndarray]], beta: float) -> float:
    """The threshold with the highest F-beta, averaged over groups of (target, probability)."""
    candidates = np.linspace(0.02, 0.95, 187)
    f = np.mean([[_f_beta(y, p >= c, beta) for c in candidates] for y, p in groups], axis=0)
    # A plateau's middle is steadier than its edge.
    near = np.flatnonzero(f >= f.max() - 1e-3)
    return float(round(candidates[near[len(near) // 2]], 3))


def fit_thresholds(
    groups: Mapping[str, Sequence[tuple[np.ndarray, np.ndarray]]],
    code_groups: Mapping[str, Sequence[tuple[np.ndarray, np.ndarray]]],
    codebook: Codebook,
) -> dict[str, Strictness]:
    """A Strictness per level; `groups` by kind, `code_groups` by kind over all its codes pooled."""
    levels = {}
    for level in STRICTNESS_LEVELS:
        by_kind = {kind: best_threshold(groups[kind], _BETA[level]) for kind in KINDS}
        by_code_kind = {kind: best_threshold(g, _BETA[level]) for kind, g in code_groups.items()}
        levels[level] = Strictness(**by_kind, codes={c.id: by_code_kind[c.kind] for c in codebook.codes})
    return levels


def _apply(logits: np.ndarray, platt: tuple[float, float]) -> np.ndarray:
    slope, offset = platt
    return 1 / (1 + np.exp(-np.clip(slope * logits + offset, -30, 30)))


def _f_beta(target: np.ndarray, said: np.ndarray, beta: float) -> float:
    hit = float((target & said).sum())
    b = beta**2
    return (1 + b) * hit / max(1.0, b * target.sum() + said.sum())
