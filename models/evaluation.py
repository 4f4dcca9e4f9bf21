"""How well a tagger's scores fit what coders said: the figures of one data set, as plain data."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from annotation.corpus import ContrastPair
from annotation.intraclass import icc
from models import metrics
from models.judging import Found, Judged
from models.network import KINDS
from nlp.codebook import REPAIR, Codebook
from nlp.segmentation import split_sentences
from nlp.tagging import STRICTNESS_LEVELS, ModelInfo, Tagger

OVERLAP = 0.5  # share of marked turns in common from which a rupture and an episode are the same
BINS = 10  # of the reliability diagram


def evaluate(judged: Sequence[Judged], info: ModelInfo, codebook: Codebook, rounds: int = 1000) -> dict:
    """All figures on one set of transcripts, intervals over therapy sessions."""
    codes = _code_figures(judged, codebook)
    return {
        "sessions": len(judged),
        "kinds": {kind: kind_figures(judged, k, info, rounds) for k, kind in enumerate(KINDS)},
        "codes": codes,
        "macro_auprc": _macro(codes, codebook),
        "evidence_token_f1": rounded(np.mean([f for j in judged for f in j.evidence_f1] or [metrics.NAN])),
        "ruptures": rupture_figures(judged),
        "counts_icc": _count_agreement(judged, info),
    }


def column(judged: Sequence[Judged], k: int, of: Callable[[Judged], np.ndarray]) -> list[np.ndarray]:
    """Per transcript, column `k` of an array over turns where the kind applies."""
    return [of(j)[j.applies[:, k], k] for j in judged]


def kind_figures(judged: Sequence[Judged], k: int, info: ModelInfo, rounds: int) -> dict:
    """Everything about one kind: rates, ranking, decisions at each strictness, agreement, calibration."""
    kind = KINDS[k]
    target, score = column(judged, k, lambda j: j.reference), column(judged, k, lambda j: j.scores)
    soft = np.concatenate(column(judged, k, lambda j: np.mean(list(j.coders.values()), axis=0)))
    y, p = np.concatenate(target), np.concatenate(score)
    said = p >= getattr(info.thresholds["balanced"], kind)
    return {
        "turns": len(y),
        "prevalence": rounded(y.mean()),
        "all_positive_f1": rounded(metrics.all_positive_f1(y)),
        "auprc": rounded(metrics.auprc(y, p)),
        "auprc_interval": over_sessions(metrics.auprc, [target, score], rounds),
        "f1": rounded(metrics.f1(y, said)),
        "balanced_accuracy": rounded(metrics.balanced_accuracy(y, said)),
        "specificity": rounded(metrics.specificity(y, said)),
        "kappa": _kappas(judged, k, said),
        "coder_kappa": _coder_kappa(judged, k),
        "calibration_error": rounded(metrics.calibration_error(soft, p)),
        "reliability": [[rounded(v) for v in row] for row in metrics.reliability(soft, p, BINS)],
        "false_alarms_per_100": {
            level: rounded(100 * float((~y & (p >= getattr(info.thresholds[level], kind))).mean()))
            for level in STRICTNESS_LEVELS
        },
    }


def over_sessions(figure: Callable, parts: Sequence[Sequence[np.ndarray]], rounds: int) -> list:
    """The bootstrap interval over sessions of a figure of several arrays, each given per session."""

    def of_drawn(drawn: Sequence[int]) -> float:
        return figure(*(np.concatenate([part[i] for i in drawn]) for part in parts))

    return [rounded(v) for v in metrics.bootstrap_interval(of_drawn, len(parts[0]), rounds)]


def rupture_figures(judged: Sequence[Judged]) -> dict:
    """How the ruptures of balanced reports fit the episodes that the reference drew.

    The same when they share more than half of their marked turns.
    """
    with_episodes = [j for j in judged if j.episodes is not None]
    pairs = [p for j in with_episodes for p in _matched(j.ruptures, j.episodes)]
    found, drawn = (sum(len(getattr(j, what)) for j in with_episodes) for what in ("ruptures", "episodes"))
    touched = sum(any(e.turns & r.turns for r in j.ruptures) for j in with_episodes for e in j.episodes)
    return {
        "found": found,
        "drawn": drawn,
        "f1": rounded(2 * len(pairs) / (found + drawn) if found + drawn else metrics.NAN),
        "touched": rounded(touched / drawn if drawn else metrics.NAN),
        "same_kind": rounded(np.mean([r.kind == e.kind for r, e in pairs] or [metrics.NAN])),
        "same_status": rounded(np.mean([r.status == e.status for r, e in pairs] or [metrics.NAN])),
    }


def contrast_figures(pairs: Sequence[ContrastPair], tagger: Tagger) -> dict:
    """How often the marked exchange scores above its look-alike, and look-alikes left unmarked."""
    marked, alike = (
        [tagger.score(split_sentences(side.transcript))[-1] for side in sides]
        for sides in ([p.marked for p in pairs], [p.look_alike for p in pairs])
    )
    above = [m.rupture > a.rupture for m, a in zip(marked, alike, strict=True)]
    return {
        "pairs": len(pairs),
        "rupture_above": rounded(np.mean(above)),
        "code_above": rounded(
            np.mean([m.codes[p.code] > a.codes[p.code] for m, a, p in zip(marked, alike, pairs, strict=True)])
        ),
        "look_alikes_left_unmarked": {
            level: rounded(np.mean([a.rupture < tagger.info.thresholds[level].rupture for a in alike]))
            for level in STRICTNESS_LEVELS
        },
        "by_code": {
            code: [sum(a for p, a in zip(pairs, above, strict=True) if p.code == code), total]
            for code, total in Counter(p.code for p in pairs).items()
        },
    }


def rounded(value: float) -> float | None:
    """Four decimals; None for what cannot be estimated."""
    return None if np.isnan(value) else round(float(value), 4)


def _kappas(judged: Sequence[Judged], k: int, said: np.ndarray) -> dict[str, float | None]:
    """Cohen's kappa of the balanced report and each coder who coded all of these transcripts."""
    coders = [c for c in judged[0].coders if all(c in j.coders for j in judged)]
    return {
        c: rounded(metrics.kappa(np.concatenate(column(judged, k, lambda j, c=c: j.coders[c])), said))
        for c in coders
    }


