"""WebVTT and SRT: timed cues whose voices are named by tags, prefixes, cue ids or a line of their own.

Captions are cut by time, not by turn, so neighbouring cues of one speaker are one turn.
"""

import html
import re
from dataclasses import dataclass

from nlp.reading.labels import candidate_head, choose_labels, own_line_head
from nlp.reading.limits import MAX_PIECES, at_most
from nlp.reading.lines import split_raw_lines
from nlp.reading.pieces import Notes, Piece, Reading, clean
from nlp.reading.times import CLOCK, parse_clock

_ARROW = re.compile(rf"\s{{0,9}}({CLOCK})\s{{0,9}}-->\s{{0,9}}({CLOCK})", re.ASCII)
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,60})?[ \t]{1,9}([^<>]{1,200})>|(</v>)", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:c|i|b|u|v|s|ruby|rt|lang|font)(?:[.\s][^<>]{0,200})?>|<[\d:.]{5,16}>|\{\\an\d\}", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|lrm|rlm|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_WEBEX_ID = re.compile(r'\s{0,9}\d{1,6} "([^"]{1,80})"')


@dataclass(frozen=True)
class Cue:
    """One caption: its number from 1, its times, its lines of text, and its id when it has one."""

    number: int
    start: float | None
    end: float | None
    lines: tuple[str, ...]
    id: str = ""


def is_timing(line: str) -> bool:
    """Whether a line gives a cue's times."""
    return len(line) < 400 and bool(_ARROW.match(line))


def read_captions(text: str, notes: Notes) -> Reading:
    """A WebVTT or SRT file, or anything else in cues with `-->` between their times."""
    notes.unit = "cue"
    web = text.lstrip().startswith("WEBVTT")
    at_most(text.count("<"), 2 * MAX_PIECES, "tags")
    cues = _find_cues(split_raw_lines(text), notes)
    for cue in cues:
        if not any(clean(line) for line in cue.lines):
            notes.add(cue.number, "empty; left out.")
    filled = [c for c in cues if any(clean(line) for line in c.lines)]
    pieces = _name_pieces(filled, notes)
    pieces = [Piece(p.place, _plain(p.name, web), _plain(p.text, web) or "", p.start, p.end) for p in pieces]
    return Reading("webvtt" if web else "srt", pieces, {"cues": len(cues)}, joins=True)


def _find_cues(lines: list[str], notes: Notes) -> list[Cue]:
    """Every cue, with the lines up to the next cue's id or times."""
    timings = [i for i, line in enumerate(lines) if is_timing(line)]
    at_most(len(timings), MAX_PIECES, "cues")
    ids = [i - 1 if i and lines[i - 1].strip() and _is_id(lines, i - 1) else i for i in timings]
    _note_head(lines[: ids[0]] if ids else lines, notes)
    cues = []
    for number, (i, end) in enumerate(
        zip(timings, (*ids[1:], *([len(lines)] if ids else ())), strict=True), 1
    ):
        times = _ARROW.match(lines[i])
        cue_id = lines[ids[number - 1]] if ids[number - 1] != i else ""
        body = _without_notes(lines, i + 1, end, number, notes)
        cues.append(Cue(number, parse_clock(times[1]), parse_clock(times[2]), tuple(body), cue_id))
    return cues


def _is_id(lines: list[str], i: int) -> bool:
    """A line right above the times is the cue's id when a gap stands above it, or when it is a number."""
    if is_timing(lines[i]):
        return False
    return i == 0 or not lines[i - 1].strip() or lines[i].strip().isdecimal()


def _note_head(lines: list[str], notes: Notes) -> None:
    for place, line in enumerate(lines, 1):
        if line.strip() and line.strip("\ufeff \t") != "WEBVTT":
            notes.add(place, "before the first cue (header, style or note); left out.", "line")


