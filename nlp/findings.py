"""What we say about a session: explained tags, ruptures and ways to repair them. Plain data."""

from dataclasses import dataclass

from nlp.tagging import NAMED_FROM
from nlp.transcript import Span


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
    turn_score: float = 1.0  # how likely the turn is of this kind at all

    @property
    def named(self) -> bool:
        """Whether the code is claimed; if not, its kind is, and the code is only what it is most like."""
        return self.score >= NAMED_FROM

    @property
    def strength(self) -> tuple[float, float]:
        """What the marks of one rupture are ordered by: its strongest mark has the greatest."""
        return self.turn_score, self.score


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
    caution: str = ""  # when to hold it back
    to: str = "client"  # to whom the words are said: client | oneself
