"""The tagger's scores beside what each coder said of the same transcript."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.corpus import CodedTranscript
from annotation.overlap import token_f1
from models.network import KINDS
from models.targets import turn_targets
from nlp.codebook import Codebook
from nlp.marking import find_evidence
from nlp.report import build_report
from nlp.segmentation import split_sentences
from nlp.tagging import Tagger, TurnTag
from nlp.transcript import Span, Transcript

REFERENCE_CODER = {"written": "writer", "contrast": "writer", "annomi": "balanced"}


@dataclass(frozen=True)
class Found:
    """A rupture or a coder's episode, as far as the two can be compared: its marked client turns."""

    turns: frozenset[int]
    kind: str
    status: str  # repaired | partly | unrepaired


@dataclass(frozen=True)
class Judged:
    """One transcript: the tagger's scores beside what each coder said, as arrays over turns.

    `scores` (turns, 4); `coders` arrays (turns, 4) of yes/no by coder, the reference first; `applies`
    (turns, 4); `codes` (turns, codes), what the balanced report tags `tagged` (turns, codes), and by
    coder `gold_codes` (turns, codes). `evidence_f1` by turn the reference marked. `ruptures` the
    balanced report's, `episodes` the reference's (None where none were drawn).
    """

    coded: CodedTranscript
    scores: np.ndarray
    coders: Mapping[str, np.ndarray]
    applies: np.ndarray
    codes: np.ndarray
    tagged: np.ndarray
    gold_codes: Mapping[str, np.ndarray]
    evidence_f1: tuple[float, ...]
    ruptures: tuple[Found, ...]
    episodes: tuple[Found, ...] | None

    @property
    def reference(self) -> np.ndarray:
        return next(iter(self.coders.values()))

    @property
    def reference_codes(self) -> np.ndarray:
        return next(iter(self.gold_codes.values()))


def judge(coded: CodedTranscript, tagger: Tagger, codebook: Codebook) -> Judged:
    """The tagger's scores on one coded transcript, beside its coders."""
    transcript = split_sentences(coded.transcript)
    scores = tagger.score(transcript)
    report = build_report(transcript, (), tagger.info, scores, "balanced", codebook)
    reference = REFERENCE_CODER[coded.source]
    order = [reference, *(c for c in coded.tags if c != reference)]
    targets = {c: turn_targets(coded, codebook, [c]) for c in order}
    return Judged(
        coded=coded,
        scores=np.array([[getattr(s, kind) or 0.0 for kind in KINDS] for s in scores]),
        coders={c: t.kinds > 0.5 for c, t in targets.items()},
        applies=targets[reference].applies > 0,
        codes=np.array([[s.codes.get(c.id, 0.0) for c in codebook.codes] for s in scores]),
        tagged=_tagged(report.tags, len(transcript.turns), codebook),
        gold_codes={c: t.codes > 0.5 for c, t in targets.items()},
        evidence_f1=_evidence_f1(coded.tags[reference], report.tags, transcript, scores),
        ruptures=tuple(Found(frozenset(r.turns), r.kind, r.status) for r in report.ruptures),
        episodes=_episodes(coded, reference, codebook),
    )


def _tagged(tags: Sequence, n: int, codebook: Codebook) -> np.ndarray:
    places = {c.id: i for i, c in enumerate(codebook.codes)}
    tagged = np.zeros((n, len(places)), bool)
    for tag in tags:
        tagged[tag.turn, places[tag.code]] = True
    return tagged


def _episodes(coded: CodedTranscript, coder: str, codebook: Codebook) -> tuple[Found, ...] | None:
    if coder not in coded.episodes:
        return None
    marked = {t.turn for t in coded.tags[coder] if t.code in codebook.markers}
    status = {"yes": "repaired", "partly": "partly", "no": "unrepaired"}
    found = [
        Found(frozenset(i for i in marked if e.start <= i <= e.end), e.kind, status[e.resolved])
        for e in coded.episodes[coder]
    ]
    return tuple(f for f in found if f.turns)


def _evidence_f1(
    gold: Sequence[TurnTag], tags: Sequence, transcript: Transcript, scores: Sequence
) -> tuple[float, ...]:
    """Token F1 of what a report would show against the coder's evidence, on every turn the coder marked.

    The words a report shows do not depend on its strictness, so turns it leaves unmarked count too.
    """
    by_turn: dict[int, list[Span]] = {}
    for tag in gold:
        by_turn.setdefault(tag.turn, []).append(tag.evidence)
    figures = []
    for turn, spans in by_turn.items():
        shown = find_evidence(transcript.turns[turn], scores[turn])
        figures.append(max(token_f1(s, shown, transcript.turns[turn].text) for s in spans))
    return tuple(figures)
