"""Trains the tagger: a loop that reads top to bottom and can be stopped and resumed."""

import math
import random
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from annotation.corpus import CodedTranscript, ContrastPair
from models.encoder import load_encoder, load_tokenizer
from models.evaluation import dev_figures
from models.inputs import Batch, Unit, Window, encode_turns, make_batch, plan_windows
from models.network import KINDS, Network, UnitLogits
from models.scoring import WindowScheme
from models.targets import TurnTargets, evidence_targets, turn_targets
from nlp.codebook import Codebook
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
    batch_tokens: int = 3072
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-3
    layer_decay: float = 0.9
    weight_decay: float = 0.01
    warmup: float = 0.06
    dropout: float = 0.1
    average: float = 0.998
    code_weight: float = 0.5
    evidence_weight: float = 0.3
    intensity_weight: float = 0.1
    margin_weight: float = 0.5
    margin: float = 2.0
    seed: int = 7
    patience: int = 4

    @property
    def scheme(self) -> WindowScheme:
        return WindowScheme(self.limit, self.context)


def read_config(path: Path) -> TrainingConfig:
    """A training configuration from TOML; an unknown or missing key is an InputError."""
    try:
        return TrainingConfig(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (TypeError, tomllib.TOMLDecodeError, OSError) as error:
        raise InputError(f"{path.name}: {error}", "bad_config") from error


@dataclass(frozen=True)
class Sample:
    """One transcript ready for training: its units and, per turn and token, its targets."""

    units: list[Unit]
    targets: TurnTargets
    evidence: list[np.ndarray]


@dataclass(frozen=True)
class Step:
    """Where training stands: after each step `loss`; after each epoch also dev `figures`."""

    epoch: int
    step: int
    steps: int
    loss: float
    seconds: float
    figures: dict | None = None
    best: bool = False


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


def train(
    config: TrainingConfig,
    sessions: Sequence[CodedTranscript],
    pairs: Sequence[ContrastPair],
    dev: Sequence[CodedTranscript],
    codebook: Codebook,
    folder: Path,
) -> Iterator[Step]:
    """Trains and yields a Step after every step and epoch; the best averaged weights go to `folder`.

    Stopped at any moment, the next call with the same folder goes on after the last whole epoch.
    """
    torch.manual_seed(config.seed)
    tokenizer = load_tokenizer(config.encoder)
    network = Network(load_encoder(config.encoder), len(codebook.codes), config.dropout)
    average = Network(load_encoder(config.encoder), len(codebook.codes))
    average.load_state_dict(network.state_dict())
    samples = prepare(sessions, config, codebook)
    contrast = [(prepare([p.marked, p.look_alike], config, codebook)) for p in pairs]
    per_epoch = len(epoch_batches(samples, contrast, config, 0))
    optimizer = _optimizer(network, config)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: _rate(step, per_epoch * config.epochs, config.warmup)
    )
    folder.mkdir(parents=True, exist_ok=True)
    state = _resume(folder, network, average, optimizer, schedule)
    for epoch in range(state["epoch"], config.epochs):
        network.train()
        began, losses = time.monotonic(), []
        batches = epoch_batches(samples, contrast, config, epoch)
        for i, batch in enumerate(batches):
            loss = train_step(network, batch, tokenizer, config, optimizer, codebook)
            schedule.step()
            _move_average(average, network, min(config.average, (1 + state["step"]) / (10 + state["step"])))
            state["step"] += 1
            losses.append(loss)
            yield Step(epoch, i + 1, len(batches), float(np.mean(losses[-50:])), time.monotonic() - began)
        figures = dev_figures(average.eval(), tokenizer, config.scheme, dev, codebook)
        best = figures["steer"] > state["best"]
        if best:
            state |= {"best": figures["steer"], "best_epoch": epoch}
            torch.save(average.state_dict(), folder / "best.pt")
        state["epoch"] = epoch + 1
        _checkpoint(folder, network, average, optimizer, schedule, state)
        yield Step(epoch, len(batches), len(batches), float(np.mean(losses)), time.monotonic() - began, figures, best)
        if epoch - state["best_epoch"] >= config.patience:
            return


