"""How well a tagger's scores fit what coders said, per kind, code, evidence and contrast pair."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedTokenizerFast

from annotation.corpus import CodedTranscript, ContrastPair
from models import metrics
from models.network import KINDS, Network
from models.scoring import WindowScheme, score_turns
from models.targets import turn_targets
from nlp.codebook import Codebook
from nlp.segmentation import split_sentences
from nlp.tagging import STRICTNESS_LEVELS, ModelInfo, Tagger, TurnScores
from nlp.transcript import Span

REFERENCE_CODER = {"written": "writer", "contrast": "writer", "annomi": "balanced"}


@dataclass(frozen=True)
class Judged:
    """One transcript: the tagger's scores beside what each coder said, as arrays over turns.

    `scores` (turns, 4); `coders` two arrays (turns, 4) of yes/no, the reference first; `applies`
    (turns, 4); `codes` and `gold_codes` (turns, codes).
    """

    id: str
    scores: np.ndarray
    coders: tuple[np.ndarray, ...]
    applies: np.ndarray
    codes: np.ndarray
    gold_codes: np.ndarray
    evidence_f1: tuple[float, ...]


def judge(coded: CodedTranscript, tagger: Tagger, codebook: Codebook) -> Judged:
    """The tagger's scores on one coded transcript, beside its coders."""
    transcript = split_sentences(coded.transcript)
    scores = tagger.score(transcript)
    reference = REFERENCE_CODER[coded.source]
    order = [reference, *(c for c in coded.tags if c != reference)]
    targets = [turn_targets(coded, codebook, [c]) for c in order]
    return Judged(
        id=transcript.id,
        scores=np.array([[getattr(s, kind) or 0.0 for kind in KINDS] for s in scores]),
        coders=tuple(t.kinds > 0.5 for t in targets),
        applies=targets[0].applies > 0,
        codes=np.array([[s.codes.get(c.id, 0.0) for c in codebook.codes] for s in scores]),
        gold_codes=targets[0].codes > 0.5,
        evidence_f1=_evidence_f1(coded, transcript, scores, reference),
    )


def evaluate(judged: Sequence[Judged], info: ModelInfo, codebook: Codebook, rounds: int = 1000) -> dict:
    """All figures on one set of transcripts, intervals over therapy sessions, as plain data."""
    return {
        "sessions": len(judged),
        "kinds": {kind: kind_figures(judged, k, info, rounds) for k, kind in enumerate(KINDS)},
        "codes": _code_figures(judged, codebook),
        "evidence_token_f1": _rounded(np.mean([f for j in judged for f in j.evidence_f1] or [metrics.NAN])),
    }


def kind_figures(judged: Sequence[Judged], k: int, info: ModelInfo, rounds: int) -> dict:
    """Everything about one kind: rates, ranking, decisions at each strictness, agreement, calibration."""
    kind = KINDS[k]
    rows = [j.applies[:, k] for j in judged]
    target = [j.coders[0][a, k] for j, a in zip(judged, rows, strict=True)]
    score = [j.scores[a, k] for j, a in zip(judged, rows, strict=True)]
    soft = np.concatenate(
        [np.mean([c[a, k] for c in j.coders], 0) for j, a in zip(judged, rows, strict=True)]
    )
    y, p = np.concatenate(target), np.concatenate(score)
    said = p >= getattr(info.thresholds["balanced"], kind)

    def over_sessions(figure: Callable) -> list[float]:
        def of_drawn(drawn: Sequence[int]) -> float:
            return figure(
                np.concatenate([target[i] for i in drawn]), np.concatenate([score[i] for i in drawn])
            )

        return [_rounded(v) for v in metrics.bootstrap_interval(of_drawn, len(judged), rounds)]

    figures = {
        "turns": len(y),
        "prevalence": _rounded(y.mean()),
        "all_positive_f1": _rounded(metrics.all_positive_f1(y)),
        "auprc": _rounded(metrics.auprc(y, p)),
        "auprc_interval": over_sessions(metrics.auprc),
        "f1": _rounded(metrics.f1(y, said)),
        "balanced_accuracy": _rounded(metrics.balanced_accuracy(y, said)),
        "specificity": _rounded(metrics.specificity(y, said)),
        "kappa": _rounded(metrics.kappa(y, said)),
        "calibration_error": _rounded(metrics.calibration_error(soft, p)),
        "false_alarms_per_100": {
            level: _rounded(100 * float((~y & (p >= getattr(info.thresholds[level], kind))).mean()))
            for level in STRICTNESS_LEVELS
        },
    }
    if all(len(j.coders) > 1 for j in judged):
        other = np.concatenate([j.coders[1][a, k] for j, a in zip(judged, rows, strict=True)])
        figures["coder_kappa"] = _rounded(metrics.kappa(y, other))
    return figures


