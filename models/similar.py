"""Coded moments that resemble a turn: the nearest by the vectors on which the tagger itself judges.

The index holds the training turns that coders marked and those that the tagger would mark though no
coder did: what resembles a marker is shown beside its look-alikes.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from annotation.corpus import CodedTranscript
from models.targets import turn_targets
from nlp.codebook import Codebook
from nlp.tagging import SimilarMoment
from nlp.transcript import Speaker

NEAREST = 3
_VECTORS, _MOMENTS = "moments.safetensors", "moments.jsonl"


@dataclass(frozen=True)
class IndexedMoment:
    """A turn of the corpus: its session, place, speaker and the codes at least half of its coders put there."""

    session: str
    turn: int
    speaker: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class MomentIndex:
    """Moments and their vectors (moments, hidden) of length one."""

    moments: tuple[IndexedMoment, ...]
    vectors: np.ndarray

    def nearest(self, vector: np.ndarray, speaker: Speaker, session: str = "") -> tuple[SimilarMoment, ...]:
        """The three most alike said by the same speaker, each of another session, most alike first.

        `session` is left out: a turn is no example of itself.
        """
        likeness = self.vectors @ (vector / max(float(np.linalg.norm(vector)), 1e-9))
        found: dict[str, SimilarMoment] = {}
        for place in np.argsort(-likeness):
            moment = self.moments[place]
            if moment.speaker == speaker and moment.session not in (session, *found):
                found[moment.session] = SimilarMoment(
                    moment.session, moment.turn, moment.codes, float(likeness[place])
                )
            if len(found) == NEAREST:
                break
        return tuple(found.values())

    def save(self, folder: Path) -> None:
        """Writes the index beside a tagger's weights."""
        vectors = torch.from_numpy(self.vectors.astype(np.float16))
        save_file({"vectors": vectors.contiguous()}, folder / _VECTORS)
        (folder / _VECTORS).chmod(0o644)
        lines = (json.dumps(asdict(m)) + "\n" for m in self.moments)
        (folder / _MOMENTS).write_text("".join(lines), encoding="utf-8")


def load_index(folder: Path) -> MomentIndex | None:
    """The index of a tagger; None where it has none."""
    if not (folder / _VECTORS).is_file():
        return None
    rows = map(json.loads, (folder / _MOMENTS).read_text(encoding="utf-8").splitlines())
    moments = tuple(IndexedMoment(**row | {"codes": tuple(row["codes"])}) for row in rows)
    return MomentIndex(moments, load_file(folder / _VECTORS)["vectors"].float().numpy())


def index_turns(
    coded: CodedTranscript, vectors: np.ndarray, marked: Sequence[bool], codebook: Codebook
) -> list[tuple[IndexedMoment, np.ndarray]]:
    """The moments of one coded transcript worth showing; `marked` says which turns the tagger would mark."""
    targets, found = turn_targets(coded, codebook), []
    names = [c.id for c in codebook.codes]
    for turn in coded.transcript.turns:
        by_coders = targets.kinds[turn.index].max() >= 0.5
        if targets.applies[turn.index].any() and (by_coders or marked[turn.index]):
            codes = tuple(
                n for n, share in zip(names, targets.codes[turn.index], strict=True) if share >= 0.5
            )
            if by_coders and not codes:  # coders agree that it is marked and not on the code
                codes = (names[int(targets.codes[turn.index].argmax())],)
            moment = IndexedMoment(coded.transcript.id, turn.index, str(turn.speaker), codes)
            vector = vectors[turn.index]
            found.append((moment, vector / max(float(np.linalg.norm(vector)), 1e-9)))
    return found
