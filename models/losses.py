"""What training makes small: the weighted sum of the heads' losses."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional as F

from models.config import TrainingConfig
from models.inputs import Batch, Window
from models.network import KINDS, UnitLogits
from models.samples import Sample
from nlp.codebook import Codebook


def batch_loss(
    logits: UnitLogits,
    batch: Batch,
    chosen: Sequence[tuple[Sample, Window]],
    config: TrainingConfig,
    codebook: Codebook,
) -> torch.Tensor:
    """The weighted sum of the heads' losses over the judged units of a batch."""
    kinds, codes, applies, intensity = _targets(batch, chosen)
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
    if all(sample.targets.applies.any(1).sum() == 1 for sample, _ in chosen):  # a batch of contrast pairs
        loss = loss + config.margin_weight * _margin_loss(logits.kinds, batch, config.margin)
    return loss


def _targets(batch: Batch, chosen: Sequence[tuple[Sample, Window]]) -> tuple[torch.Tensor, ...]:
    """Per unit of the batch: kinds, codes, which kinds apply (0 on context), intensity."""
    judged = [u >= chosen[w][1].judged for w, u in batch.units]
    turns = [(chosen[w][0].targets, chosen[w][0].units[u].turn) for w, u in batch.units]
    return (
        torch.tensor(np.stack([t.kinds[i] for t, i in turns])),
        torch.tensor(np.stack([t.codes[i] for t, i in turns])),
        torch.tensor(np.stack([t.applies[i] * j for (t, i), j in zip(turns, judged, strict=True)])),
        torch.tensor(np.array([t.intensity[i] for t, i in turns])),
    )


def _evidence_loss(evidence, batch: Batch, chosen, marked: torch.Tensor) -> torch.Tensor:
    target = torch.zeros(evidence.shape[:2])
    weight = torch.zeros(evidence.shape)
    for row, (w, u) in enumerate(batch.units):
        if marked[row] > 0:
            sample = chosen[w][0]
            mine = batch.unit_of[w] == row
            target[w, mine] = torch.from_numpy(sample.evidence[u])
            weight[w, mine, 1 if sample.units[u].speaker == "therapist" else 0] = marked[row]
    losses = F.binary_cross_entropy_with_logits(
        evidence, target.unsqueeze(-1).expand_as(evidence), reduction="none"
    )
    return _mean(losses, weight)


def _margin_loss(kinds: torch.Tensor, batch: Batch, margin: float) -> torch.Tensor:
    """Marked above look-alike by a margin, in the rupture score of each exchange's last turn."""
    last = {w: row for row, (w, _) in enumerate(batch.units)}
    rupture = kinds[[last[w] for w in sorted(last)], 0]
    return F.relu(margin - (rupture[0::2] - rupture[1::2])).mean()


def _mean(losses: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return (losses * weight).sum() / weight.sum().clamp(min=1.0)