def _without_notes(lines: list[str], begin: int, end: int, number: int, notes: Notes) -> list[str]:
    """The cue's own lines; NOTE blocks after a blank line are left out, stray lines are kept and noted."""
    kept: list[str] = []
    gap = in_note = False
    for i in range(begin, end):
        line = lines[i].strip()
        if not line:
            gap, in_note = True, False
        elif in_note or (gap and re.match(r"(?:NOTE|STYLE|REGION)(?:\s|\Z)", line)):
            in_note = True
            notes.add(i + 1, "a note or style block; left out.", "line")
        else:
            if gap and kept:
                notes.add(number, "text after a blank line was kept with this cue.")
            kept.append(line)
    return kept


def _name_pieces(cues: list[Cue], notes: Notes) -> list[Piece]:
    """Pieces by the way this file names its speakers."""
    if any(_VOICE.search(line) for cue in cues for line in cue.lines):
        return [piece for cue in cues for piece in _voices(cue)]
    if cues and all(_WEBEX_ID.match(cue.id) for cue in cues):
        return [_piece(c, _WEBEX_ID.match(c.id)[1], c.lines) for c in cues]
    labels = _prefix_labels(cues, notes)
    if labels:
        return [piece for cue in cues for piece in _prefixed(cue, labels)]
    first_lines = choose_labels([h.label for c in cues if len(c.lines) > 1 and (h := _first_line_label(c))])
    return [_named_above(cue, first_lines) for cue in cues]


def _piece(cue: Cue, name: str | None, lines: tuple[str, ...] | list[str]) -> Piece:
    return Piece(cue.number, name, " ".join(lines), cue.start, cue.end)


def _voices(cue: Cue) -> list[Piece]:
    """`<v Name>text</v>`, any number in a cue; text outside of them has no name."""
    text = " ".join(cue.lines)
    pieces, name, begin = [], None, 0
    for match in _VOICE.finditer(text):
        pieces.append(_piece(cue, name, [text[begin : match.start()]]))
        name, begin = match[1], match.end()
    pieces.append(_piece(cue, name, [text[begin:]]))
    return [p for p in pieces if clean(_TAG.sub("", p.text))]


def _prefix_labels(cues: list[Cue], notes: Notes) -> set[str]:
    """The `Name:` prefixes that are speakers; in files where most cues have one, a single one counts too."""
    heads = [
        (cue, i, h) for cue in cues for i, line in enumerate(cue.lines) if (h := candidate_head(_tidy(line)))
    ]
    labels = choose_labels([h.label for _, _, h in heads])
    named = {cue.number for cue, i, h in heads if i == 0 and h.label in labels}
    habit = len(named) >= 0.8 * len(cues)
    for cue, _, head in heads:
        if labels.get(head.label) is False:
            if habit or len(labels) <= 2:
                notes.add(cue.number, "a name seen only once was taken as a speaker; check this turn.")
            else:
                notes.add(cue.number, "words before a colon, seen once, were not taken as a speaker.")
    return {label for label, sure in labels.items() if sure or habit or len(labels) <= 2}


def _prefixed(cue: Cue, labels: set[str]) -> list[Piece]:
    names: list[str | None] = []
    texts: list[list[str]] = []
    for line in cue.lines:
        head = candidate_head(_tidy(line))
        if head and head.label in labels:
            names.append(head.label)
            texts.append([head.rest])
        elif names:
            texts[-1].append(line)
        else:
            names.append(None)
            texts.append([line])
    return [_piece(cue, name, text) for name, text in zip(names, texts, strict=True)]


def _first_line_label(cue: Cue):
    line = _tidy(cue.lines[0])
    return own_line_head(line) or candidate_head(line.rstrip(":") + ":")


def _named_above(cue: Cue, labels: dict[str, bool]) -> Piece:
    """The name on the cue's first line (Teams in Word, Premiere)."""
    head = _first_line_label(cue) if len(cue.lines) > 1 else None
    if head and labels.get(head.label) and not head.rest:
        return _piece(cue, head.label, cue.lines[1:])
    return _piece(cue, None, cue.lines)


def _tidy(line: str) -> str:
    return " ".join(_TAG.sub("", line).split())


def _plain(text: str | None, web: bool) -> str | None:
    """Text without markup; WebVTT's character references are resolved."""
    if text is None:
        return None
    text = _TAG.sub("", text)
    return _ENTITY.sub(lambda m: html.unescape(m[0]), text) if web else text
