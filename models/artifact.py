"""A trained tagger on disk: what was learnt (safetensors), and all else as JSON. No pickle.

weights.safetensors   the parameters training changed, in fp16; the rest is the packaged encoder
tagger.json           encoder, window scheme, codes, calibration, thresholds, training, hashes
metrics.json          what `suture evaluate` found
README.md             the model card
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from models.calibration import Calibration
from models.encoder import load_encoder
from models.network import Network
from models.scoring import WindowScheme
from nlp.codebook import Codebook
from nlp.errors import InputError
from nlp.tagging import ModelInfo, Strictness

ARTIFACTS = Path(str(files("models"))) / "artifacts"
DEFAULT = "small"


@dataclass(frozen=True)
class TaggerCard:
    """Everything about a trained tagger but its weights."""

    name: str
    version: str
    encoder: str
    codebook_version: str
    codes: tuple[str, ...]
    scheme: WindowScheme
    weights_sha256: str
    training: Mapping[str, object]
    calibration: Calibration = Calibration({}, {})
    thresholds: Mapping[str, Strictness] = field(default_factory=dict)

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(self.name, self.version, self.codebook_version, self.thresholds)


def save_weights(folder: Path, encoder: str, network: Network) -> str:
    """Writes what training changed, in fp16; returns the file's hash."""
    folder.mkdir(parents=True, exist_ok=True)
    base = load_encoder(encoder).state_dict()
    learnt = {
        name: value.to(torch.float16).contiguous()
        for name, value in network.state_dict().items()
        if not _unchanged(name, value, base)
    }
    save_file(learnt, folder / "weights.safetensors")
    (folder / "weights.safetensors").chmod(0o644)
    return _sha256(folder / "weights.safetensors")


def save_card(folder: Path, card: TaggerCard) -> None:
    """Writes the card beside the weights."""
    (folder / "tagger.json").write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")


def load_card(folder: Path) -> TaggerCard:
    """The card of an artefact; InputError where there is none."""
    path = folder / "tagger.json"
    if not path.is_file():
        raise InputError(
            f"There is no trained tagger '{folder.name}': its tagger.json is missing.", "no_model"
        )
    data = json.loads(path.read_text(encoding="utf-8"))
    return TaggerCard(
        **data
        | {
            "codes": tuple(data["codes"]),
            "scheme": WindowScheme(**data["scheme"]),
            "calibration": Calibration(**data["calibration"]),
            "thresholds": {level: Strictness(**t) for level, t in data["thresholds"].items()},
        }
    )


def load_network(folder: Path, card: TaggerCard, codebook: Codebook) -> Network:
    """The network of an artefact, ready to score; InputError where it does not fit or was altered."""
    if card.codes != tuple(c.id for c in codebook.codes):
        raise InputError(
            f"The tagger '{card.name}' was trained for another codebook ({card.codebook_version}, not "
            f"{codebook.version}); train it anew.",
            "codebook_mismatch",
        )
    weights = folder / "weights.safetensors"
    if not weights.is_file() or _sha256(weights) != card.weights_sha256:
        raise InputError(f"The weights of the tagger '{card.name}' are missing or altered.", "model_altered")
    network = Network(load_encoder(card.encoder), len(card.codes))
    network.load_state_dict(network.state_dict() | learnt_weights(folder))
    return network.eval()


def learnt_weights(folder: Path) -> dict[str, torch.Tensor]:
    """What training changed, in fp32, by parameter; the rest is the packaged encoder."""
    return {name: value.float() for name, value in load_file(folder / "weights.safetensors").items()}


def find_artifact(name_or_path: str | None = None) -> Path:
    """The folder of a tagger: a name under models/artifacts, or a path."""
    name = name_or_path or DEFAULT
    return ARTIFACTS / name if (ARTIFACTS / name / "tagger.json").is_file() else Path(name)


def _unchanged(name: str, value: torch.Tensor, base: Mapping[str, torch.Tensor]) -> bool:
    original = base.get(name.removeprefix("encoder."))
    return name.startswith("encoder.") and original is not None and torch.equal(original, value)


def _sha256(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()
