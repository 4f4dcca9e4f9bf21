"""Which turns lie behind agreement: who marked what where the other did not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.corpus import CodedTranscript
from annotation.judgements import codes_of, judgements, tags_by_turn, turns_for
from nlp.codebook import Codebook


@dataclass(frozen=True)
class Place:
    """A turn of a session."""

    session: str
    turn: int


def confusion(
    coded: Sequence[CodedTranscript], what: str, first: str, second: str, codebook: Codebook
) -> Mapping[tuple[bool, bool], tuple[Place, ...]]:
    """The turns that both judged, by whether the first and whether the second marked them with a code or kind."""
    codes = codes_of(what, codebook)
    cells: dict[tuple[bool, bool], list[Place]] = {(a, b): [] for a in (True, False) for b in (True, False)}
    for session in coded:
        table = judgements(session, (first, second), codes, codebook)
        for turn, (a, b) in zip(turns_for(session, codes, codebook), table, strict=True):
            if not np.isnan([a, b]).any():
                cells[bool(a), bool(b)].append(Place(session.transcript.id, turn))
    return {cell: tuple(places) for cell, places in cells.items()}


def code_confusion(
    coded: Sequence[CodedTranscript], first: str, second: str, codebook: Codebook
) -> Mapping[tuple[str | None, str | None], tuple[Place, ...]]:
    """The turns behind each pair of codes that the first and the second gave to one turn; None for no other code.

    Codes that both gave lie on the diagonal; what is left of the one stands against all that is left
    of the other, or against None.
    """
    every = frozenset(code.id for code in codebook.codes)
    cells: dict[tuple[str | None, str | None], list[Place]] = {}
    for session in coded:
        both = session.judged_by(first) & session.judged_by(second)
        a, b = (tags_by_turn(session, coder, every) for coder in (first, second))
        for turn in sorted(both & (a.keys() | b.keys())):
            for cell in _cells({t.code for t in a.get(turn, ())}, {t.code for t in b.get(turn, ())}):
                cells.setdefault(cell, []).append(Place(session.transcript.id, turn))
    return {cell: tuple(places) for cell, places in cells.items()}


def _cells(a: set[str], b: set[str]) -> list[tuple[str | None, str | None]]:
    rest_a, rest_b = sorted(a - b), sorted(b - a)
    apart = [(x, y) for x in rest_a or [None] for y in rest_b or [None]] if rest_a or rest_b else []
    return [*((c, c) for c in sorted(a & b)), *apart]
