"""The network: an encoder reads windows, small heads score every unit in the light of its whole session."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, unpack_sequence

from models.inputs import Batch

KINDS = ("rupture", "withdrawal", "confrontation", "repair")


@dataclass(frozen=True)
class UnitStates:
    """What reading a batch gives: `vectors` (units, hidden), one a unit, and `evidence` (windows, tokens, 2),
    the logits that a token shows a client's marker or a therapist's strategy."""

    vectors: torch.Tensor
    evidence: torch.Tensor


@dataclass(frozen=True)
class UnitLogits:
    """Raw scores: `kinds` (units, 4), `codes` (units, codes) given their kind, `intensity` (units,)."""

    kinds: torch.Tensor
    codes: torch.Tensor
    intensity: torch.Tensor


class Reader(Protocol):
    """The network in two steps: windows are read apart, a session's units are judged together."""

    @property
    def device(self) -> torch.device:
        """Where batches must lie."""
        ...

    def read(self, batch: Batch) -> UnitStates:
        """Vectors and evidence of a batch of windows."""
        ...

    def judge(self, vectors: torch.Tensor, sizes: Sequence[int]) -> UnitLogits:
        """Scores of units in order; `sizes` says how many belong to each session."""
        ...


class Heads(nn.Module):
    """Scores units from the encoder's token states.

    A unit's vector is made of its first token, the mean and an attended mean of its tokens. A recurrent
    layer then reads a session's vectors both ways, so that a turn is judged knowing how the hour goes.
    A code's head says how likely the code is *given* its kind: P(code) = P(kind) P(code | kind), so
    that rare codes borrow the strength of the kind they belong to.
    """

    def __init__(self, hidden: int, n_codes: int, dropout: float = 0.1):
        super().__init__()
        self.attention = nn.Linear(hidden, 1)
        self.mix = nn.Sequential(nn.Linear(3 * hidden, hidden), nn.GELU(), nn.Dropout(dropout))
        self.session = nn.GRU(hidden, hidden // 2, bidirectional=True)
        self.from_session = nn.Linear(hidden, hidden)
        nn.init.zeros_(self.from_session.weight)
        nn.init.zeros_(self.from_session.bias)
        self.kinds = nn.Linear(hidden, len(KINDS))
        self.codes = nn.Linear(hidden, n_codes)
        self.intensity = nn.Linear(hidden, 1)
        self.evidence = nn.Linear(hidden, 2)

    def read(self, states: torch.Tensor, batch: Batch) -> UnitStates:
        """`states` (windows, tokens, hidden) in float32."""
        in_unit = batch.unit_of >= 0
        tokens, rows = states[in_unit], batch.unit_of[in_unit]
        n = len(batch.units)
        first = torch.ones_like(rows, dtype=torch.bool)
        first[1:] = rows[1:] != rows[:-1]
        vectors = self.mix(
            torch.cat([tokens[first], _mean(tokens, rows, n), self._attended(tokens, rows, n)], dim=-1)
        )
        return UnitStates(vectors, self.evidence(states))

    def judge(self, vectors: torch.Tensor, sizes: Sequence[int]) -> UnitLogits:
        """See Reader."""
        packed, _ = self.session(pack_sequence(vectors.split(list(sizes)), enforce_sorted=False))
        seen = vectors + self.from_session(torch.cat(unpack_sequence(packed)))
        return UnitLogits(self.kinds(seen), self.codes(seen), self.intensity(seen).squeeze(-1))

    def _attended(self, tokens: torch.Tensor, rows: torch.Tensor, n: int) -> torch.Tensor:
        weight = self.attention(tokens).squeeze(-1).clamp(-20, 20).exp()
        total = torch.zeros(n, dtype=weight.dtype, device=weight.device).index_add(0, rows, weight)
        return _sum(tokens * weight.unsqueeze(-1), rows, n) / total.unsqueeze(-1)


class Network(nn.Module):
    """Encoder and heads together; a Reader."""

    def __init__(self, encoder: nn.Module, n_codes: int, dropout: float = 0.1):
        super().__init__()
        self.encoder = encoder
        self.heads = Heads(encoder.config.hidden_size, n_codes, dropout)

    @property
    def device(self) -> torch.device:
        """See Reader."""
        return self.heads.kinds.weight.device

    def read(self, batch: Batch) -> UnitStates:
        """See Reader."""
        states = self.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
        with torch.autocast(self.device.type, enabled=False):
            return self.heads.read(states.float(), batch)

    def judge(self, vectors: torch.Tensor, sizes: Sequence[int]) -> UnitLogits:
        """See Reader."""
        return self.heads.judge(vectors, sizes)


def _sum(tokens: torch.Tensor, rows: torch.Tensor, n: int) -> torch.Tensor:
    zeros = torch.zeros(n, tokens.shape[-1], dtype=tokens.dtype, device=tokens.device)
    return zeros.index_add(0, rows, tokens)


def _mean(tokens: torch.Tensor, rows: torch.Tensor, n: int) -> torch.Tensor:
    return _sum(tokens, rows, n) / torch.bincount(rows, minlength=n).clamp(min=1).unsqueeze(-1)
