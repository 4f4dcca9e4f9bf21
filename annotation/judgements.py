"""What coders judged, as tables: per session, turns by coders, for one code or kind at a time."""

from collections.abc import Mapping, Sequence

import numpy as np

from annotation.corpus import CodedTranscript
from nlp.codebook import CONFRONTATION, REPAIR, WITHDRAWAL, Codebook
from nlp.tagging import TurnTag
from nlp.transcript import Speaker

RUPTURE = "rupture"
KINDS = (RUPTURE, WITHDRAWAL, CONFRONTATION, REPAIR)


def codes_of(what: str, codebook: Codebook) -> frozenset[str]:
    """The codes that a kind (rupture, withdrawal, confrontation, repair) stands for; of a code, itself."""
    if what == RUPTURE:
        return frozenset(codebook.markers)
    return frozenset(codebook.of_kind(what)) or frozenset({what})


def things_to_judge(codebook: Codebook) -> tuple[str, ...]:
    """The kinds, then every code."""
    return (*KINDS, *(code.id for code in codebook.codes))


def coders_of(coded: Sequence[CodedTranscript]) -> tuple[str, ...]:
    """Everybody who coded a session, in order of appearance."""
    return tuple(dict.fromkeys(coder for c in coded for coder in c.tags))


def turns_for(coded: CodedTranscript, codes: frozenset[str], codebook: Codebook) -> list[int]:
    """The turns that may carry one of the codes: the client's for markers, the therapist's for strategies."""
    speakers = {s for s in Speaker if not codes.isdisjoint(codebook.codes_for(s))}
    return [t.index for t in coded.transcript.turns if t.speaker in speakers]


def tags_by_turn(
    coded: CodedTranscript, coder: str, codes: frozenset[str]
) -> Mapping[int, tuple[TurnTag, ...]]:
    """A coder's tags of these codes, by turn."""
    found: dict[int, tuple[TurnTag, ...]] = {}
    for tag in coded.tags.get(coder, ()):
        if tag.code in codes:
            found[tag.turn] = (*found.get(tag.turn, ()), tag)
    return found


def judgements(
    coded: CodedTranscript, coders: Sequence[str], codes: frozenset[str], codebook: Codebook
) -> np.ndarray:
    """Turns that may carry the codes, by coders: 1 marked, 0 not, NaN not judged."""
    turns = turns_for(coded, codes, codebook)
    table = np.full((len(turns), len(coders)), np.nan)
    for column, coder in enumerate(coders):
        judged, marked = coded.judged_by(coder), tags_by_turn(coded, coder, codes)
        for row, turn in enumerate(turns):
            if turn in judged:
                table[row, column] = turn in marked
    return table
