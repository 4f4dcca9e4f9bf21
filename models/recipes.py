"""Whole tasks over a coded corpus: train a tagger from a configuration, evaluate one, write its card."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from annotation.corpus import DATA, CodedTranscript, load_contrast, load_corpus, load_written
from models import metrics
from models.artifact import TaggerCard, load_card
from models.baselines import BASELINES
from models.config import TrainingConfig
from models.evaluation import column, contrast_figures, evaluate, over_sessions, rounded
from models.fitting import finish
from models.judging import Judged, judge
from models.modelcard import model_card
from models.network import KINDS
from models.plots import draw_plots
from models.slices import slice_figures
from models.tagger import build_index, load_tagger
from models.training import Step, train
from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.tagging import Tagger

Say = Callable[[str], None]
FULL_LENGTH = "full-length written"


def run_training(
    config: TrainingConfig, run_folder: Path, artifact: Path, version: str, on_step: Callable[[Step], None]
) -> TaggerCard:
    """Trains on the train split, calibrates on dev and writes the artefact; resumes where `run_folder` was left."""
    codebook, dev = load_codebook(), load_corpus("dev")
    for step in train(config, load_corpus("train"), load_contrast("train"), dev, codebook, run_folder):
        on_step(step)
    card = finish(config, run_folder, dev, codebook, version, artifact)
    build_index(load_tagger(str(artifact)), _ours("train"), codebook).save(artifact)
    return card


def run_evaluation(
    tagger: Tagger,
    say: Say,
    folder: Path = DATA,
    split: str | None = "dev",
    compare: Sequence[Tagger] = (),
    baselines: bool = True,
    rounds: int = 1000,
) -> dict:
    """Figures per data set of a folder laid out as annotation/data; scores on different sources are never mixed.

    Beside them, on the same turns, the baselines trained on our train split and other taggers.
    """
    codebook, sets = load_codebook(), data_sets(folder, split)
    pairs = load_contrast(split, folder)
    if not sets and not pairs:
        raise InputError(
            f"{folder.name}: no coded sessions and no contrast pairs were found there.", "no_data"
        )
    whole = {c.transcript.id: c for coded in sets.values() for c in coded}
    say(f"{tagger.info.name}: scoring {len(whole)} sessions")
    judged = {id_: judge(c, tagger, codebook) for id_, c in whole.items()}
    others = _others(list(whole.values()), compare, baselines, say)
    results: dict = {}
    for name, coded in sets.items():
        say(f"{name}: figures of {len(coded)} sessions")
        of_set = [judged[c.transcript.id] for c in coded]
        results[name] = evaluate(of_set, tagger.info, codebook, rounds)
        results[name]["compared"] = {
            other: _compared(of_set, scores, rounds) for other, scores in others.items()
        }
        if name != FULL_LENGTH:
            results[name]["slices"] = slice_figures(of_set, tagger.info)
    return results | ({"contrast": contrast_figures(pairs, tagger)} if pairs else {})


def _ours(split: str) -> list[CodedTranscript]:
    """The sessions and contrast pairs whose text we may show."""
    pairs = load_contrast(split)
    return load_written(split) + [side for p in pairs for side in (p.marked, p.look_alike)]


def data_sets(folder: Path = DATA, split: str | None = "dev") -> dict[str, list[CodedTranscript]]:
    """The coded sessions at hand, by name of the set."""
    coded = load_corpus(split, folder)
    written = [c for c in coded if c.source == "written"]
    sets = {
        "written": written,
        FULL_LENGTH: [c for c in written if c.transcript.id.startswith("full-")],
        "annomi": [c for c in coded if c.source == "annomi"],
    }
    return {name: found for name, found in sets.items() if found}


def write_card(artifact: Path, results: dict) -> None:
    """Puts the figures, plots and the model card beside the weights."""
    (artifact / "metrics.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (artifact / "README.md").write_text(model_card(load_card(artifact), results), encoding="utf-8")
    draw_plots(results, artifact)


def evaluate_artifact(
    name_or_path: str | None, say: Say, compare: Sequence[str] = (), **options: object
) -> dict:
    """`run_evaluation` of the tagger of that name or folder, beside others."""
    return run_evaluation(
        load_tagger(name_or_path), say, compare=[load_tagger(other) for other in compare], **options
    )


def _others(
    coded: Sequence[CodedTranscript], compare: Sequence[Tagger], baselines: bool, say: Say
) -> dict[str, dict[str, np.ndarray]]:
    """Scores (turns, 4) by name and transcript of all that the tagger is compared with."""
    codebook, others = load_codebook(), {}
    for tagger in compare:
        say(f"{tagger.info.name}: scoring {len(coded)} sessions")
        others[f"tagger {tagger.info.name} {tagger.info.version}"] = {
            c.transcript.id: judge(c, tagger, codebook).scores for c in coded
        }
    if baselines:
        train = load_corpus("train")
        for name, baseline in BASELINES.items():
            say(f"baseline {name}")
            scores = baseline(train, coded, codebook)
            others[name] = {c.transcript.id: s for c, s in zip(coded, scores, strict=True)}
    return others


def _compared(judged: Sequence[Judged], other: Mapping[str, np.ndarray], rounds: int) -> dict:
    """Per kind, the other's AUPRC and by how much the tagger's is higher, with the interval of the difference."""
    figures = {}
    for k, kind in enumerate(KINDS):
        target, score = column(judged, k, lambda j: j.reference), column(judged, k, lambda j: j.scores)
        beside = column(judged, k, lambda j: other[j.coded.transcript.id])
        y, p, q = (np.concatenate(part) for part in (target, score, beside))
        figures[kind] = {
            "auprc": rounded(metrics.auprc(y, q)),
            "gain": rounded(metrics.auprc(y, p) - metrics.auprc(y, q)),
            "gain_interval": over_sessions(_gain, [target, score, beside], rounds),
        }
    return figures


def _gain(target: np.ndarray, score: np.ndarray, other: np.ndarray) -> float:
    return metrics.auprc(target, score) - metrics.auprc(target, other)