def epoch_batches(
    samples: Sequence[Sample], contrast: Sequence[Sequence[Sample]], config: TrainingConfig, epoch: int
) -> list[list[tuple[Sample, Window]]]:
    """The epoch's batches in order: windows cut at new places, of like length together, and pairs together."""
    rng = random.Random(config.seed * 1000 + epoch)
    windows = []
    for sample in samples:
        lengths = [len(u) for u in sample.units]
        first = rng.randint(config.training_context, config.limit)
        windows += [
            (sample, w) for w in plan_windows(lengths, config.limit, config.training_context, first)
        ]
    pairs = [[(s, Window(0, 0, len(s.units))) for s in pair] for pair in contrast]
    rng.shuffle(pairs)
    batches = _bucketed(windows, config.batch_tokens, rng)
    batches += [sum(pairs[i : i + 8], []) for i in range(0, len(pairs), 8)]
    rng.shuffle(batches)
    return batches


def train_step(network, chosen, tokenizer, config, optimizer, codebook) -> float:
    """One step on one batch; its loss."""
    batch = make_batch([(s.units, w) for s, w in chosen], tokenizer)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = network.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
    logits = network.heads(states.float(), batch)
    loss = batch_loss(logits, batch, chosen, config, codebook)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def batch_loss(
    logits: UnitLogits,
    batch: Batch,
    chosen: Sequence[tuple[Sample, Window]],
    config: TrainingConfig,
    codebook: Codebook,
) -> torch.Tensor:
    """The weighted sum of the heads' losses over the judged units of a batch."""
    judged = [u >= chosen[w][1].judged for w, u in batch.units]
    turns = [(chosen[w][0].targets, chosen[w][0].units[u].turn) for w, u in batch.units]
    kinds = torch.tensor(np.stack([t.kinds[i] for t, i in turns]))
    codes = torch.tensor(np.stack([t.codes[i] for t, i in turns]))
    applies = torch.tensor(np.stack([t.applies[i] * j for (t, i), j in zip(turns, judged, strict=True)]))
    intensity = torch.tensor(np.array([t.intensity[i] for t, i in turns]))
    loss = _mean(F.binary_cross_entropy_with_logits(logits.kinds, kinds, reduction="none"), applies)
    kind_of = [KINDS.index(c.kind) for c in codebook.codes]
    kind_target = (kinds * applies)[:, kind_of]
    given = (codes / kind_target.clamp(min=1e-6)).clamp(max=1.0)
    loss = loss + config.code_weight * _mean(
        F.binary_cross_entropy_with_logits(logits.codes, given, reduction="none"), kind_target
    )
    marked = (kinds * applies).amax(1)
    level = 1 + 2 * torch.sigmoid(logits.intensity)
    loss = loss + config.intensity_weight * _mean((level - intensity.clamp(1, 3)) ** 2, marked)
    loss = loss + config.evidence_weight * _evidence_loss(logits.evidence, batch, chosen, marked)
    if chosen[0][0].targets.applies.sum() == 3 and len(chosen) % 2 == 0:  # contrast pairs: one judged client turn
        loss = loss + config.margin_weight * _margin_loss(logits.kinds, batch, config.margin)
    return loss


def _evidence_loss(evidence, batch: Batch, chosen, marked: torch.Tensor) -> torch.Tensor:
    target = torch.zeros(evidence.shape[:2])
    weight = torch.zeros(evidence.shape)
    for row, (w, u) in enumerate(batch.units):
        if marked[row] > 0:
            sample = chosen[w][0]
            mine = batch.unit_of[w] == row
            target[w, mine] = torch.from_numpy(sample.evidence[u])
            weight[w, mine, 1 if sample.units[u].speaker == "therapist" else 0] = marked[row]
    losses = F.binary_cross_entropy_with_logits(evidence, target.unsqueeze(-1).expand_as(evidence), reduction="none")
    return _mean(losses, weight)


