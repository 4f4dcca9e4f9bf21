"""What the network should say of each unit: the mean of what the coders said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.corpus import CodedTranscript
from models.inputs import Unit
from models.network import KINDS
from nlp.codebook import CONFRONTATION, REPAIR, WITHDRAWAL, Codebook
from nlp.transcript import Speaker


@dataclass(frozen=True)
class TurnTargets:
    """Soft targets per turn, each the share of coders: `kinds` (turns, 4), `codes` (turns, codes);
    `intensity` (turns,) in 1 to 3, 0 where nobody marked; `applies` (turns, 4) 1 where a kind may be coded."""

    kinds: np.ndarray
    codes: np.ndarray
    intensity: np.ndarray
    applies: np.ndarray


def turn_targets(
    coded: CodedTranscript, codebook: Codebook, coders: Sequence[str] | None = None
) -> TurnTargets:
    """The targets of each turn, over all coders or those named."""
    names = [c.id for c in codebook.codes]
    chosen = list(coded.tags) if coders is None else list(coders)
    n = len(coded.transcript.turns)
    kinds, codes = np.zeros((n, len(KINDS)), np.float32), np.zeros((n, len(names)), np.float32)
    intensities: dict[int, list[int]] = {}
    for coder in chosen:
        for turn, found in _by_turn(coded, coder, codebook).items():
            for kind in found["kinds"]:
                kinds[turn, KINDS.index(kind)] += 1 / len(chosen)
            for code in found["codes"]:
                codes[turn, names.index(code)] += 1 / len(chosen)
            intensities.setdefault(turn, []).append(max(found["intensity"]))
    intensity = np.zeros(n, np.float32)
    for turn, values in intensities.items():
        intensity[turn] = np.mean(values)
    return TurnTargets(kinds, codes, intensity, _applies(coded))


def evidence_targets(coded: CodedTranscript, unit: Unit) -> np.ndarray:
    """Per token of a unit, the share of the coders who marked the turn whose evidence covers the token."""
    spans = [[t.evidence for t in tags if t.turn == unit.turn] for tags in coded.tags.values()]
    spans = [s for s in spans if s]
    target = np.zeros(len(unit), np.float32)
    for found in spans:
        for i, (start, end) in enumerate(unit.offsets):
            target[i] += any(s.start < end and start < s.end for s in found) / len(spans)
    return target


def _by_turn(coded: CodedTranscript, coder: str, codebook: Codebook) -> dict[int, dict[str, set]]:
    found: dict[int, dict[str, set]] = {}
    for tag in coded.tags[coder]:
        speaker = coded.transcript.turns[tag.turn].speaker
        if tag.code not in codebook.codes_for(speaker):
            continue  # a tag on the wrong speaker's turn: the transcript's fault, and no use here
        row = found.setdefault(tag.turn, {"kinds": set(), "codes": set(), "intensity": set()})
        kind = codebook[tag.code].kind
        row["kinds"] |= {REPAIR} if kind == REPAIR else {"rupture", kind}
        row["codes"].add(tag.code)
        row["intensity"].add(tag.intensity)
    return found


def _applies(coded: CodedTranscript) -> np.ndarray:
    client = np.array([t.speaker is Speaker.CLIENT for t in coded.transcript.turns], np.float32)
    therapist = np.array([t.speaker is Speaker.THERAPIST for t in coded.transcript.turns], np.float32)
    judged = np.array(
        [coded.judged is None or t.index in coded.judged for t in coded.transcript.turns], np.float32
    )
    return np.stack([client, client, client, therapist], axis=1) * judged[:, None]


assert KINDS == ("rupture", WITHDRAWAL, CONFRONTATION, REPAIR)
