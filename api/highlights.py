"""A turn's text cut into pieces at the edges of its marks, so that a page can show them."""

import re
from dataclasses import dataclass

from api.wording import KINDS, SIGILS, likelihood, percent
from nlp.codebook import Codebook
from nlp.findings import ExplainedTag
from nlp.transcript import Turn


@dataclass(frozen=True)
class Mark:
    """One tag as the page shows it: how likely its kind is on the turn, and as what it reads."""

    turn: int
    code: str
    kind: str
    name: str
    sigil: str
    intensity: int
    likelihood: str  # of the kind, as is `percent`
    percent: str
    turn_score: float
    score: float
    named: bool  # whether the code is likely enough to stand as the mark's name
    start: int
    end: int
    quote: str
    why: str
    against: str
    has_similar: bool = False  # whether coded moments like it can be opened

    @property
    def anchor(self) -> str:
        return f"mark-{self.turn + 1}-{self.code}"

    @property
    def number(self) -> int:
        return self.turn + 1

    @property
    def reads_as(self) -> str:
        """The code with its own score where it is likely enough; else what the turn is most like."""
        if self.named:
            return f"{self.name}, {percent(self.score)}"
        return f"Most like: {self.name[0].lower()}{self.name[1:]}"

    @property
    def announced(self) -> str:
        """What a screen reader says before the marked words."""
        name = self.name.lower() if self.named else f"most like {self.name.lower()}"
        return f"{self.kind}, {self.likelihood}: {name}"


@dataclass(frozen=True)
class Sign:
    """The marks of one kind on one turn: the same words and the same headline number."""

    marks: tuple[Mark, ...]

    @property
    def first(self) -> Mark:
        return self.marks[0]


def signs_of(marks: tuple[Mark, ...]) -> tuple[Sign, ...]:
    """Marks by turn and kind, the likeliest first."""
    groups: dict[tuple[int, str, int, int], list[Mark]] = {}
    for mark in sorted(marks, key=lambda m: (-m.turn_score, -m.score, m.turn)):
        groups.setdefault((mark.turn, mark.kind, mark.start, mark.end), []).append(mark)
    return tuple(Sign(tuple(group)) for group in groups.values())


@dataclass(frozen=True)
class Piece:
    """A stretch of a turn under the same marks; `opens` are those that begin with it."""

    text: str
    marks: tuple[Mark, ...] = ()
    opens: tuple[Mark, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(k for k in KINDS if any(m.kind == k for m in self.marks))

    @property
    def sigils(self) -> tuple[tuple[str, str], ...]:
        """(kind, letter) of the marks that begin here, each kind once."""
        opened = {m.kind for m in self.opens}
        return tuple((k, SIGILS[k]) for k in KINDS if k in opened)

    @property
    def intensity(self) -> int:
        return max((m.intensity for m in self.marks), default=0)

    @property
    def announces(self) -> str:
        """What a screen reader says before the piece."""
        return "; ".join(m.announced for m in self.opens)


def mark_of(tag: ExplainedTag, turn: Turn, codebook: Codebook, has_similar: bool = False) -> Mark:
    """The tag with its words, ready to show."""
    return Mark(
        turn=tag.turn,
        code=tag.code,
        kind=tag.kind,
        name=codebook[tag.code].name,
        sigil=SIGILS[tag.kind],
        intensity=tag.intensity,
        likelihood=likelihood(tag.turn_score),
        percent=percent(tag.turn_score),
        turn_score=tag.turn_score,
        score=tag.score,
        named=tag.named,
        start=tag.evidence.start,
        end=tag.evidence.end,
        quote=turn.text[tag.evidence.start : tag.evidence.end],
        why=_without_quote(tag.why),
        against=tag.against,
        has_similar=has_similar,
    )


_QUOTE_FIRST = re.compile(r"^“[^”]*”[ …]* reads as: ")


def _without_quote(why: str) -> str:
    """The reason without the quote it begins with: a card shows the quote just above it."""
    return _QUOTE_FIRST.sub("Reads as: ", why, count=1)


def pieces(text: str, marks: tuple[Mark, ...]) -> tuple[Piece, ...]:
    """The text in order, cut wherever a mark begins or ends; joined again it is the text."""
    edges = sorted({0, len(text), *(m.start for m in marks), *(m.end for m in marks)})
    return tuple(
        Piece(
            text=text[start:end],
            marks=tuple(m for m in marks if m.start <= start and end <= m.end),
            opens=tuple(m for m in marks if m.start == start and m.end > start),
        )
        for start, end in zip(edges, edges[1:], strict=False)
    )
