"""The agreement of coders over coded sessions: by kind and code, by pair of coders, by session, over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from annotation import agreement
from annotation.agreement import Tally, stack, tally
from annotation.bootstrap import ROUNDS, SEED, Figure, draws, figure, resampled
from annotation.corpus import CodedTranscript
from annotation.intraclass import icc
from annotation.judgements import KINDS, coders_of, codes_of, judgements, tags_by_turn, things_to_judge
from annotation.overlap import words_touched
from nlp.codebook import Codebook

NOBODY_TWICE = "no turn was judged by two coders"
NOBODY_USED = "nobody used it"
ONE_NEVER_VARIED = "one of the coders used it on no turn or on every turn"
NOTHING_VARIES = "all judged every turn alike, so nothing varies"
TWO_ONLY = "it is for two coders only"
NONE_SHARED = "no turn with words was marked by both"
FEW_SESSIONS = "it needs two sessions or more that all coded, and something that varies"


@dataclass(frozen=True)
class CodeAgreement:
    """How far coders agree on one code or kind, over the turns that may carry it."""

    what: str
    coders: tuple[str, ...]
    sessions: int
    turns: int  # judged by two or more
    positive: tuple[int, ...]  # of those, how many each coder marked
    raw: Figure
    positive_agreement: Figure
    kappa: Figure
    alpha: Figure
    ac1: Figure
    evidence: Figure  # token F1 of the evidence where both marked a turn


@dataclass(frozen=True)
class SessionAgreement:
    """How far coders agree on a count or global rating of whole sessions."""

    what: str  # a kind, for how many turns carry it; or the name of a global rating
    coders: tuple[str, ...]
    sessions: int
    single: Figure  # ICC(2,1), Shrout & Fleiss (1979)
    mean: Figure  # ICC(2,k)


@dataclass(frozen=True)
class AgreementReport:
    """Agreement for every pair of coders and, where there are more than two, for all together."""

    coders: tuple[str, ...]
    codes: tuple[CodeAgreement, ...]
    sessions: tuple[SessionAgreement, ...]


@dataclass(frozen=True)
class Block:
    """Agreement in one run of sessions, in their order of completion."""

    sessions: tuple[str, ...]
    codes: tuple[CodeAgreement, ...]


def agreement_report(
    coded: Sequence[CodedTranscript],
    codebook: Codebook,
    coders: Sequence[str] | None = None,
    rounds: int = ROUNDS,
    seed: int = SEED,
    things: Sequence[str] | None = None,
) -> AgreementReport:
    """Agreement on every kind and code (or on `things`), and on counts and ratings of sessions, with intervals."""
    coders = tuple(coders or coders_of(coded))
    things = things_to_judge(codebook) if things is None else things
    groups = _groups(coders)
    return AgreementReport(
        coders=coders,
        codes=tuple(
            code_agreement(coded, what, group, codebook, rounds, seed) for group in groups for what in things
        ),
        sessions=tuple(
            found for group in groups for found in session_agreement(coded, group, codebook, rounds, seed)
        ),
    )


def agreement_over_time(
    coded: Sequence[CodedTranscript],
    codebook: Codebook,
    coders: Sequence[str] | None = None,
    blocks: int = 4,
    what: Sequence[str] = KINDS,
    rounds: int = ROUNDS,
) -> tuple[Block, ...]:
    """Agreement by block of sessions, which must be handed in in the order in which they were completed."""
    coders = tuple(coders or coders_of(coded))
    runs = [run for run in np.array_split(np.arange(len(coded)), max(1, min(blocks, len(coded)))) if len(run)]
    return tuple(
        Block(
            sessions=tuple(coded[i].transcript.id for i in run),
            codes=tuple(
                code_agreement([coded[i] for i in run], w, group, codebook, rounds)
                for group in _groups(coders)
                for w in what
            ),
        )
        for run in runs
    )


def code_agreement(
    coded: Sequence[CodedTranscript],
    what: str,
    coders: Sequence[str],
    codebook: Codebook,
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> CodeAgreement:
    """Agreement of some coders on one code or kind, over the sessions that two or more of them coded."""
    codes = codes_of(what, codebook)
    shared = [c for c in coded if sum(coder in c.tags for coder in coders) > 1]
    tables = [judgements(c, coders, codes, codebook) for c in shared]
    tallies = stack([tally(table, values=(0, 1)) for table in tables or [np.empty((0, len(coders)))]])
    n = len(shared)
    weights = draws(n, rounds, seed) if n > 1 else np.empty((0, max(n, 1)))
    whole, drawn = tallies.weighed(np.ones((1, max(n, 1))))[0], tallies.weighed(weights)
    judged = np.concatenate(tables) if tables else np.empty((0, len(coders)))
    judged = judged[(~np.isnan(judged)).sum(axis=1) > 1]

    def make(statistic, why: str) -> Figure:
        return figure(float(statistic(whole)), statistic(drawn), n, why)

    return CodeAgreement(
        what=what,
        coders=tuple(coders),
        sessions=n,
        turns=len(judged),
        positive=tuple(int(x) for x in np.nansum(judged, axis=0)),
        raw=make(agreement.raw_agreement, NOBODY_TWICE),
        positive_agreement=make(agreement.specific_agreement, _why(whole, NOBODY_USED)),
        kappa=make(agreement.cohen_kappa, _why(whole, ONE_NEVER_VARIED if len(coders) == 2 else TWO_ONLY)),
        alpha=make(agreement.krippendorff_alpha, _why(whole, NOTHING_VARIES)),
        ac1=make(agreement.gwet_ac1, NOBODY_TWICE),
        evidence=_evidence(shared, coders, codes, weights),
    )


def session_agreement(
    coded: Sequence[CodedTranscript],
    coders: Sequence[str],
    codebook: Codebook,
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> tuple[SessionAgreement, ...]:
    """ICC(2,1) and ICC(2,k) on the number of marked turns of each kind, and on every global rating."""
    shared = [c for c in coded if all(coder in c.tags for coder in coders)]
    rated = tuple(dict.fromkeys(name for c in shared for by in c.ratings.values() for name in by))
    tables = {
        kind: [_counts(c, coders, codes_of(kind, codebook), codebook) for c in shared] for kind in KINDS
    }
    for name in rated:
        tables[name] = [[c.ratings.get(coder, {}).get(name, np.nan) for coder in coders] for c in shared]
    found = []
    for what, rows in tables.items():
        table = np.array(rows, dtype=float).reshape(len(rows), len(coders))
        table = table[~np.isnan(table).any(axis=1)]
        single, mean = (
            resampled(lambda t, form=form: icc(t, form), table, FEW_SESSIONS, rounds, seed)
            for form in ("ICC(2,1)", "ICC(2,k)")
        )
        found.append(SessionAgreement(what, tuple(coders), len(table), single, mean))
    return tuple(found)


def _groups(coders: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every pair and, of more than two coders, all."""
    return [*combinations(coders, 2), *([coders] if len(coders) > 2 else [])]


