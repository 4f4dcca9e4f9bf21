"""All that decides a training run."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from models.scoring import WindowScheme
from nlp.errors import InputError


@dataclass(frozen=True)
class TrainingConfig:
    """All that decides a training run; read from models/configs/*.toml."""

    name: str
    encoder: str
    limit: int = 384
    context: int = 160
    training_context: int = 64
    epochs: int = 12
    batch_tokens: int = 3072  # a step
    read_tokens: int = 3072  # at once within a step; padded
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-3
    layer_decay: float = 0.9
    weight_decay: float = 0.01
    warmup: float = 0.06
    frozen_layers: int = 0  # of the encoder, from the bottom: they learn nothing and are not stored
    dropout: float = 0.1
    average: float = 0.998
    code_weight: float = 0.5
    evidence_weight: float = 0.3
    intensity_weight: float = 0.1
    margin_weight: float = 0.5
    margin: float = 2.0
    seed: int = 7
    patience: int = 4
    begin_from: str = ""  # a tagger (name or folder) whose weights training goes on from

    @property
    def scheme(self) -> WindowScheme:
        return WindowScheme(self.limit, self.context)


def read_config(path: Path) -> TrainingConfig:
    """A training configuration from TOML; an unknown or missing key is an InputError."""
    try:
        return TrainingConfig(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (TypeError, tomllib.TOMLDecodeError, OSError) as error:
        raise InputError(f"{path.name}: {error}", "bad_config") from error
