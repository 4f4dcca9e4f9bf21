"""The whole session left to right: who talks when, where ruptures and repairs lie.

Positions are percentages of the width, so that the picture needs no script and no fixed size. The
axis is time where every turn has one, else the share of words said so far.
"""

from dataclasses import dataclass
from itertools import accumulate

from api.wording import clock
from nlp.report import SessionReport
from nlp.transcript import Speaker, Turn

LEAST_WIDTH = 0.9  # percent: a moment of one short turn can still be seen and hit


@dataclass(frozen=True)
class Stretch:
    """A stretch of talk by one speaker."""

    speaker: str
    x: float
    width: float


@dataclass(frozen=True)
class Block:
    """A rupture on the timeline."""

    moment: str
    number: int
    kind: str
    significance: int
    x: float
    width: float


@dataclass(frozen=True)
class Tick:
    """A therapist turn that answers a rupture."""

    turn: int
    x: float


@dataclass(frozen=True)
class AxisMark:
    x: float
    text: str
    anchor: str  # start | middle | end


@dataclass(frozen=True)
class Timeline:
    stretches: tuple[Stretch, ...]
    blocks: tuple[Block, ...]
    ticks: tuple[Tick, ...]
    axis: tuple[AxisMark, ...]
    starts: tuple[float, ...]  # where each turn begins, in percent


def timeline_of(report: SessionReport) -> Timeline:
    """The report's timeline."""
    turns = report.transcript.turns
    edges = _edges(turns)
    repaired = sorted({turn for r in report.ruptures for turn in r.repairs})
    return Timeline(
        stretches=_stretches(turns, edges),
        blocks=tuple(_block(i, r, edges) for i, r in enumerate(report.ruptures, 1)),
        ticks=tuple(Tick(t, round((edges[t] + edges[t + 1]) / 2, 2)) for t in repaired),
        axis=_axis(turns, edges),
        starts=tuple(round(e, 2) for e in edges[:-1]),
    )


def has_times(turns: tuple[Turn, ...]) -> bool:
    """Whether every turn says when it starts, in order, so that the axis can be time."""
    starts = [t.start for t in turns]
    if any(s is None for s in starts) or len(starts) < 2:
        return False
    return all(a <= b for a, b in zip(starts, starts[1:], strict=False)) and starts[-1] > starts[0]


def _edges(turns: tuple[Turn, ...]) -> list[float]:
    """Where each turn begins and the last one ends, in percent."""
    if has_times(turns):
        last = turns[-1]
        at = [t.start for t in turns] + [max(last.end or 0, last.start + 1)]
    else:
        at = [0, *accumulate(max(1, len(t.text.split())) for t in turns)]
    whole = (at[-1] - at[0]) or 1
    return [100 * (a - at[0]) / whole for a in at]


def _stretches(turns: tuple[Turn, ...], edges: list[float]) -> tuple[Stretch, ...]:
    """Talk in the two lanes; other speakers are left out of the picture, never of the transcript."""
    return tuple(
        Stretch(str(t.speaker), round(edges[i], 2), round(max(edges[i + 1] - edges[i], 0.05), 2))
        for i, t in enumerate(turns)
        if t.speaker is not Speaker.OTHER
    )


def _block(number: int, rupture, edges: list[float]) -> Block:
    start, end = edges[rupture.first_turn], edges[rupture.last_turn + 1]
    width = max(end - start, LEAST_WIDTH)
    x = min(start, 100 - width)
    return Block(rupture.id, number, rupture.kind, rupture.significance, round(x, 2), round(width, 2))


def _axis(turns: tuple[Turn, ...], edges: list[float]) -> tuple[AxisMark, ...]:
    """Five marks: times, or turn numbers at the quarters of the talk."""
    if not turns:
        return ()
    if has_times(turns):
        first = turns[0].start
        whole = max(turns[-1].end or 0, turns[-1].start + 1) - first
        texts = [clock(first + whole * quarter / 4) for quarter in range(5)]
    else:
        at = [max(i for i, e in enumerate(edges[:-1]) if e <= 25 * q + 1e-9) for q in range(5)]
        texts = [f"turn {i + 1}" for i in at]
    anchors = ("start", "middle", "middle", "middle", "end")
    marks = tuple(AxisMark(25.0 * q, texts[q], anchors[q]) for q in range(5))
    return tuple(m for i, m in enumerate(marks) if i == 0 or m.text != marks[i - 1].text)
