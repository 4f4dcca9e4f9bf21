"""What training makes small: the weighted sum of the heads' losses."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional as F

from models.config import TrainingConfig
from models.network import KINDS, UnitLogits
from models.reading import Reading
from models.samples import Stretch, TrainingBatch
from nlp.codebook import Codebook


def batch_loss(
    reading: Reading, logits: UnitLogits, batch: TrainingBatch, config: TrainingConfig, codebook: Codebook
) -> torch.Tensor:
    """The weighted sum of the heads' losses over the judged units of a batch."""
    device = logits.kinds.device
    kinds, codes, applies, intensity = (t.to(device) for t in _targets(batch.stretches))
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
    loss = loss + config.evidence_weight * _evidence_loss(reading.evidence, batch.stretches, marked.tolist())
    if batch.paired:
        loss = loss + config.margin_weight * _margin_loss(logits.kinds, batch.stretches, config.margin)
    return loss


def _targets(stretches: Sequence[Stretch]) -> tuple[torch.Tensor, ...]:
    """Per judged unit: kinds, codes, which kinds apply, intensity."""
    turns = [(s.sample.targets, s.sample.units[u].turn) for s in stretches for u in s.judged]
    return (
        torch.tensor(np.stack([t.kinds[i] for t, i in turns])),
        torch.tensor(np.stack([t.codes[i] for t, i in turns])),
        torch.tensor(np.stack([t.applies[i] for t, i in turns])),
        torch.tensor(np.array([t.intensity[i] for t, i in turns])),
    )


def _evidence_loss(
    evidence: Sequence[torch.Tensor], stretches: Sequence[Stretch], marked: Sequence[float]
) -> torch.Tensor:
    """Token by token, on turns that a coder marked."""
    logits, targets, weights = [], [], []
    units = [(s.sample, u) for s in stretches for u in s.judged]
    for found, (sample, u), weight in zip(evidence, units, marked, strict=True):
        if weight > 0:
            logits.append(found[:, 1 if sample.units[u].speaker == "therapist" else 0])
            targets.append(torch.from_numpy(sample.evidence[u]))
            weights.append(torch.full((len(found),), weight))
    if not logits:
        return torch.zeros(())
    said = torch.cat(logits)
    target, weight = torch.cat(targets).to(said.device), torch.cat(weights).to(said.device)
    return _mean(F.binary_cross_entropy_with_logits(said, target, reduction="none"), weight)


def _margin_loss(kinds: torch.Tensor, stretches: Sequence[Stretch], margin: float) -> torch.Tensor:
    """Marked above look-alike by a margin, in the rupture score of each exchange's last turn."""
    last = np.cumsum([len(s.judged) for s in stretches]) - 1
    rupture = kinds[torch.from_numpy(last).to(kinds.device), 0]
    return F.relu(margin - (rupture[0::2] - rupture[1::2])).mean()


def _mean(losses: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return (losses * weight).sum() / weight.sum().clamp(min=1.0)
