"""The transformer tagger: calibrated scores for every turn of a transcript."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from transformers import PreTrainedTokenizerFast

from annotation.corpus import CodedTranscript
from models.artifact import TaggerCard, find_artifact, load_card, load_network
from models.calibration import Probabilities, calibrate
from models.encoder import load_tokenizer
from models.network import KINDS, Reader
from models.scoring import Progress, RawScores, score_turns
from models.serving import make_reader
from models.similar import MomentIndex, index_turns, load_index
from nlp.codebook import Codebook, load_codebook
from nlp.tagging import ModelInfo, TurnScores
from nlp.transcript import Span, Speaker, Transcript, Turn


class TransformerTagger:
    """Scores turns with a trained network; holds no state of any transcript."""

    def __init__(
        self,
        card: TaggerCard,
        tokenizer: PreTrainedTokenizerFast,
        reader: Reader,
        codebook: Codebook,
        backend: str = "torch",
        index: MomentIndex | None = None,
    ):
        self.info = card.info
        self.backend = backend
        self._card, self._tokenizer, self._reader, self._codebook = card, tokenizer, reader, codebook
        self._index = index

    def score(self, transcript: Transcript, progress: Progress | None = None) -> list[TurnScores]:
        """One TurnScores per turn, in order; `progress(done, total)` is called as windows are read."""
        raw = self.raw_scores(transcript, progress)
        probabilities = calibrate(raw, self._card.calibration, self._codebook)
        scores = [_turn_scores(t, raw, probabilities, self._codebook) for t in transcript.turns]
        return [self._with_similar(s, transcript, raw) for s in scores]

    def raw_scores(self, transcript: Transcript, progress: Progress | None = None) -> RawScores:
        """The network's own scores, before calibration."""
        return score_turns(
            transcript, self._tokenizer, self._reader, self._card.scheme, len(self._card.codes), progress
        )

    def _with_similar(self, scores: TurnScores, transcript: Transcript, raw: RawScores) -> TurnScores:
        if self._index is None or not may_be_marked(scores, self.info):
            return scores
        speaker = transcript.turns[scores.turn].speaker
        return replace(scores, similar=self._index.nearest(raw.vectors[scores.turn], speaker, transcript.id))


def may_be_marked(scores: TurnScores, info: ModelInfo) -> bool:
    """Whether the turn is marked at some strictness."""
    return any(
        (scores.rupture or 0.0) >= level.rupture or (scores.repair or 0.0) >= level.repair
        for level in info.thresholds.values()
    )


def load_tagger(name_or_path: str | None = None, backend: str | None = None) -> TransformerTagger:
    """The trained tagger of that name or folder (default: the one in service); InputError if there is none."""
    folder = find_artifact(name_or_path)
    card, codebook = load_card(folder), load_codebook()
    reader, chosen = make_reader(load_network(folder, card, codebook), backend)
    return TransformerTagger(card, load_tokenizer(card.encoder), reader, codebook, chosen, load_index(folder))


def build_index(
    tagger: TransformerTagger, coded: Sequence[CodedTranscript], codebook: Codebook
) -> MomentIndex:
    """The index of coded transcripts, by a tagger's vectors. AnnoMI's must not be among them: its text is not ours to show."""
    found = []
    for item in coded:
        raw = tagger.raw_scores(item.transcript)
        probabilities = calibrate(raw, tagger._card.calibration, codebook)
        marked = [
            may_be_marked(_turn_scores(t, raw, probabilities, codebook), tagger.info)
            for t in item.transcript.turns
        ]
        found += index_turns(item, raw.vectors, marked, codebook)
    return MomentIndex(tuple(m for m, _ in found), np.stack([v for _, v in found]))


def _turn_scores(turn: Turn, raw: RawScores, p: Probabilities, codebook: Codebook) -> TurnScores:
    if turn.speaker is Speaker.OTHER:
        return TurnScores(turn=turn.index)
    kinds = dict(zip(KINDS, map(float, p.kinds[turn.index]), strict=True))
    mine = set(codebook.codes_for(turn.speaker))
    codes = {c.id: float(p.codes[turn.index, i]) for i, c in enumerate(codebook.codes) if c.id in mine}
    applies = ("repair",) if turn.speaker is Speaker.THERAPIST else ("rupture", "withdrawal", "confrontation")
    return TurnScores(
        turn=turn.index,
        **{kind: kinds[kind] for kind in applies},
        codes=codes,
        sentences=sentence_scores(raw.tokens[turn.index], turn.sentences),
        intensity=float(1 + 2 / (1 + np.exp(-raw.intensity[turn.index]))),
    )


def sentence_scores(tokens: np.ndarray, sentences: Sequence[Span]) -> tuple[float, ...]:
    """Per sentence, how likely it is the evidence were the turn marked: the mean over its tokens."""
    scores = []
    for s in sentences:
        inside = tokens[(tokens[:, 0] < s.end) & (tokens[:, 1] > s.start), 2]
        scores.append(float(np.mean(1 / (1 + np.exp(-inside)))) if len(inside) else 0.0)
    return tuple(scores)
