"""The report on one session: plain data from the reader to JSON.

`dataclasses.asdict` of a SessionReport, with `to_json`'s few renamings, is the JSON described in
docs/report.md (schema "suture.report/1").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nlp.tagging import ModelInfo, TurnScores
from nlp.transcript import Span, Transcript

SCHEMA = "suture.report/1"


@dataclass(frozen=True)
class ExplainedTag:
    """A code on a turn with the words that show it, why it was put there and what speaks against it."""

    turn: int
    code: str
    kind: str  # withdrawal | confrontation | repair
    score: float
    intensity: int  # 1 slight, 2 clear, 3 strong
    evidence: Span
    why: str
    against: str


@dataclass(frozen=True)
class Rupture:
    """Neighbouring marked client turns, joined, with what the therapist did about them."""

    id: str  # r1, r2, ... in order
    kind: str  # withdrawal | confrontation | mixed
    first_turn: int
    last_turn: int
    significance: int  # 1 (slight) to 5 (strong) impact on collaboration
    turns: tuple[int, ...]  # the marked client turns
    repairs: tuple[int, ...]  # the therapist turns with strategies that answer it
    status: str  # repaired | partly | unrepaired
    because: str  # why this status, in one sentence


@dataclass(frozen=True)
class RepairSuggestion:
    """A way to repair one rupture; `done` when the therapist already did it."""

    rupture: str
    strategy: str
    timing: str  # now | later
    wording: str
    because: str
    turns: tuple[int, ...]
    source: str
    done: bool = False


@dataclass(frozen=True)
class SessionReport:
    """Everything Suture says about one session at one strictness."""

    transcript: Transcript
    warnings: tuple[str, ...]
    model: ModelInfo
    strictness: str
    scores: tuple[TurnScores, ...]
    tags: tuple[ExplainedTag, ...]
    ruptures: tuple[Rupture, ...]
    suggestions: tuple[RepairSuggestion, ...]
    summary: Mapping[str, object] = field(default_factory=dict)
