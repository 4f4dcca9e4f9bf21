"""Trains the tagger: a loop that reads top to bottom and can be stopped and resumed."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedTokenizerFast

from annotation.corpus import CodedTranscript, ContrastPair
from models.artifact import find_artifact, learnt_weights
from models.config import TrainingConfig
from models.encoder import load_encoder, load_tokenizer
from models.losses import batch_loss
from models.network import Network
from models.reading import read_windows
from models.samples import TrainingBatch, epoch_batches, prepare
from models.steering import dev_figures
from nlp.codebook import Codebook


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


@dataclass
class State:
    """Everything that changes while training; `average` is the running mean of the weights, which is kept."""

    network: Network
    average: Network
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    at: dict = field(default_factory=lambda: {"epoch": 0, "step": 0, "best": -1.0, "best_epoch": 0})

    _PARTS = ("network", "average", "optimizer", "schedule")

    def save(self, path: Path) -> None:
        """Whole or not at all: a crash leaves the checkpoint before."""
        saved = {part: getattr(self, part).state_dict() for part in self._PARTS} | {"at": self.at}
        torch.save(saved, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def resume(self, path: Path) -> None:
        """Goes on from a checkpoint, where there is one."""
        if path.exists():
            saved = torch.load(path, weights_only=True)
            for part in self._PARTS:
                getattr(self, part).load_state_dict(saved[part])
            self.at = saved["at"]


def train(
    config: TrainingConfig,
    sessions: Sequence[CodedTranscript],
    pairs: Sequence[ContrastPair],
    dev: Sequence[CodedTranscript],
    codebook: Codebook,
    folder: Path,
) -> Iterator[Step]:
    """Trains and yields a Step after every step and epoch; the best averaged weights go to `folder`.

    Stopped at any moment, the next call with the same folder goes on after the last whole epoch and
    ends with the same weights as if it had never stopped.
    """
    tokenizer = load_tokenizer(config.encoder)
    samples = prepare(sessions, config, codebook)
    contrast = [prepare([p.marked, p.look_alike], config, codebook) for p in pairs]
    state = _new_state(config, len(epoch_batches(samples, contrast, config, 0)), codebook)
    folder.mkdir(parents=True, exist_ok=True)
    state.resume(folder / "checkpoint.pt")
    for epoch in range(state.at["epoch"], config.epochs):
        torch.manual_seed(config.seed * 1000 + epoch)
        batches = epoch_batches(samples, contrast, config, epoch)
        last = None
        for last in _epoch(state, batches, tokenizer, config, codebook):
            yield last
        figures = dev_figures(state.average.eval(), tokenizer, config.scheme, dev, codebook)
        best = figures["steer"] > state.at["best"]
        if best:
            state.at |= {"best": figures["steer"], "best_epoch": epoch}
            torch.save(state.average.state_dict(), folder / "best.pt")
        state.at["epoch"] = epoch + 1
        state.save(folder / "checkpoint.pt")
        yield Step(
            epoch,
            len(batches),
            len(batches),
            last.loss if last else 0.0,
            last.seconds if last else 0.0,
            figures,
            best,
        )
        if epoch - state.at["best_epoch"] >= config.patience:
            return


def _epoch(
    state: State,
    batches: Sequence[TrainingBatch],
    tokenizer: PreTrainedTokenizerFast,
    config: TrainingConfig,
    codebook: Codebook,
) -> Iterator[Step]:
    state.network.train()
    began, losses = time.monotonic(), []
    for i, batch in enumerate(batches):
        losses.append(train_step(state.network, batch, tokenizer, config, state.optimizer, codebook))
        state.schedule.step()
        done = state.at["step"]
        _move_average(state.average, state.network, min(config.average, (1 + done) / (10 + done)))
        state.at["step"] = done + 1
        recent = float(np.mean(losses[-50:]))
        yield Step(state.at["epoch"], i + 1, len(batches), recent, time.monotonic() - began)


def train_step(
    network: Network,
    batch: TrainingBatch,
    tokenizer: PreTrainedTokenizerFast,
    config: TrainingConfig,
    optimizer: torch.optim.Optimizer,
    codebook: Codebook,
) -> float:
    """One step on one batch; its loss."""
    windows = [(s.sample.units, w) for s in batch.stretches for w in s.windows]
    with torch.autocast(
        network.device.type, dtype=torch.bfloat16, enabled=has_fast_bf16(network.device.type)
    ):
        reading = read_windows(windows, network, tokenizer, config.read_tokens)
    logits = network.judge(reading.vectors, [len(s.judged) for s in batch.stretches])
    loss = batch_loss(reading, logits, batch, config, codebook)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def has_fast_bf16(device: str) -> bool:
    """Whether bf16 is faster than fp32 there; a CPU without the instructions only imitates it, slowly."""
    return torch.cuda.is_bf16_supported() if device == "cuda" else torch.cpu._is_avx512_bf16_supported()


def _new_state(config: TrainingConfig, steps_per_epoch: int, codebook: Codebook) -> State:
    torch.manual_seed(config.seed)
    network = Network(load_encoder(config.encoder), len(codebook.codes), config.dropout)
    average = Network(load_encoder(config.encoder), len(codebook.codes))
    if config.begin_from:
        network.load_state_dict(network.state_dict() | learnt_weights(find_artifact(config.begin_from)))
    average.load_state_dict(network.state_dict())
    if torch.cuda.is_available():
        network, average = network.cuda(), average.cuda()
    optimizer = _optimizer(network, config)
    total = steps_per_epoch * config.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, total, config.warmup))
    return State(network, average, optimizer, schedule)


def _optimizer(network: Network, config: TrainingConfig) -> torch.optim.Optimizer:
    """AdamW; the lower a layer of the encoder, the slower it learns. Word embeddings stay as they are:
    that loses nothing on a corpus this small, and they need not be stored with what was learnt."""
    network.encoder.embeddings.requires_grad_(False)
    layers = list(network.encoder.encoder.layer)
    for layer in layers[: config.frozen_layers]:
        layer.requires_grad_(False)
    layers = layers[config.frozen_layers :]
    groups = [{"params": list(network.heads.parameters()), "lr": config.head_learning_rate}]
    for depth, layer in enumerate(reversed(layers)):
        rate = config.learning_rate * config.layer_decay**depth
        groups.append({"params": list(layer.parameters()), "lr": rate})
    low = config.learning_rate * config.layer_decay ** len(layers)
    seen = {id(p) for g in groups for p in g["params"]}
    groups.append(
        {"params": [p for p in network.parameters() if p.requires_grad and id(p) not in seen], "lr": low}
    )
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
