"""The network: an encoder that reads a window once, and small heads that score every unit in it."""

from dataclasses import dataclass

import torch
from torch import nn

from models.inputs import Batch

KINDS = ("rupture", "withdrawal", "confrontation", "repair")


@dataclass(frozen=True)
class UnitLogits:
    """Raw scores: `kinds` (units, 4), `codes` (units, codes) given their kind, `intensity` (units,),
    `evidence` (windows, tokens, 2): client markers, therapist strategies."""

    kinds: torch.Tensor
    codes: torch.Tensor
    intensity: torch.Tensor
    evidence: torch.Tensor


class Heads(nn.Module):
    """Scores units from the encoder's token states.

    A code's head says how likely the code is *given* its kind: P(code) = P(kind) P(code | kind), so
    that rare codes borrow the strength of the kind they belong to.
    """

    def __init__(self, hidden: int, n_codes: int, dropout: float = 0.1):
        super().__init__()
        self.attention = nn.Linear(hidden, 1)
        self.mix = nn.Sequential(nn.Linear(3 * hidden, hidden), nn.GELU(), nn.Dropout(dropout))
        self.kinds = nn.Linear(hidden, len(KINDS))
        self.codes = nn.Linear(hidden, n_codes)
        self.intensity = nn.Linear(hidden, 1)
        self.evidence = nn.Linear(hidden, 2)

    def forward(self, states: torch.Tensor, batch: Batch) -> UnitLogits:
        """`states` (windows, tokens, hidden) in float32."""
        in_unit = batch.unit_of >= 0
        tokens, rows = states[in_unit], batch.unit_of[in_unit]
        n = len(batch.units)
        first = torch.ones_like(rows, dtype=torch.bool)
        first[1:] = rows[1:] != rows[:-1]
        unit = self.mix(
            torch.cat([tokens[first], _mean(tokens, rows, n), self._attended(tokens, rows, n)], dim=-1)
        )
        return UnitLogits(
            self.kinds(unit), self.codes(unit), self.intensity(unit).squeeze(-1), self.evidence(states)
        )

    def _attended(self, tokens: torch.Tensor, rows: torch.Tensor, n: int) -> torch.Tensor:
        weight = self.attention(tokens).squeeze(-1).clamp(-20, 20).exp()
        total = torch.zeros(n, dtype=weight.dtype, device=weight.device).index_add(0, rows, weight)
        return _sum(tokens * weight.unsqueeze(-1), rows, n) / total.unsqueeze(-1)


class Network(nn.Module):
    """Encoder and heads together."""

    def __init__(self, encoder: nn.Module, n_codes: int, dropout: float = 0.1):
        super().__init__()
        self.encoder = encoder
        self.heads = Heads(encoder.config.hidden_size, n_codes, dropout)

    def forward(self, batch: Batch) -> UnitLogits:
        states = self.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
        return self.heads(states.float(), batch)


def _sum(tokens: torch.Tensor, rows: torch.Tensor, n: int) -> torch.Tensor:
    zeros = torch.zeros(n, tokens.shape[-1], dtype=tokens.dtype, device=tokens.device)
    return zeros.index_add(0, rows, tokens)


def _mean(tokens: torch.Tensor, rows: torch.Tensor, n: int) -> torch.Tensor:
    return _sum(tokens, rows, n) / torch.bincount(rows, minlength=n).clamp(min=1).unsqueeze(-1)
