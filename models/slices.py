"""Figures on parts of a data set: by kind of session and by length of turn."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from annotation.corpus import CodedTranscript
from models import metrics
from models.evaluation import rounded
from models.judging import Judged
from models.network import KINDS
from nlp.tagging import ModelInfo
from nlp.transcript import Turn

_FAMILIES = {
    "health behaviour and motivational": "motivational health pharmac medic probation social smoking coach dental nurs sport",
    "cognitive-behavioural": "cbt cognitive behav act acceptance dbt dialectical compassion emdr exposure problem",
    "psychodynamic and relational": "dynamic psychoanaly relational transference mentali schema interpersonal analytic",
    "humanistic and integrative": "person emotion gestalt existential integrative counsel humanistic",
}


def session_slices() -> Mapping[str, Callable[[CodedTranscript], str]]:
    """How sessions are told apart, by name."""
    return {
        "modality": _family,
        "session length": lambda c: _band(len(c.transcript.turns), (40, 80, 150), "turns"),
        "practice (AnnoMI)": lambda c: c.about.get("quality", ""),
        "style": style,
    }


def turn_slice(turn: Turn) -> str:
    """The band of a turn's length."""
    return _band(len(turn.text.split()), (4, 12, 30), "words")


def slice_figures(judged: Sequence[Judged], info: ModelInfo) -> dict:
    """Per way of slicing and slice: turns, base rate, AUPRC, recall and false alarms, for rupture and repair."""
    figures = {}
    for name, of in session_slices().items():
        groups: dict[str, list[tuple[Judged, np.ndarray]]] = {}
        for j in judged:
            groups.setdefault(of(j.coded), []).append((j, np.ones(len(j.scores), bool)))
        if len(groups) > 1:
            figures[name] = {slice_: _figures(groups[slice_], info) for slice_ in sorted(groups) if slice_}
    by_turn: dict[str, list[tuple[Judged, np.ndarray]]] = {}
    for j in judged:
        bands = np.array([turn_slice(t) for t in j.coded.transcript.turns])
        for band in set(bands):
            by_turn.setdefault(band, []).append((j, bands == band))
    return figures | {
        "turn length": {band: _figures(by_turn[band], info) for band in sorted(by_turn, key=_low)}
    }


def style(coded: CodedTranscript) -> str:
    """Typed, machine transcript, or transcribed by people, by the looks of the text."""
    turns = [t for t in coded.transcript.turns if t.text]
    runs = np.mean([a.speaker == b.speaker for a, b in zip(turns, turns[1:], strict=False)] or [0])
    unpunctuated = np.mean([t.text[-1].isalnum() for t in turns] or [0])
    lower = np.mean([t.text[0].islower() for t in turns] or [0])
    if lower > 0.5 or unpunctuated > 0.5:
        return "machine transcript"
    return "several turns in a row" if runs > 0.15 else "written by people"


def _figures(part: Sequence[tuple[Judged, np.ndarray]], info: ModelInfo) -> dict:
    return {
        kind: _of_kind(part, KINDS.index(kind), getattr(info.thresholds["balanced"], kind))
        for kind in ("rupture", "repair")
    }


def _of_kind(part: Sequence[tuple[Judged, np.ndarray]], k: int, threshold: float) -> dict:
    y = np.concatenate([j.reference[j.applies[:, k] & inside, k] for j, inside in part])
    p = np.concatenate([j.scores[j.applies[:, k] & inside, k] for j, inside in part])
    said = p >= threshold
    return {
        "turns": len(y),
        "prevalence": rounded(y.mean() if len(y) else metrics.NAN),
        "auprc": rounded(metrics.auprc(y, p)) if len(y) else None,
        "recall": rounded(said[y].mean() if y.any() else metrics.NAN),
        "false_alarms_per_100": rounded(100 * (said & ~y).mean() if len(y) else metrics.NAN),
    }


def _family(coded: CodedTranscript) -> str:
    modality = coded.about.get("modality", "").lower()
    for family, words in _FAMILIES.items():
        if any(word in modality for word in words.split()):
            return family
    return "other"


def _band(value: int, edges: Sequence[int], unit: str) -> str:
    low = 0
    for edge in edges:
        if value < edge:
            return f"{low} to {edge - 1} {unit}"
        low = edge
    return f"{low} {unit} and more"


def _low(band: str) -> int:
    return int(band.split()[0])
