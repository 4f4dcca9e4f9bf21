"""Simple things a user might use instead, scored the same way as the tagger."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from annotation.corpus import CodedTranscript
from models.network import KINDS
from models.targets import turn_targets
from nlp.codebook import Codebook
from nlp.transcript import Transcript

_BEFORE = 3  # turns of context


def tfidf_baseline(
    train: Sequence[CodedTranscript], test: Sequence[CodedTranscript], codebook: Codebook
) -> list[np.ndarray]:
    """Probabilities (turns, 4) per test transcript from TF-IDF and logistic regression per kind.

    Words and pairs of words of the turn, and those of the three turns before it. Of the settings
    tried on dev (tokens, pairs or not, C, class weights) these are the best.
    """
    words = _Words([c.transcript for c in train])
    x = words.of([c.transcript for c in train])
    targets = [turn_targets(c, codebook) for c in train]
    marked = np.concatenate([t.kinds for t in targets]) >= 0.5
    applies = np.concatenate([t.applies for t in targets]) > 0
    fitted = [
        LogisticRegression(C=10.0, max_iter=400, class_weight="balanced").fit(
            x[applies[:, k]], marked[applies[:, k], k]
        )
        for k in range(len(KINDS))
    ]
    return [np.stack([f.predict_proba(words.of([c.transcript]))[:, 1] for f in fitted], axis=1) for c in test]


class _Words:
    """TF-IDF of turns and, apart, of what was said before them."""

    def __init__(self, transcripts: Sequence[Transcript]):
        options = {"token_pattern": r"[^\s.,;]+", "ngram_range": (1, 2), "min_df": 2, "sublinear_tf": True}
        turns, before = _turns_and_before(transcripts)
        self._turn = TfidfVectorizer(**options).fit(turns)
        self._before = TfidfVectorizer(**options).fit(before)

    def of(self, transcripts: Sequence[Transcript]) -> csr_matrix:
        turns, before = _turns_and_before(transcripts)
        return hstack([self._turn.transform(turns), self._before.transform(before)]).tocsr()


def _turns_and_before(transcripts: Sequence[Transcript]) -> tuple[list[str], list[str]]:
    turns, before = [], []
    for transcript in transcripts:
        said = [f"{t.speaker} {t.text}" for t in transcript.turns]
        turns += said
        before += [" ".join(said[max(0, i - _BEFORE) : i]) for i in range(len(said))]
    return turns, before
