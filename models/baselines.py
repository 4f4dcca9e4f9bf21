"""Simple things a user might use instead, scored the same way as the tagger."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from annotation.corpus import CodedTranscript
from models.network import KINDS
from models.targets import turn_targets
from nlp.codebook import Codebook
from nlp.transcript import Transcript

_BEFORE = 3  # turns of context


def _turn_text(row: tuple[str, str]) -> str:
    return row[0]


def _context_text(row: tuple[str, str]) -> str:
    return row[1]


def texts_in_context(transcript: Transcript) -> list[tuple[str, str]]:
    """Per turn: its speaker and words, and those of the three turns before it."""
    said = [f"{t.speaker} {t.text}" for t in transcript.turns]
    return [(text, " ".join(said[max(0, i - _BEFORE) : i])) for i, text in enumerate(said)]


def tfidf_baseline(
    train: Sequence[CodedTranscript], test: Sequence[CodedTranscript], codebook: Codebook
) -> list[np.ndarray]:
    """Probabilities (turns, 4) per test transcript from TF-IDF and logistic regression per kind."""
    rows = [row for c in train for row in texts_in_context(c.transcript)]
    targets = [turn_targets(c, codebook) for c in train]
    soft = np.concatenate([t.kinds for t in targets])
    applies = np.concatenate([t.applies for t in targets]) > 0
    features = _features().fit(rows)
    x = features.transform(rows)
    fitted = [_fit(x[applies[:, k]], soft[applies[:, k], k]) for k in range(len(KINDS))]
    results = []
    for c in test:
        there = features.transform(texts_in_context(c.transcript))
        results.append(np.stack([f.predict_proba(there)[:, 1] for f in fitted], axis=1))
    return results


def _features() -> FeatureUnion:
    def branch(pick, **options) -> Pipeline:
        words = TfidfVectorizer(
            preprocessor=pick,
            token_pattern=r"[^\s.,;]+",
            ngram_range=(1, 2),
            min_df=2,
            sublinear_tf=True,
            **options,
        )
        return Pipeline([("words", words)])

    return FeatureUnion([("turn", branch(_lower(_turn_text))), ("before", branch(_lower(_context_text)))])


def _lower(pick):
    return lambda row: pick(row).lower()


def _fit(x, soft: np.ndarray) -> LogisticRegression:
    target = soft >= 0.5
    return LogisticRegression(C=10.0, max_iter=400, class_weight="balanced").fit(x, target)