def contrast_figures(pairs: Sequence[ContrastPair], tagger: Tagger) -> dict:
    """How often the marked exchange scores above its look-alike, and look-alikes left unmarked."""
    marked, alike = (
        [tagger.score(split_sentences(side.transcript))[-1] for side in sides]
        for sides in ([p.marked for p in pairs], [p.look_alike for p in pairs])
    )
    threshold = tagger.info.thresholds["balanced"].rupture
    return {
        "pairs": len(pairs),
        "rupture_above": _rounded(
            np.mean([m.rupture > a.rupture for m, a in zip(marked, alike, strict=True)])
        ),
        "code_above": _rounded(
            np.mean([m.codes[p.code] > a.codes[p.code] for m, a, p in zip(marked, alike, pairs, strict=True)])
        ),
        "look_alikes_left_unmarked": _rounded(np.mean([a.rupture < threshold for a in alike])),
    }


def dev_figures(
    network: Network,
    tokenizer: PreTrainedTokenizerFast,
    scheme: WindowScheme,
    dev: Sequence[CodedTranscript],
    codebook: Codebook,
) -> dict:
    """AUPRC per source and kind against the reference coder; `steer` is their mean, for early stopping."""
    gathered: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {}
    for coded in dev:
        raw = score_turns(coded.transcript, tokenizer, network, scheme, len(codebook.codes))
        reference = turn_targets(coded, codebook, [REFERENCE_CODER[coded.source]])
        gathered.setdefault(coded.source, []).append((raw.kinds, reference.kinds, reference.applies))
    figures = {source: ranking(parts) for source, parts in gathered.items()}
    steer = float(np.nanmean([v for by_kind in figures.values() for v in by_kind.values()]))
    return figures | {"steer": steer}


def ranking(parts: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> dict[str, float]:
    """AUPRC per kind from (scores, targets, applies) of each transcript."""
    scores, targets, applies = (np.concatenate(p) for p in zip(*parts, strict=True))
    return {
        kind: metrics.auprc(targets[applies[:, k] > 0, k] > 0.5, scores[applies[:, k] > 0, k])
        for k, kind in enumerate(KINDS)
    }


def _code_figures(judged: Sequence[Judged], codebook: Codebook) -> dict:
    figures = {}
    for i, code in enumerate(codebook.codes):
        k = KINDS.index(code.kind)
        y = np.concatenate([j.gold_codes[j.applies[:, k], i] for j in judged])
        p = np.concatenate([j.codes[j.applies[:, k], i] for j in judged])
        figures[code.id] = {"positive": int(y.sum()), "auprc": _rounded(metrics.auprc(y, p))}
    return figures


def _evidence_f1(coded, transcript, scores: Sequence[TurnScores], coder: str) -> tuple[float, ...]:
    """Token F1 of the best sentence against the coder's evidence, on turns the coder marked."""
    gold: dict[int, list[Span]] = {}
    for tag in coded.tags[coder]:
        gold.setdefault(tag.turn, []).append(tag.evidence)
    figures = []
    for turn, spans in gold.items():
        found = scores[turn].sentences
        if found:
            best = transcript.turns[turn].sentences[int(np.argmax(found))]
            figures.append(max(metrics.token_f1(s, best, transcript.turns[turn].text) for s in spans))
    return tuple(figures)


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
