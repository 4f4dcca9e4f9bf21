"""Reads a transcript window by window and gathers raw scores per turn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from models.inputs import (
    Batch,
    Unit,
    Window,
    encode_turns,
    fill_batches,
    make_batch,
    plan_windows,
    window_size,
)
from models.network import KINDS, UnitLogits
from nlp.transcript import Transcript

Run = Callable[[Batch], UnitLogits]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class WindowScheme:
    """How transcripts are cut: tokens a window, tokens of context before what is judged, tokens a batch."""

    limit: int = 384
    context: int = 160
    batch_tokens: int = 6144

    @property
    def longest_unit(self) -> int:
        return self.limit - self.context


@dataclass(frozen=True)
class RawScores:
    """Logits per turn: `kinds` (turns, 4), `codes` (turns, codes) given their kind, `intensity` (turns,).

    `tokens` holds, per turn, (start, end, evidence logit) of each token, offsets within the turn.
    """

    kinds: np.ndarray
    codes: np.ndarray
    intensity: np.ndarray
    tokens: tuple[np.ndarray, ...]


def score_turns(
    transcript: Transcript,
    tokenizer: PreTrainedTokenizerFast,
    run: Run,
    scheme: WindowScheme,
    n_codes: int,
    progress: Progress | None = None,
) -> RawScores:
    """Raw scores of every turn. A turn longer than a window is read in pieces; its highest scores count."""
    units = encode_turns(transcript, tokenizer, scheme.longest_unit)
    n = len(transcript.turns)
    kinds, codes = np.full((n, len(KINDS)), -np.inf, np.float32), np.full((n, n_codes), -np.inf, np.float32)
    intensity = np.full(n, -np.inf, np.float32)
    tokens: list[list[tuple[int, int, float]]] = [[] for _ in range(n)]
    windows = plan_windows([len(u) for u in units], scheme.limit, scheme.context)
    done = 0
    for chosen in batches_by_length(windows, units, scheme.batch_tokens):
        batch = make_batch([(units, w) for w in chosen], tokenizer)
        with torch.inference_mode():
            logits = run(batch)
        for row, (w, u) in enumerate(batch.units):
            if u < chosen[w].judged:
                continue
            unit = units[u]
            kinds[unit.turn] = np.maximum(kinds[unit.turn], logits.kinds[row].numpy())
            codes[unit.turn] = np.maximum(codes[unit.turn], logits.codes[row].numpy())
            intensity[unit.turn] = max(intensity[unit.turn], float(logits.intensity[row]))
            tokens[unit.turn].extend(_token_scores(unit, logits.evidence[w], batch.unit_of[w] == row))
        done += sum(w.last - w.judged for w in chosen)
        if progress:
            progress(round(n * done / len(units)), n)
    return RawScores(
        kinds,
        codes,
        intensity,
        tuple(np.array(sorted(t), np.float32).reshape(-1, 3) for t in tokens),
    )


def batches_by_length(
    windows: Sequence[Window], units: Sequence[Unit], batch_tokens: int
) -> list[list[Window]]:
    """Windows of like length together, each batch within `batch_tokens` padded tokens (or one window)."""

    def size(window: Window) -> int:
        return window_size(units, window) + 2  # the tokens that open and close it

    return fill_batches(sorted(windows, key=size, reverse=True), size, batch_tokens)


def _token_scores(unit: Unit, evidence: torch.Tensor, mine: torch.Tensor) -> Iterator[tuple[int, int, float]]:
    column = 1 if unit.speaker == "therapist" else 0
    scores = evidence[mine][:, column].tolist()
    for (start, end), score in zip(unit.offsets, scores, strict=True):
        if end > start:
            yield start, end, score
