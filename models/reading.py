"""Reads windows in batches of like length and hands back the units they judge, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerFast

from models.inputs import Batch, Unit, Window, fill_batches, make_batch, window_size
from models.network import Reader

Windowed = tuple[Sequence[Unit], Window]


@dataclass(frozen=True)
class Reading:
    """The judged units of some windows, in the windows' order: `vectors` (units, hidden) and, per unit,
    `evidence` (tokens, 2)."""

    vectors: torch.Tensor
    evidence: tuple[torch.Tensor, ...]


def read_windows(
    windows: Sequence[Windowed],
    reader: Reader,
    tokenizer: PreTrainedTokenizerFast,
    batch_tokens: int,
    progress: Callable[[int], None] | None = None,
) -> Reading:
    """Reads at most `batch_tokens` padded tokens (or one window) at once; `progress` is told of units done."""
    vectors: list[torch.Tensor | None] = [None] * len(windows)
    evidence: list[list[torch.Tensor]] = [[] for _ in windows]
    for chosen in batches_by_length(windows, batch_tokens):
        batch = make_batch([windows[i] for i in chosen], tokenizer).to(reader.device)
        states = reader.read(batch)
        for place, rows in enumerate(_judged_rows(batch, [windows[i][1] for i in chosen])):
            vectors[chosen[place]] = states.vectors[rows[0] : rows[-1] + 1]
            evidence[chosen[place]] = [states.evidence[place][batch.unit_of[place] == row] for row in rows]
        if progress:
            progress(sum(windows[i][1].last - windows[i][1].judged for i in chosen))
    return Reading(torch.cat(vectors), tuple(e for found in evidence for e in found))


def batches_by_length(windows: Sequence[Windowed], batch_tokens: int) -> list[list[int]]:
    """Places of windows of like length together, each batch within `batch_tokens` padded tokens (or one window)."""

    def size(place: int) -> int:
        return window_size(*windows[place]) + 2  # the tokens that open and close it

    return fill_batches(sorted(range(len(windows)), key=size, reverse=True), size, batch_tokens)


def _judged_rows(batch: Batch, windows: Sequence[Window]) -> list[list[int]]:
    """Per window, the rows of the units it judges."""
    rows: list[list[int]] = [[] for _ in windows]
    for row, (w, u) in enumerate(batch.units):
        if u >= windows[w].judged:
            rows[w].append(row)
    return rows
