"""Words with speakers, as recognisers give them, put together to pieces."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from nlp.reading.pieces import Piece


@dataclass(frozen=True)
class Word:
    """One recognised word; `glued` when it follows the one before without a space (punctuation)."""

    place: int
    speaker: str
    text: str
    start: float | None = None
    end: float | None = None
    glued: bool = False


def words_to_pieces(words: Iterable[Word]) -> list[Piece]:
    """A piece for every run of words by one speaker; no speaker gives a piece without a name."""
    pieces = []
    for speaker, group in groupby(words, key=lambda w: w.speaker):
        run = list(group)
        text = "".join(w.text if w.glued else f" {w.text}" for w in run)
        start = next((w.start for w in run if w.start is not None), None)
        end = next((w.end for w in reversed(run) if w.end is not None), None)
        pieces.append(Piece(run[0].place, speaker or None, text, start, end))
    return pieces


def by_time(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces of several channels in the order in which they began."""
    return sorted(pieces, key=lambda p: p.start or 0.0)
