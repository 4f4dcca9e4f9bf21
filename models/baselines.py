"""Simple things a user might use instead, scored the same way as the tagger.

Each is a function of the training and the test transcripts and gives, per test transcript, scores
(turns, 4) in the order of KINDS. What it fits, it fits on the training transcripts alone.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from annotation.corpus import CodedTranscript
from models.network import KINDS
from models.targets import turn_targets
from nlp.codebook import Codebook
from nlp.moment import first_phrase
from nlp.transcript import Transcript

Scores = list[np.ndarray]
Baseline = Callable[[Sequence[CodedTranscript], Sequence[CodedTranscript], Codebook], Scores]
_BEFORE = 3  # turns of context


def all_positive(
    train: Sequence[CodedTranscript], test: Sequence[CodedTranscript], codebook: Codebook
) -> Scores:
    """Yes to every turn: its AUPRC is the base rate."""
    return [np.ones((len(c.transcript.turns), len(KINDS))) for c in test]


def turn_length(
    train: Sequence[CodedTranscript], test: Sequence[CodedTranscript], codebook: Codebook
) -> Scores:
    """How many words a turn has, and the one before it."""
    return _fitted(train, test, codebook, _lengths)


def cue_list(train: Sequence[CodedTranscript], test: Sequence[CodedTranscript], codebook: Codebook) -> Scores:
    """How many of the codebook's word-for-word cues of a kind stand in a turn; strategies have none."""

    def cues(turn_text: str, kind: str) -> int:
        return sum(
            bool(first_phrase(turn_text, (phrase,)))
            for code in codebook.codes
            for phrase in code.phrases
            if kind == code.kind or (kind == "rupture" and code.id in codebook.markers)
        )

    return [
        np.array([[cues(t.text, kind) for kind in KINDS] for t in c.transcript.turns], float) for c in test
    ]


def tfidf(train: Sequence[CodedTranscript], test: Sequence[CodedTranscript], codebook: Codebook) -> Scores:
    """TF-IDF of words and pairs of words of the turn, and of the three turns before it.

    Of the settings tried on dev (tokens, pairs or not, C, class weights) these are the best.
    """
    words = _Words([c.transcript for c in train])
    return _fitted(
        train,
        test,
        codebook,
        words.of,
        lambda: LogisticRegression(C=10.0, max_iter=400, class_weight="balanced"),
    )


def sentiment(
    train: Sequence[CodedTranscript], test: Sequence[CodedTranscript], codebook: Codebook
) -> Scores:
    """A sentiment lexicon: VADER's scores (Hutto & Gilbert 2014) of the turn and of the one before it."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()

    def of(transcript: Transcript) -> np.ndarray:
        own = np.array([list(analyzer.polarity_scores(t.text).values()) for t in transcript.turns])
        return np.hstack([own, _shifted(own)])

    return _fitted(train, test, codebook, of)


BASELINES: dict[str, Baseline] = {
    "all positive": all_positive,
    "turn length": turn_length,
    "codebook cues": cue_list,
    "sentiment (VADER)": sentiment,
    "TF-IDF": tfidf,
}


def _fitted(
    train: Sequence[CodedTranscript],
    test: Sequence[CodedTranscript],
    codebook: Codebook,
    features: Callable[[Transcript], np.ndarray | csr_matrix],
    classifier: Callable[[], object] | None = None,
) -> Scores:
    """Logistic regression per kind on features (turns, n) of each transcript; marked where half of the coders say so."""
    classifier = classifier or (
        lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=400, class_weight="balanced"))
    )
    rows = [features(c.transcript) for c in train]
    x = np.vstack(rows) if isinstance(rows[0], np.ndarray) else _stacked(rows)
    targets = [turn_targets(c, codebook) for c in train]
    marked = np.concatenate([t.kinds for t in targets]) >= 0.5
    applies = np.concatenate([t.applies for t in targets]) > 0
    fitted = [classifier().fit(x[applies[:, k]], marked[applies[:, k], k]) for k in range(len(KINDS))]
    tested = [features(c.transcript) for c in test]
    return [np.stack([f.predict_proba(t)[:, 1] for f in fitted], axis=1) for t in tested]


def _stacked(rows: Sequence[csr_matrix]) -> csr_matrix:
    from scipy.sparse import vstack

    return vstack(rows).tocsr()


def _lengths(transcript: Transcript) -> np.ndarray:
    own = np.log1p([[len(t.text.split())] for t in transcript.turns])
    return np.hstack([own, own**2, _shifted(own)])


def _shifted(rows: np.ndarray) -> np.ndarray:
    """The same features of the turn before."""
    return np.vstack([np.zeros_like(rows[:1]), rows[:-1]])


class _Words:
    """TF-IDF of turns and, apart, of what was said before them."""

    def __init__(self, transcripts: Sequence[Transcript]):
        options = {"token_pattern": r"[^\s.,;]+", "ngram_range": (1, 2), "min_df": 2, "sublinear_tf": True}
        turns, before = _turns_and_before(transcripts)
        self._turn = TfidfVectorizer(**options).fit(turns)
        self._before = TfidfVectorizer(**options).fit(before)

    def of(self, transcript: Transcript) -> csr_matrix:
        turns, before = _turns_and_before([transcript])
        return hstack([self._turn.transform(turns), self._before.transform(before)]).tocsr()


def _turns_and_before(transcripts: Sequence[Transcript]) -> tuple[list[str], list[str]]:
    turns, before = [], []
    for transcript in transcripts:
        said = [f"{t.speaker} {t.text}" for t in transcript.turns]
        turns += said
        before += [" ".join(said[max(0, i - _BEFORE) : i]) for i in range(len(said))]
    return turns, before
