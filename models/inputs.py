"""What the encoder reads: windows of consecutive turns.

A *unit* is a turn, or a piece of one that is too long for a window. Each unit is read as one token
naming its speaker, then its words. A *window* is a run of units: the first ones are context only,
the others are judged. A unit that is judged is always in the window whole, with what came before it;
the oldest text is cut first.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from transformers import PreTrainedTokenizerFast

from nlp.transcript import Speaker, Transcript

Item = TypeVar("Item")
_SPEAKER_WORD = {Speaker.THERAPIST: "therapist", Speaker.CLIENT: "client", Speaker.OTHER: "speaker"}


@dataclass(frozen=True)
class Unit:
    """A turn or a piece of one: token ids (the speaker's first) and where each token lies in the turn."""

    turn: int
    speaker: Speaker
    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]  # (0, 0) for the speaker token

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Window:
    """Units `first` to `last` (excluded) are read, those from `judged` on are judged."""

    first: int
    judged: int
    last: int


@dataclass(frozen=True)
class Batch:
    """Windows as tensors: ids, mask and, per token, the row of its unit in the batch (-1: none).

    Shapes: `ids`, `mask`, `unit_of` (windows, tokens). `units` lists, per row, (window, unit).
    """

    ids: torch.Tensor
    mask: torch.Tensor
    unit_of: torch.Tensor
    units: tuple[tuple[int, int], ...]

    def to(self, device: str | torch.device) -> "Batch":
        """The batch with its tensors on a device."""
        return Batch(self.ids.to(device), self.mask.to(device), self.unit_of.to(device), self.units)


def encode_turns(transcript: Transcript, tokenizer: PreTrainedTokenizerFast, longest: int) -> list[Unit]:
    """The transcript as units of at most `longest` tokens, in order; an empty turn is its speaker alone."""
    if not transcript.turns:
        return []
    words = {s: tokenizer.convert_tokens_to_ids(w) for s, w in _SPEAKER_WORD.items()}
    encoded = tokenizer(
        [t.text for t in transcript.turns],
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,
    )
    units = []
    for turn, ids, offsets in zip(
        transcript.turns, encoded["input_ids"], encoded["offset_mapping"], strict=True
    ):
        for start in range(0, max(len(ids), 1), longest - 1):
            piece = slice(start, start + longest - 1)
            units.append(
                Unit(
                    turn.index,
                    turn.speaker,
                    (words[turn.speaker], *ids[piece]),
                    ((0, 0), *map(tuple, offsets[piece])),
                )
            )
    return units


def plan_windows(
    lengths: Sequence[int], limit: int, context: int, first_limit: int | None = None
) -> list[Window]:
    """Windows of at most `limit` tokens that judge every unit once, with up to `context` tokens before.

    A later window keeps at least `limit - context` tokens for judged units. `first_limit` shortens
    the first window, so that training sees other cuts each epoch.
    """
    windows: list[Window] = []
    judged = 0
    while judged < len(lengths):
        room = min(limit, first_limit or limit) if judged == 0 else limit - context
        last, used = judged, 0
        while last < len(lengths) and (last == judged or used + lengths[last] <= room):
            used += lengths[last]
            last += 1
        first = judged
        while first > 0 and used + lengths[first - 1] <= limit:
            first -= 1
            used += lengths[first]
        windows.append(Window(first, judged, last))
        judged = last
    return windows


def window_size(units: Sequence[Unit], window: Window) -> int:
    """How many tokens a window's units have."""
    return sum(len(u) for u in units[window.first : window.last])


def fill_batches(items: Iterable[Item], size: Callable[[Item], int], most: int) -> list[list[Item]]:
    """Items in their order, as many to a batch as fit in `most` if each is as long as its first; at least one."""
    batches: list[list[Item]] = []
    for item in items:
        if not batches or (len(batches[-1]) + 1) * size(batches[-1][0]) > most:
            batches.append([])
        batches[-1].append(item)
    return batches


def make_batch(windows: Sequence[tuple[Sequence[Unit], Window]], tokenizer: PreTrainedTokenizerFast) -> Batch:
    """Windows (each with its transcript's units) as padded tensors; rows of units are window by window."""
    rows, units_of, units = [], [], []
    for w, (all_units, window) in enumerate(windows):
        ids, unit_of = [tokenizer.cls_token_id], [-1]
        for u in range(window.first, window.last):
            ids.extend(all_units[u].ids)
            unit_of.extend([len(units)] * len(all_units[u]))
            units.append((w, u))
        rows.append([*ids, tokenizer.sep_token_id])
        units_of.append([*unit_of, -1])
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), tokenizer.pad_token_id, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    unit_of_token = torch.full((len(rows), longest), -1, dtype=torch.long)
    for i, (row, of) in enumerate(zip(rows, units_of, strict=True)):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
        unit_of_token[i, : len(of)] = torch.tensor(of)
    return Batch(ids, mask, unit_of_token, tuple(units))
