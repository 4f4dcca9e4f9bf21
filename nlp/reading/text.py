"""Plain text: one turn a line or more, each headed by its speaker, in the line or above it.

Each head opens a turn of its own, even when the same speaker goes on. A line without a head
belongs to the turn before it. What stands before the first turn is front matter: it is left out,
and its lines are named.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from nlp.errors import InputError
from nlp.reading.front_matter import count_front_lines, is_closing
from nlp.reading.labels import (
    Head,
    candidate_head,
    choose_labels,
    is_about_the_file,
    own_line_head,
    split_stamp,
)
from nlp.reading.pieces import Notes, Piece, Reading
from nlp.reading.times import parse_clock

MAX_LINES = 500_000  # of any text file, blank ones and all
MAX_TALK_LINES = 60_000  # with words, in a transcript of lines

_LINE_END = re.compile(r"\r\n|\r|\n")
_NUMBER = re.compile(r"[\[(#]?(\d{1,6})[.):\]]{0,2} (?=\S)", re.ASCII)
_NUMBERED_LABEL = re.compile(r"([^\W\d_]{1,20}) ?(\d{1,4})\Z", re.ASCII)
_DATED = re.compile(r"\[?\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}:\d{2}")
_END_STAMP = re.compile(r" ?#(\d{2}:\d{2}:\d{2})-\d{1,3}#\Z")


@dataclass(frozen=True)
class Line:
    """One line with words; `after_gap` when a blank line stands before it. White space is single spaces."""

    place: int
    text: str
    after_gap: bool = False


def split_raw_lines(text: str) -> list[str]:
    """All lines as they are; refused when there are more than any session has."""
    if text.count("\n") + text.count("\r") > MAX_LINES:
        raise InputError(
            f"This file has more than {MAX_LINES} lines, which no session has. Give one session.",
            "too_large",
        )
    return _LINE_END.split(text)


def split_lines(text: str) -> list[Line]:
    """The lines that have words, with their numbers from 1."""
    return list(number_lines(split_raw_lines(text)))


def number_lines(texts: Iterable[str]) -> Iterator[Line]:
    gap = False
    for place, text in enumerate(texts, 1):
        words = " ".join(text.split())
        if words:
            yield Line(place, words, gap)
        gap = not words


def read_text(text: str, notes: Notes) -> Reading:
    """A plain-text transcript."""
    notes.unit = "line"
    lines = split_lines(text)
    return read_lines(lines, notes, {"lines": len(lines)})


def read_lines(lines: list[Line], notes: Notes, counts: dict[str, int], source_format: str = "") -> Reading:
    """A transcript from lines, whether they come from a text file, a Word document or a PDF."""
    if len(lines) > MAX_TALK_LINES:
        raise InputError(
            f"This file has {len(lines)} lines with words; at most {MAX_TALK_LINES} are read.", "too_large"
        )
    lines = _without_numbers(lines, notes)
    heads, style = _find_heads(lines, notes)
    front = count_front_lines(lines, heads)
    for line in lines[:front]:
        notes.add(line.place, "before the first turn (title or front matter); left out.")
    pieces = _assemble(lines[front:], heads[front:], notes)
    if style == "zoom_text" or _dated(lines):
        pieces = from_first_time(pieces)
    return Reading(source_format or style, pieces, counts)


def from_first_time(pieces: list[Piece]) -> list[Piece]:
    """Times of day as seconds from the first one; midnight may pass once."""
    first = next((p.start for p in pieces if p.start is not None), 0.0)

    def since(time: float | None) -> float | None:
        if time is None:
            return None
        passed = time - first
        return round(passed + 86_400 if passed < -43_200 else max(passed, 0.0), 3)

    return [replace(p, start=since(p.start), end=since(p.end)) for p in pieces]


def _without_numbers(lines: list[Line], notes: Notes) -> list[Line]:
    """Takes off line or turn numbers when most lines begin with one and they rise."""
    matches = [_NUMBER.match(line.text) for line in lines]
    numbers = [int(m[1]) for m in matches if m]
    rising = sum(b > a for a, b in zip(numbers, numbers[1:], strict=False))
    heads = sum(
        candidate_head(line.text[m.end() :]) is not None for line, m in zip(lines, matches, strict=True) if m
    )
    if len(numbers) < 2 or rising < 0.9 * (len(numbers) - 1) or len(numbers) < 0.5 * len(lines) or heads < 2:
        return lines
    notes.about_file("line numbers were taken off the beginning of the lines.")
    return [
        replace(line, text=line.text[m.end() :]) if m else line
        for line, m in zip(lines, matches, strict=True)
    ]


def _find_heads(lines: list[Line], notes: Notes) -> tuple[list[Head | None], str]:
    """The head of each line, if it has one, and whether heads stand in the line or above the text."""
    in_line = _drop_turn_numbers([candidate_head(line.text) for line in lines])
    above = [own_line_head(line.text) for line in lines]
    in_line_labels = choose_labels([h.label for h in in_line if h])
    above_labels = choose_labels([h.label for h in above if h])
    many_in_line = sum(h is not None and bool(h.rest) and h.label in in_line_labels for h in in_line)
    many_above = sum(h is not None and h.label in above_labels for h in above)
    if many_above >= 2 and many_above > many_in_line:
        heads = [h if h and h.label in above_labels else None for h in above]
        return heads, _style_above(lines, heads)
    return _believed(lines, in_line, in_line_labels, notes), "text"


def _style_above(lines: list[Line], heads: list[Head | None]) -> str:
    """Zoom brackets the name before the time of day; Otter puts a time after the name; others put no time."""
    first = next(i for i, h in enumerate(heads) if h)
    if heads[first].start is None or lines[first].text.endswith(":"):
        return "text"
    return "zoom_text" if re.match(r"\[[^\]\d:]", lines[first].text) else "otter"


def _dated(lines: list[Line]) -> bool:
    """Whether lines begin with a date and a time of day, as phone chats do."""
    return bool(lines) and sum(bool(_DATED.match(line.text)) for line in lines[:200]) > 0.5 * len(lines[:200])


def _drop_turn_numbers(heads: list[Head | None]) -> list[Head | None]:
    """`T1:`, `C2:`, `T3:` number the turns, not the speakers, when hardly any comes twice."""
    matches = [_NUMBERED_LABEL.match(h.label) if h else None for h in heads]
    labels = Counter(m[0] for m in matches if m)
    stems = {m[1] for m in matches if m}
    if len({m[2] for m in matches if m}) < 5 or len(labels) < 0.8 * labels.total() or len(stems) > 6:
        return heads
    return [replace(h, label=m[1]) if h and m else h for h, m in zip(heads, matches, strict=True)]


def _believed(
    lines: list[Line], heads: list[Head | None], labels: dict[str, bool], notes: Notes
) -> list[Head | None]:
    """Heads that are speakers. A name seen once counts where turns are short or set apart by gaps."""
    some = [h for h in heads if h and h.label in labels]
    wrapped = len(lines) - len(some) > 0.1 * len(lines)
    believed: list[Head | None] = []
    for line, head in zip(lines, heads, strict=True):
        if head and labels.get(head.label) is False and len(labels) > 2:
            if wrapped and not line.after_gap:
                notes.add(line.place, "words before a colon, seen once, were not taken as a speaker.")
                head = None
            else:
                notes.add(line.place, "a name seen only once was taken as a speaker; check this turn.")
        believed.append(head if head and head.label in labels else None)
    return believed


def _assemble(lines: list[Line], heads: list[Head | None], notes: Notes) -> list[Piece]:
    pieces: list[Piece] = []
    texts: list[list[str]] = []
    mark: float | None = None  # a time that stood alone, for the next turn
    for line, head in zip(lines, heads, strict=True):
        if head:
            start = mark if head.start is None else head.start
            pieces.append(Piece(line.place, head.label, "", start))
            texts.append([head.rest])
            mark = None
        elif is_closing(line.text):
            notes.add(line.place, "a closing remark about the transcript; left out.")
        elif (alone := _time_alone(line.text)) is not None:
            notes.add(line.place, "a time standing alone; used as the start of the next turn.")
            mark = alone
        elif _is_note(line.text):
            notes.add(line.place, "a note about the transcript among the turns; left out.")
        elif pieces:
            if line.after_gap:
                notes.add(line.place, "a paragraph without a speaker; given to the speaker before.")
            texts[-1].append(line.text)
    return [_with_text(piece, " ".join(text)) for piece, text in zip(pieces, texts, strict=True)]


def _with_text(piece: Piece, text: str) -> Piece:
    """The piece with its text; a `#00:01:20-5#` at its end (f4, MAXQDA) is its end time."""
    match = _END_STAMP.search(text[-24:])
    if not match:
        return replace(piece, text=text)
    return replace(piece, text=text[: len(text) - len(match[0])], end=parse_clock(match[1]))


def _time_alone(text: str) -> float | None:
    start, rest = split_stamp(text)
    return start if not rest else None


def _is_note(text: str) -> bool:
    head = candidate_head(text)
    return head is not None and is_about_the_file(head.label) and len(head.label) > 3
