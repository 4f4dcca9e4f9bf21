"""Reads a transcript window by window and gathers raw scores per turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from models.inputs import Unit, encode_turns, plan_windows
from models.network import KINDS, Reader
from models.reading import read_windows
from nlp.transcript import Transcript

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

    `vectors` (turns, hidden) are what the turns are judged on. `tokens` holds, per turn, (start, end, evidence logit) of each token, offsets within the turn.
    """

    kinds: np.ndarray
    codes: np.ndarray
    intensity: np.ndarray
    vectors: np.ndarray
    tokens: tuple[np.ndarray, ...]


def score_turns(
    transcript: Transcript,
    tokenizer: PreTrainedTokenizerFast,
    reader: Reader,
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
    vectors: list[np.ndarray] = [np.zeros(0, np.float32)] * n
    if units:
        windows = [(units, w) for w in plan_windows([len(u) for u in units], scheme.limit, scheme.context)]
        with torch.inference_mode():
            said = progress and _rising(progress, len(units), n)
            reading = read_windows(windows, reader, tokenizer, scheme.batch_tokens, progress=said)
            logits = reader.judge(reading.vectors, [len(units)])
        for row, unit in enumerate(units):
            if (
                logits.kinds[row].max() >= kinds[unit.turn].max()
            ):  # of the pieces of a long turn, the strongest
                vectors[unit.turn] = reading.vectors[row].cpu().numpy()
            kinds[unit.turn] = np.maximum(kinds[unit.turn], logits.kinds[row].cpu().numpy())
            codes[unit.turn] = np.maximum(codes[unit.turn], logits.codes[row].cpu().numpy())
            intensity[unit.turn] = max(intensity[unit.turn], float(logits.intensity[row]))
            tokens[unit.turn].extend(_token_scores(unit, reading.evidence[row]))
    return RawScores(
        kinds,
        codes,
        intensity,
        np.stack(vectors) if n else np.zeros((0, 0), np.float32),
        tuple(np.array(sorted(t), np.float32).reshape(-1, 3) for t in tokens),
    )


def _rising(progress: Progress, units: int, turns: int) -> Callable[[int], None]:
    """Turns counts of units just done into turns done of all."""
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        progress(round(turns * done / units), turns)

    return more


def _token_scores(unit: Unit, evidence: torch.Tensor) -> Iterator[tuple[int, int, float]]:
    column = 1 if unit.speaker == "therapist" else 0
    for (start, end), score in zip(unit.offsets, evidence[:, column].tolist(), strict=True):
        if end > start:
            yield start, end, score
