"""A session as one text, a line a turn, for formats that know only offsets within a document."""

from bisect import bisect_right
from collections.abc import Sequence

from nlp.transcript import Span, Turn

BETWEEN = "\n"


def join_turns(turns: Sequence[Turn]) -> tuple[str, list[int]]:
    """The turns' words, a line each, and where each turn begins."""
    starts, at = [], 0
    for turn in turns:
        starts.append(at)
        at += len(turn.text) + len(BETWEEN)
    return BETWEEN.join(t.text for t in turns), starts


def place(
    start: int, end: int, turns: Sequence[Turn], starts: Sequence[int]
) -> tuple[int, Span, bool] | None:
    """The turn and the span in it of a stretch of the joined text, and whether it had to be cut at the turn's end.

    None where no character of a turn is in it.
    """
    index = bisect_right(starts, max(start, 0)) - 1
    first = start - starts[index]
    if first >= len(turns[index].text):  # it begins between two turns
        index, first = index + 1, 0
        if index == len(turns) or end <= starts[index]:
            return None
    last = min(end - starts[index], len(turns[index].text))
    return (index, Span(first, last), last < end - starts[index]) if first < last else None


def cut_warning(where: str) -> str:
    """That a tag went over several turns."""
    return f"{where}: the evidence goes on into another turn; it was cut at the end of the first."
