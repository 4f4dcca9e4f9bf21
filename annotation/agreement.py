"""How far coders agree: figures on the judgements of the same units by two or more coders.

`ratings` is an array of units by coders: any numbers as values, NaN where a coder did not judge.
What matters of it adds up over units, so that `Tally` keeps sums; a bootstrap over sessions then
only weighs the sessions' sums anew. A figure is NaN where it is not estimable.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Tally:
    """Sums over units; every array may have further axes in front, over which the figures are made.

    A unit counts as pairable when two or more coders judged it.
    """

    pairable: np.ndarray  # units
    agreeing: np.ndarray  # of the pairs of judgements of each pairable unit, the share that agree
    values: np.ndarray  # judgements of pairable units, by value
    coinciding: np.ndarray  # Krippendorff's coincidences of a value with itself, by value
    pairs: np.ndarray  # ordered pairs in which the first judgement is of a value, by value
    equal_pairs: np.ndarray  # those of them in which the second is too
    rated: np.ndarray  # units that anybody judged
    shares: np.ndarray  # of their judgements, the share of each value
    confusion: np.ndarray  # with two coders, units by what the first and what the second said

    def __getitem__(self, which: int) -> "Tally":
        return Tally(**{name: array[which] for name, array in vars(self).items()})

    def weighed(self, weights: np.ndarray) -> "Tally":
        """Of one tally a session, the tally of all, in which each session counts as often as its weight."""
        return Tally(
            **{name: np.tensordot(weights, array, axes=(-1, 0)) for name, array in vars(self).items()}
        )


def tally(ratings: np.ndarray, values: Sequence[float] | None = None) -> Tally:
    """The sums of a table of units by coders; `values` are those that may occur (left out: that do)."""
    ratings = np.asarray(ratings, dtype=float)
    values = np.unique(ratings[~np.isnan(ratings)]) if values is None else np.asarray(values, dtype=float)
    said = ratings[:, :, None] == values  # units, coders, values
    counts = said.sum(axis=1).astype(float)
    judges = counts.sum(axis=1)
    paired, m = counts[judges > 1], judges[judges > 1][:, None]
    equal = paired * (paired - 1)
    rated, r = counts[judges > 0], judges[judges > 0][:, None]
    two = ratings.shape[1] == 2
    return Tally(
        pairable=np.array(float(len(paired))),
        agreeing=(equal / (m * (m - 1))).sum(),
        values=paired.sum(axis=0),
        coinciding=(equal / (m - 1)).sum(axis=0),
        pairs=(paired * (m - 1)).sum(axis=0),
        equal_pairs=equal.sum(axis=0),
        rated=np.array(float(len(rated))),
        shares=(rated / r).sum(axis=0),
        confusion=np.einsum("ui,uj->ij", *said.astype(float).swapaxes(0, 1))
        if two
        else np.full((len(values), len(values)), np.nan),
    )


def stack(tallies: Sequence[Tally]) -> Tally:
    """Tallies over the same values as one, with an axis in front."""
    return Tally(**{name: np.stack([getattr(t, name) for t in tallies]) for name in vars(tallies[0])})


def raw_agreement(t: Tally) -> np.ndarray:
    """The share of pairs of judgements of one unit that are the same, as the mean over units."""
    return _ratio(t.agreeing, t.pairable)


def specific_agreement(t: Tally, value: int = -1) -> np.ndarray:
    """How often, where one coder gave a value, another did too; for the last value of yes/no, positive agreement.

    With two coders 2a / (2a + b + c) (Dice 1945; Cicchetti & Feinstein 1990), over all pairs with more.
    """
    return _ratio(t.equal_pairs[..., value], t.pairs[..., value])


def cohen_kappa(t: Tally) -> np.ndarray:
    """Cohen's kappa of two coders (Cohen 1960); NaN where either gave one value only."""
    n = t.confusion.sum(axis=(-2, -1))
    first, second = t.confusion.sum(axis=-1), t.confusion.sum(axis=-2)
    observed = _ratio(np.trace(t.confusion, axis1=-2, axis2=-1), n)
    expected = _ratio((first * second).sum(axis=-1), n**2)
    varied = ((first > 0).sum(axis=-1) > 1) & ((second > 0).sum(axis=-1) > 1)
    return np.where(varied, _ratio(observed - expected, 1 - expected), np.nan)


def krippendorff_alpha(t: Tally) -> np.ndarray:
    """Krippendorff's alpha for nominal values, any number of coders, missing judgements (Krippendorff 2011)."""
    n = t.values.sum(axis=-1)
    observed = n - t.coinciding.sum(axis=-1)
    expected = _ratio(n**2 - (t.values**2).sum(axis=-1), n - 1)
    return 1 - _ratio(observed, expected)


def gwet_ac1(t: Tally) -> np.ndarray:
    """Gwet's AC1, any number of coders, missing judgements (Gwet 2008)."""
    share = _ratio(t.shares, t.rated[..., None])
    expected = (share * (1 - share)).sum(axis=-1) / (t.shares.shape[-1] - 1)
    return _ratio(raw_agreement(t) - expected, 1 - expected)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.abs(below) > 1e-12, np.divide(above, below), np.nan)
