"""The transformer tagger: calibrated scores for every turn of a transcript."""

from collections.abc import Sequence

import numpy as np

from models.artifact import TaggerCard, find_artifact, load_card, load_network
from models.calibration import Probabilities, calibrate
from models.encoder import load_tokenizer
from models.network import KINDS
from models.scoring import Progress, RawScores, Run, score_turns
from models.serving import make_run
from nlp.codebook import Codebook, load_codebook
from nlp.tagging import TurnScores
from nlp.transcript import Span, Speaker, Transcript, Turn


class TransformerTagger:
    """Scores turns with a trained network; holds no state of any transcript."""

    def __init__(self, card: TaggerCard, tokenizer, run: Run, codebook: Codebook, backend: str = "torch"):
        self.info = card.info
        self.backend = backend
        self._card, self._tokenizer, self._run, self._codebook = card, tokenizer, run, codebook

    def score(self, transcript: Transcript, progress: Progress | None = None) -> list[TurnScores]:
        """One TurnScores per turn, in order; `progress(done, total)` is called as windows are read."""
        raw = self.raw_scores(transcript, progress)
        probabilities = calibrate(raw, self._card.calibration, self._codebook)
        return [_turn_scores(t, raw, probabilities, self._codebook) for t in transcript.turns]

    def raw_scores(self, transcript: Transcript, progress: Progress | None = None) -> RawScores:
        """The network's own scores, before calibration."""
        return score_turns(
            transcript, self._tokenizer, self._run, self._card.scheme, len(self._card.codes), progress
        )


def load_tagger(name_or_path: str | None = None, backend: str | None = None) -> TransformerTagger:
    """The trained tagger of that name or folder (default: the one in service); InputError if there is none."""
    folder = find_artifact(name_or_path)
    card, codebook = load_card(folder), load_codebook()
    run, chosen = make_run(load_network(folder, card, codebook), backend)
    return TransformerTagger(card, load_tokenizer(card.encoder), run, codebook, chosen)


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
