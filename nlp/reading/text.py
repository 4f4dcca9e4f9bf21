"""Plain text: one turn a line or more, each headed by its speaker, in the line or above it.

Each head opens a turn of its own, even when the same speaker goes on. A line without a head
belongs to the turn before it. What stands before the first turn is front matter: it is left out,
and its lines are named.
"""

import re
from dataclasses import replace

from nlp.reading.front_matter import count_front_lines, is_closing
from nlp.reading.heads import find_heads
from nlp.reading.labels import Head, candidate_head, is_about_the_file, split_stamp
from nlp.reading.limits import MAX_PIECES, at_most, no_speakers
from nlp.reading.lines import Line, split_lines
from nlp.reading.pieces import Notes, Piece, Reading
from nlp.reading.times import parse_clock

_NUMBER = re.compile(r"[\[(#]?(\d{1,6})[.):\]]{0,2} (?=\S)", re.ASCII)
_DATED = re.compile(r"\[?\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}:\d{2}")
_END_STAMP = re.compile(r" ?#(\d{2}:\d{2}:\d{2})-\d{1,3}#\Z")


def read_text(text: str, notes: Notes) -> Reading:
    """A plain-text transcript."""
    notes.unit = "line"
    lines = split_lines(text)
    return read_lines(lines, notes, {"lines": len(lines)})


def read_lines(lines: list[Line], notes: Notes, counts: dict[str, int], source_format: str = "") -> Reading:
    """A transcript from lines, whether they come from a text file, a Word document or a PDF."""
    at_most(len(lines), MAX_PIECES, "lines with words")
    lines = _without_numbers(lines, notes)
    heads, style = find_heads(lines, notes)
    if lines and not any(heads):
        raise no_speakers()
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


def _dated(lines: list[Line]) -> bool:
    """Whether lines begin with a date and a time of day, as phone chats do."""
    return bool(lines) and sum(bool(_DATED.match(line.text)) for line in lines[:200]) > 0.5 * len(lines[:200])


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
