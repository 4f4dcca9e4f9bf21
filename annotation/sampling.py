"""What to code next: a recorded mix of uncertain, rare, disputed and random sessions.

The random part is drawn first and from all candidates, so that figures made on it alone are
honest for all; the other parts are taken, the most telling first, from what is left.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from annotation.adjudication import find_disagreements
from annotation.corpus import CodedTranscript
from nlp.codebook import Codebook
from nlp.errors import InputError
from nlp.tagging import TurnScores

RANDOM, UNCERTAINTY, RARE, DISAGREEMENT = "random", "uncertainty", "rare", "disagreement"
_TELLING_TURNS = 10  # the most uncertain turns of a session speak for it, however long it is


@dataclass(frozen=True)
class Mix:
    """The share of each part; they need not add up to one."""

    random: float = 1.0
    uncertainty: float = 0.0
    rare: float = 0.0
    disagreement: float = 0.0


@dataclass(frozen=True)
class Candidate:
    """A session that could be coded next, with what is known of it; None where nothing is."""

    id: str
    scores: Sequence[TurnScores] | None = None
    disagreement: float | None = None  # share of judged turns on which those who coded it differ


@dataclass(frozen=True)
class Chosen:
    """A session to code, by which part of the mix it was chosen, and how telling it is for that part."""

    id: str
    part: str
    value: float | None = None


@dataclass(frozen=True)
class Choice:
    """Everything needed to tell, and to repeat, how sessions were chosen."""

    sessions: tuple[Chosen, ...]
    mix: Mix
    size: int
    seed: int
    candidates: int
    unfilled: Mapping[str, int]  # places of a part for which no session was known to fit


def choose_next(
    candidates: Iterable[Candidate],
    mix: Mix,
    size: int,
    seed: int,
    coded_so_far: Mapping[str, int] | None = None,
) -> Choice:
    """`size` sessions by the mix; the same for the same candidates and seed, in whatever order they come.

    `coded_so_far` is how often each code has been given: the rarer, the more it is looked for.
    """
    pool = {c.id: c for c in sorted(candidates, key=lambda c: c.id)}
    places = _places(mix, min(size, len(pool)))
    drawn = np.random.default_rng(seed).permutation(list(pool))[: places[RANDOM]]
    chosen = [Chosen(str(id_), RANDOM) for id_ in drawn]
    unfilled = {}
    for part in (DISAGREEMENT, RARE, UNCERTAINTY):
        taken = {c.id for c in chosen}
        values = {i: _value(c, part, coded_so_far or {}) for i, c in pool.items() if i not in taken}
        ranked = sorted((-v, i) for i, v in values.items() if v)
        chosen += [Chosen(i, part, -v) for v, i in ranked[: places[part]]]
        if missing := places[part] - len(ranked[: places[part]]):
            unfilled[part] = missing
    return Choice(tuple(chosen), mix, size, seed, len(pool), unfilled)


def for_evaluation(choices: Iterable[Choice]) -> tuple[str, ...]:
    """The sessions that were chosen at random: the only ones that figures may be made on."""
    return tuple(dict.fromkeys(c.id for choice in choices for c in choice.sessions if c.part == RANDOM))


def uncertainty(scores: Sequence[TurnScores]) -> float:
    """How unsure the tagger is, 0 to 1: the mean entropy, in bits, of the turns it is least sure of."""
    chances = [s.rupture if s.rupture is not None else s.repair for s in scores]
    bits = sorted((_entropy(p) for p in chances if p is not None), reverse=True)[:_TELLING_TURNS]
    return float(np.mean(bits)) if bits else 0.0


def rarity(scores: Sequence[TurnScores], coded_so_far: Mapping[str, int]) -> float:
    """How much of what is rare a session promises: over codes, its best score, less for a code often given."""
    best: dict[str, float] = {}
    for turn in scores:
        for code, p in turn.codes.items():
            best[code] = max(best.get(code, 0.0), p)
    return sum(p / (1 + coded_so_far.get(code, 0)) for code, p in best.items())


def disputed(coded: CodedTranscript, codebook: Codebook, coders: Sequence[str] | None = None) -> float | None:
    """The share of turns judged by two or more coders on which they differ; None where there are none."""
    names = coders or tuple(coded.tags)
    judged = [coded.judged_by(coder) for coder in names]
    twice = {t for t in range(len(coded.transcript.turns)) if sum(t in j for j in judged) > 1}
    return len(find_disagreements(coded, codebook, names)) / len(twice) if twice else None


def _entropy(p: float) -> float:
    return 0.0 if p <= 0 or p >= 1 else float(-p * np.log2(p) - (1 - p) * np.log2(1 - p))


def _value(candidate: Candidate, part: str, coded_so_far: Mapping[str, int]) -> float | None:
    if part == DISAGREEMENT:
        return candidate.disagreement
    if candidate.scores is None:
        return None
    return uncertainty(candidate.scores) if part == UNCERTAINTY else rarity(candidate.scores, coded_so_far)


def _places(mix: Mix, size: int) -> dict[str, int]:
    """Whole places for each part: its share rounded down, then the largest remainders."""
    shares = {f.name: getattr(mix, f.name) for f in fields(mix)}
    total = sum(shares.values())
    if min(shares.values()) < 0 or not 0 < total < float("inf"):
        raise InputError(
            "mix: the shares of random, uncertainty, rare and disagreement must not be negative, and one of "
            "them must be above 0.",
            "bad_mix",
        )
    exact = {part: size * share / total for part, share in shares.items()}
    places = {part: int(x) for part, x in exact.items()}
    by_remainder = sorted(exact, key=lambda part: places[part] - exact[part])
    for part in by_remainder[: size - sum(places.values())]:
        places[part] += 1
    return places
