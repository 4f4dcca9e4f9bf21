"""Whole tasks over the shipped corpus: train a tagger from a configuration, evaluate one, write its card."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from annotation.corpus import (
    CodedTranscript,
    annomi_path,
    load_annomi,
    load_contrast,
    load_corpus,
    load_written,
)
from models.artifact import TaggerCard, load_card
from models.baselines import tfidf_baseline
from models.config import TrainingConfig
from models.evaluation import REFERENCE_CODER, contrast_figures, evaluate, judge, ranking
from models.fitting import finish
from models.modelcard import model_card
from models.tagger import TransformerTagger, load_tagger
from models.targets import turn_targets
from models.training import Step, train
from nlp.codebook import load_codebook

Say = Callable[[str], None]


def run_training(
    config: TrainingConfig, run_folder: Path, artifact: Path, version: str, on_step: Callable[[Step], None]
) -> TaggerCard:
    """Trains on the train split, calibrates on dev and writes the artefact; resumes where `run_folder` was left."""
    codebook, dev = load_codebook(), load_corpus("dev")
    for step in train(config, load_corpus("train"), load_contrast("train"), dev, codebook, run_folder):
        on_step(step)
    return finish(config, run_folder, dev, codebook, version, artifact)


def run_evaluation(tagger: TransformerTagger, say: Say, rounds: int = 1000) -> dict:
    """Figures on the dev split per source, beside the TF-IDF baseline trained on the same data."""
    codebook, results, sets = load_codebook(), {}, data_sets()
    whole = {c.transcript.id: c for coded in sets.values() for c in coded}
    words = dict(
        zip(whole, tfidf_baseline(load_corpus("train"), list(whole.values()), codebook), strict=True)
    )
    for name, coded in sets.items():
        say(f"{name}: scoring {len(coded)} sessions")
        figures = evaluate([judge(c, tagger, codebook) for c in coded], tagger.info, codebook, rounds)
        for kind, value in _ranking_of(words, coded).items():
            figures["kinds"][kind]["tfidf_auprc"] = value
        results[name] = figures
    say("contrast pairs")
    return results | {"contrast": contrast_figures(load_contrast("dev"), tagger)}


def data_sets() -> dict[str, list[CodedTranscript]]:
    """The dev sets that are at hand, by name; scores on written and transcribed sessions are never mixed."""
    written = load_written("dev")
    sets = {
        "written": written,
        "full-length written": [c for c in written if c.transcript.id.startswith("full-")],
    }
    return sets | ({"annomi": load_annomi("dev")} if annomi_path() else {})


def write_card(artifact: Path, results: dict) -> None:
    """Puts the figures and the model card beside the weights."""
    (artifact / "metrics.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (artifact / "README.md").write_text(model_card(load_card(artifact), results), encoding="utf-8")


def evaluate_artifact(name_or_path: str | None, say: Say, rounds: int = 1000) -> dict:
    """`run_evaluation` of the tagger of that name or folder."""
    return run_evaluation(load_tagger(name_or_path), say, rounds)


def _ranking_of(scores: Mapping[str, np.ndarray], coded: Sequence[CodedTranscript]) -> dict:
    """AUPRC per kind of scores by transcript id, against the reference coder."""
    codebook, parts = load_codebook(), []
    for c in coded:
        reference = turn_targets(c, codebook, [REFERENCE_CODER[c.source]])
        parts.append((scores[c.transcript.id], reference.kinds, reference.applies))
    return {k: None if np.isnan(v) else round(v, 4) for k, v in ranking(parts).items()}