def _coder_kappa(judged: Sequence[Judged], k: int) -> float | None:
    if not all(len(j.coders) > 1 for j in judged):
        return None
    first, second = (
        np.concatenate(column(judged, k, lambda j, n=n: list(j.coders.values())[n])) for n in (0, 1)
    )
    return rounded(metrics.kappa(first, second))


def _code_figures(judged: Sequence[Judged], codebook: Codebook) -> dict:
    return {code.id: _of_code(judged, i, KINDS.index(code.kind)) for i, code in enumerate(codebook.codes)}


def _of_code(judged: Sequence[Judged], i: int, k: int) -> dict:
    rows = [(j, j.applies[:, k]) for j in judged]
    gold = [np.concatenate([list(j.gold_codes.values())[n][a, i] for j, a in rows]) for n in _both(judged)]
    score = np.concatenate([j.codes[a, i] for j, a in rows])
    tagged = np.concatenate([j.tagged[a, i] for j, a in rows])
    return {
        "positive": int(gold[0].sum()),
        "auprc": rounded(metrics.auprc(gold[0], score)),
        "f1": rounded(metrics.f1(gold[0], tagged)),
        "kappa": rounded(metrics.kappa(gold[0], tagged)),
        "coder_kappa": rounded(metrics.kappa(*gold)) if len(gold) > 1 else None,
    }


def _both(judged: Sequence[Judged]) -> range:
    return range(min(2, *(len(j.coders) for j in judged)) if judged else 0)


def _macro(figures: Mapping[str, Mapping], codebook: Codebook) -> dict[str, float | None]:
    """Mean AUPRC of the markers and of the strategies that occur at least five times."""
    by_group: dict[str, list[float]] = {"markers": [], "strategies": []}
    for code in codebook.codes:
        if figures[code.id]["positive"] >= 5:
            by_group["strategies" if code.kind == REPAIR else "markers"].append(figures[code.id]["auprc"])
    return {group: rounded(np.mean(found or [metrics.NAN])) for group, found in by_group.items()}


def _count_agreement(judged: Sequence[Judged], info: ModelInfo) -> dict[str, float | None]:
    """ICC(2,1), absolute agreement, of how many turns a session has by the tagger and by the reference."""
    figures = {}
    for k, kind in enumerate(KINDS):
        level = getattr(info.thresholds["balanced"], kind)
        counts = [
            [float((p >= level).sum()), float(y.sum())]
            for p, y in zip(
                column(judged, k, lambda j: j.scores), column(judged, k, lambda j: j.reference), strict=True
            )
        ]
        figures[kind] = rounded(icc(np.array(counts)))
    return figures


def _matched(ruptures: Sequence[Found], episodes: Sequence[Found]) -> list[tuple[Found, Found]]:
    return [
        (r, e)
        for r in ruptures
        for e in episodes
        if len(r.turns & e.turns) / len(r.turns | e.turns) > OVERLAP
    ]