def _margin_loss(kinds: torch.Tensor, batch: Batch, margin: float) -> torch.Tensor:
    """Marked above look-alike by a margin, in the rupture score of each exchange's last turn."""
    last = {w: row for row, (w, _) in enumerate(batch.units)}
    rupture = kinds[[last[w] for w in sorted(last)], 0]
    return F.relu(margin - (rupture[0::2] - rupture[1::2])).mean()


def _mean(losses: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return (losses * weight).sum() / weight.sum().clamp(min=1.0)


def _bucketed(windows: list, batch_tokens: int, rng: random.Random) -> list[list]:
    def size(item) -> int:
        sample, w = item
        return sum(len(u) for u in sample.units[w.first : w.last])

    rng.shuffle(windows)
    windows.sort(key=lambda item: size(item) // 32, reverse=True)
    batches: list[list] = []
    for item in windows:
        if not batches or (len(batches[-1]) + 1) * size(batches[-1][0]) > batch_tokens:
            batches.append([])
        batches[-1].append(item)
    return batches


def _optimizer(network: Network, config: TrainingConfig) -> torch.optim.Optimizer:
    """AdamW; the lower a layer of the encoder, the slower it learns. Word embeddings stay as they are:
    that loses nothing on a corpus this small, and they need not be stored with what was learnt."""
    network.encoder.embeddings.requires_grad_(False)
    layers = list(network.encoder.encoder.layer)
    groups = [{"params": list(network.heads.parameters()), "lr": config.head_learning_rate}]
    for depth, layer in enumerate(reversed(layers)):
        rate = config.learning_rate * config.layer_decay**depth
        groups.append({"params": list(layer.parameters()), "lr": rate})
    low = config.learning_rate * config.layer_decay ** len(layers)
    seen = {id(p) for g in groups for p in g["params"]}
    groups.append({"params": [p for p in network.parameters() if p.requires_grad and id(p) not in seen], "lr": low})
    return torch.optim.AdamW([g for g in groups if g["params"]], weight_decay=config.weight_decay)


def _rate(step: int, total: int, warmup: float) -> float:
    """Linear warm-up, then cosine down to a tenth."""
    start = max(1, int(total * warmup))
    if step < start:
        return (step + 1) / start
    return 0.1 + 0.45 * (1 + math.cos(math.pi * (step - start) / max(1, total - start)))


@torch.no_grad()
def _move_average(average: nn.Module, network: nn.Module, keep: float) -> None:
    for a, n in zip(average.parameters(), network.parameters(), strict=True):
        a.lerp_(n, 1 - keep)


def _checkpoint(folder: Path, network, average, optimizer, schedule, state: dict) -> None:
    parts = {"network": network, "average": average, "optimizer": optimizer, "schedule": schedule}
    saved = {name: part.state_dict() for name, part in parts.items()} | {"state": state}
    torch.save(saved, folder / "checkpoint.tmp")
    (folder / "checkpoint.tmp").replace(folder / "checkpoint.pt")


def _resume(folder: Path, network, average, optimizer, schedule) -> dict:
    path = folder / "checkpoint.pt"
    if not path.exists():
        return {"epoch": 0, "step": 0, "best": -1.0, "best_epoch": 0}
    saved = torch.load(path, weights_only=True)
    parts = {"network": network, "average": average, "optimizer": optimizer, "schedule": schedule}
    for name, part in parts.items():
        part.load_state_dict(saved[name])
    return saved["state"]


def as_dict(config: TrainingConfig) -> dict:
    """The configuration as plain data, for the artefact."""
    return asdict(config)


def shortened(config: TrainingConfig, epochs: int) -> TrainingConfig:
    """The same configuration over fewer epochs."""
    return replace(config, epochs=epochs)
