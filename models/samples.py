"""Transcripts made ready for training, and the batches of an epoch."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.corpus import CodedTranscript
from models.config import TrainingConfig
from models.encoder import load_tokenizer
from models.inputs import Unit, Window, encode_turns, fill_batches, plan_windows, window_size
from models.targets import TurnTargets, evidence_targets, turn_targets
from nlp.codebook import Codebook


@dataclass(frozen=True)
class Sample:
    """One transcript ready for training: its units and, per turn and token, its targets."""

    units: list[Unit]
    targets: TurnTargets
    evidence: list[np.ndarray]


def prepare(coded: Sequence[CodedTranscript], config: TrainingConfig, codebook: Codebook) -> list[Sample]:
    """Transcripts as samples: tokens and targets made once."""
    tokenizer = load_tokenizer(config.encoder)
    samples = []
    for item in coded:
        units = encode_turns(item.transcript, tokenizer, config.scheme.longest_unit)
        samples.append(
            Sample(units, turn_targets(item, codebook), [evidence_targets(item, u) for u in units])
        )
    return samples


def epoch_batches(
    samples: Sequence[Sample], contrast: Sequence[Sequence[Sample]], config: TrainingConfig, epoch: int
) -> list[list[tuple[Sample, Window]]]:
    """The epoch's batches in order: windows cut at new places, of like length together, and pairs together."""
    rng = random.Random(config.seed * 1000 + epoch)
    windows = []
    for sample in samples:
        lengths = [len(u) for u in sample.units]
        first = rng.randint(config.training_context, config.limit)
        windows += [(sample, w) for w in plan_windows(lengths, config.limit, config.training_context, first)]
    pairs = [[(s, Window(0, 0, len(s.units))) for s in pair] for pair in contrast]
    rng.shuffle(pairs)
    batches = _bucketed(windows, config.batch_tokens, rng)
    batches += [sum(pairs[i : i + 8], []) for i in range(0, len(pairs), 8)]
    rng.shuffle(batches)
    return batches


def _bucketed(
    windows: list[tuple[Sample, Window]], batch_tokens: int, rng: random.Random
) -> list[list[tuple[Sample, Window]]]:
    def size(item: tuple[Sample, Window]) -> int:
        sample, window = item
        return window_size(sample.units, window)

    rng.shuffle(windows)
    windows.sort(key=lambda item: size(item) // 32, reverse=True)
    return fill_batches(windows, size, batch_tokens)
