"""Codes put on turns, by people or by a trained model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from nlp.transcript import Span, Transcript

# From here on a code is named; below it a tagger knows the kind at best, and what the code may be.
NAMED_FROM = 0.25


@dataclass(frozen=True)
class TurnTag:
    """One code put on one turn.

    `evidence` is the shortest run of words that shows it; `score` a calibrated probability in
    [0, 1] (1.0 for a person's judgement); `intensity` 1 slight, 2 clear, 3 strong; `source` who
    or what put it there; `turn_score` how likely the turn is of the code's kind at all.
    """

    turn: int
    code: str
    evidence: Span
    score: float = 1.0
    intensity: int = 2
    source: str = ""
    turn_score: float = 1.0

    @property
    def named(self) -> bool:
        """Whether the code itself is likely enough to be named."""
        return self.score >= NAMED_FROM


@dataclass(frozen=True)
class SimilarMoment:
    """A turn of the coded corpus that resembles another turn.

    `codes` is what its coders put on it (none: a look-alike); `likeness` a cosine, 1 for the same.
    """

    session: str
    turn: int
    codes: tuple[str, ...]
    likeness: float


@dataclass(frozen=True)
class TurnScores:
    """What a tagger thinks of one turn, whatever the thresholds.

    All values are calibrated probabilities in [0, 1]. On client turns `repair` is None, on
    therapist turns `rupture`, `withdrawal` and `confrontation` are None; on others all are.
    `codes` has the marker codes on client turns and the strategy codes on therapist turns.
    `sentences` holds, per sentence of the turn, how likely that sentence is to be the evidence.
    `intensity` is the expected intensity, 1 to 3, were the turn marked. `similar` are the coded moments
    most like it, most alike first, on turns that may be marked.
    """

    turn: int
    rupture: float | None = None
    withdrawal: float | None = None
    confrontation: float | None = None
    repair: float | None = None
    codes: Mapping[str, float] = field(default_factory=dict)
    sentences: tuple[float, ...] = ()
    intensity: float | None = None
    similar: tuple[SimilarMoment, ...] = ()

    def of_kind(self, kind: str) -> float:
        """How likely the turn is of a kind: withdrawal, confrontation or repair; 0 where it has no say."""
        return getattr(self, kind) or 0.0


@dataclass(frozen=True)
class Strictness:
    """The least scores at which a report marks a turn, at one strictness a supervisor chooses."""

    rupture: float
    withdrawal: float
    confrontation: float
    repair: float
    codes: Mapping[str, float] = field(default_factory=dict)


STRICTNESS_LEVELS = ("sensitive", "balanced", "strict")


@dataclass(frozen=True)
class ModelInfo:
    """Which tagger made a report, and the thresholds it was fitted with."""

    name: str
    version: str
    codebook_version: str
    thresholds: Mapping[str, Strictness]  # keys: STRICTNESS_LEVELS


class Tagger(Protocol):
    """Scores every turn of a transcript whose turns have their sentences."""

    info: ModelInfo

    def score(self, transcript: Transcript) -> list[TurnScores]:
        """One TurnScores per turn, in order; independent of any other transcript."""
        ...
