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


@dataclass(frozen=True)
class Stretch:
    """Consecutive windows of one session, whose units are judged together."""

    sample: Sample
    windows: tuple[Window, ...]

    def __len__(self) -> int:
        """How many tokens it has."""
        return sum(window_size(self.sample.units, w) for w in self.windows)

    @property
    def judged(self) -> range:
        """Its units, in order."""
        return range(self.windows[0].judged, self.windows[-1].last)


@dataclass(frozen=True)
class TrainingBatch:
    """Stretches read in one step. Where `paired`, they are pairs of exchanges, the marked one first."""

    stretches: list[Stretch]
    paired: bool = False


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
) -> list[TrainingBatch]:
    """The epoch's batches in order: sessions cut into windows at new places, and contrast pairs together."""
    rng = random.Random(config.seed * 1000 + epoch)
    stretches = [s for sample in samples for s in _stretches(sample, config, rng)]
    rng.shuffle(stretches)
    batches, used = [], 0
    for stretch in stretches:
        if not batches or used + len(stretch) > config.batch_tokens:
            batches.append(TrainingBatch([]))
            used = 0
        batches[-1].stretches.append(stretch)
        used += len(stretch)
    pairs = [[Stretch(s, (Window(0, 0, len(s.units)),)) for s in pair] for pair in contrast]
    rng.shuffle(pairs)
    batches += [TrainingBatch(sum(pairs[i : i + 8], []), paired=True) for i in range(0, len(pairs), 8)]
    rng.shuffle(batches)
    return batches


def _stretches(sample: Sample, config: TrainingConfig, rng: random.Random) -> list[Stretch]:
    """A session as stretches of at most `batch_tokens`."""
    lengths = [len(u) for u in sample.units]
    first = rng.randint(config.training_context, config.limit)
    windows = plan_windows(lengths, config.limit, config.training_context, first)
    parts = fill_batches(windows, lambda _: config.limit, config.batch_tokens)
    return [Stretch(sample, tuple(part)) for part in parts]
