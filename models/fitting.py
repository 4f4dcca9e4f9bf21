"""After training: calibrates the network on dev, fits thresholds there and writes the artefact."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from annotation.corpus import CodedTranscript
from models.artifact import TaggerCard, load_network, save_card, save_weights
from models.calibration import Calibration, calibrate, fit_thresholds
from models.config import TrainingConfig
from models.encoder import load_encoder, load_tokenizer
from models.network import KINDS, Network
from models.platt import fit_platt
from models.scoring import RawScores, score_turns
from models.serving import make_reader
from models.targets import TurnTargets, turn_targets
from nlp.codebook import Codebook


@dataclass(frozen=True)
class Scored:
    """A dev transcript's raw scores beside the coders' mean."""

    source: str
    raw: RawScores
    soft: TurnTargets


def finish(
    config: TrainingConfig,
    run_folder: Path,
    dev: Sequence[CodedTranscript],
    codebook: Codebook,
    version: str,
    artifact: Path,
) -> TaggerCard:
    """Writes the run's best weights and calibrates them as they are stored and served."""
    network = Network(load_encoder(config.encoder), len(codebook.codes))
    network.load_state_dict(torch.load(run_folder / "best.pt", weights_only=True))
    card = TaggerCard(
        name=config.name,
        version=version,
        encoder=config.encoder,
        codebook_version=codebook.version,
        codes=tuple(c.id for c in codebook.codes),
        scheme=config.scheme,
        weights_sha256=save_weights(artifact, config.encoder, network),
        training=asdict(config),
    )
    scored = score_all(load_network(artifact, card, codebook), card, dev, codebook)
    calibration = fit_calibration(scored, codebook)
    card = replace(card, calibration=calibration, thresholds=thresholds(scored, calibration, codebook))
    save_card(artifact, card)
    return card


def score_all(
    network: Network, card: TaggerCard, dev: Sequence[CodedTranscript], codebook: Codebook
) -> list[Scored]:
    """Raw scores and soft targets of each transcript."""
    reader, _ = make_reader(network)
    tokenizer, n = load_tokenizer(card.encoder), len(codebook.codes)
    return [
        Scored(
            c.source, score_turns(c.transcript, tokenizer, reader, card.scheme, n), turn_targets(c, codebook)
        )
        for c in dev
    ]


def fit_calibration(scored: Sequence[Scored], codebook: Codebook) -> Calibration:
    """Platt scaling per kind, and per kind for its codes, on soft targets."""
    kinds, codes = {}, {}
    logits = np.concatenate([s.raw.kinds for s in scored])
    targets = np.concatenate([s.soft.kinds for s in scored])
    applies = np.concatenate([s.soft.applies for s in scored]) > 0
    for k, kind in enumerate(KINDS):
        kinds[kind] = fit_platt(logits[applies[:, k], k], targets[applies[:, k], k])
    for kind in dict.fromkeys(c.kind for c in codebook.codes):
        codes[kind] = _code_platt(scored, kind, codebook)
    return Calibration(kinds, codes)


def thresholds(scored: Sequence[Scored], calibration: Calibration, codebook: Codebook) -> Mapping:
    """The strictness levels, with turns marked where at least half of the coders marked them."""
    groups: dict[str, list] = {kind: [] for kind in KINDS}
    code_groups: dict[str, list] = {c.kind: [] for c in codebook.codes}
    for source in sorted({s.source for s in scored}):
        of_source = [(s, calibrate(s.raw, calibration, codebook)) for s in scored if s.source == source]
        for k, kind in enumerate(KINDS):
            applies = np.concatenate([s.soft.applies[:, k] for s, _ in of_source]) > 0
            target = np.concatenate([s.soft.kinds[:, k] for s, _ in of_source]) >= 0.5
            said = np.concatenate([p.kinds[:, k] for _, p in of_source])
            groups[kind].append((target[applies], said[applies]))
        for kind, found in code_groups.items():
            columns = [i for i, c in enumerate(codebook.codes) if c.kind == kind]
            applies = np.concatenate([s.soft.applies[:, KINDS.index(kind)] for s, _ in of_source]) > 0
            target = np.concatenate([s.soft.codes[:, columns] for s, _ in of_source]) >= 0.5
            said = np.concatenate([p.codes[:, columns] for _, p in of_source])
            found.append((target[applies].ravel(), said[applies].ravel()))
    return fit_thresholds(groups, code_groups, codebook)


def _code_platt(scored: Sequence[Scored], kind: str, codebook: Codebook) -> tuple[float, float]:
    columns = [i for i, c in enumerate(codebook.codes) if c.kind == kind]
    k = KINDS.index(kind)
    weight = np.concatenate([s.soft.kinds[:, k] * s.soft.applies[:, k] for s in scored])
    marked = weight > 0
    logits = np.concatenate([s.raw.codes[:, columns] for s in scored])[marked]
    share = np.concatenate([s.soft.codes[:, columns] for s in scored])[marked] / weight[marked, None]
    weights = np.repeat(weight[marked, None], len(columns), axis=1)
    return fit_platt(logits.ravel(), share.clip(0, 1).ravel(), weights.ravel())