def _why(whole: Tally, otherwise: str) -> str:
    if otherwise == TWO_ONLY:
        return TWO_ONLY
    if not whole.pairable:
        return NOBODY_TWICE
    return otherwise if whole.values[1] else NOBODY_USED


def _counts(
    coded: CodedTranscript, coders: Sequence[str], codes: frozenset[str], codebook: Codebook
) -> np.ndarray:
    """How many turns each coder marked, of those that all of them judged."""
    table = judgements(coded, coders, codes, codebook)
    return table[~np.isnan(table).any(axis=1)].sum(axis=0)


def _evidence(
    shared: Sequence[CodedTranscript], coders: Sequence[str], codes: frozenset[str], weights: np.ndarray
) -> Figure:
    """Mean token F1 of the evidence of two coders on the turns that both marked."""
    sums = np.zeros((max(len(shared), 1), 2))
    for row, coded in enumerate(shared):
        words = [_words(coded, coder, codes) for coder in coders]
        for a, b in combinations(words, 2):
            both = [(a[t], b[t]) for t in a.keys() & b.keys() if a[t] or b[t]]
            sums[row] += sum(2 * len(x & y) / (len(x) + len(y)) for x, y in both), len(both)
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = weights @ sums
        total = sums.sum(axis=0)
        return figure(total[0] / total[1], drawn[:, 0] / drawn[:, 1], len(shared), NONE_SHARED)


def _words(coded: CodedTranscript, coder: str, codes: frozenset[str]) -> dict[int, set[int]]:
    """By turn, which of its words a coder's evidence for these codes touches."""
    return {
        turn: set().union(*(words_touched(tag.evidence, coded.transcript.turns[turn].text) for tag in tags))
        for turn, tags in tags_by_turn(coded, coder, codes).items()
    }
