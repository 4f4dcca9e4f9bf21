"""Decides which lines of a text open a turn, and whose."""

import re
from collections import Counter
from dataclasses import replace

from nlp.reading.labels import Head, candidate_head, choose_labels, dash_head, own_line_head
from nlp.reading.lines import Line
from nlp.reading.pieces import Notes

_NUMBERED_LABEL = re.compile(r"([^\W\d_]{1,20}) ?(\d{1,4})\Z", re.ASCII)
_ASIDE = re.compile(r"(.*\S) ?([\[(][^\[\]()]{1,40}[\])])\Z")


def find_heads(lines: list[Line], notes: Notes) -> tuple[list[Head | None], str]:
    """The head of each line, if it has one, and whether heads stand in the line or above the text."""
    in_line = _without_asides(_drop_turn_numbers([candidate_head(line.text) for line in lines]))
    above = [own_line_head(line.text) for line in lines]
    in_line_labels = choose_labels([h.label for h in in_line if h])
    above_labels = choose_labels([h.label for h in above if h])
    many_in_line = sum(h is not None and bool(h.rest) and h.label in in_line_labels for h in in_line)
    many_above = sum(h is not None and h.label in above_labels for h in above)
    if many_above >= 2 and many_above > many_in_line:
        heads = [h if h and h.label in above_labels else None for h in above]
        return heads, _style_above(lines, heads)
    if not in_line_labels:
        in_line = [dash_head(line.text) for line in lines]
        in_line_labels = choose_labels([h.label for h in in_line if h])
    return _believed(lines, in_line, in_line_labels, notes), "text"


def _style_above(lines: list[Line], heads: list[Head | None]) -> str:
    """Zoom brackets the name before the time of day; Otter puts a time after the name; others put no time."""
    first = next(i for i, h in enumerate(heads) if h)
    if heads[first].start is None or lines[first].text.endswith(":"):
        return "text"
    return "zoom_text" if re.match(r"\[[^\]\d:]", lines[first].text) else "otter"


def _drop_turn_numbers(heads: list[Head | None]) -> list[Head | None]:
    """`T1:`, `C2:`, `T3:` number the turns, not the speakers, when hardly any comes twice."""
    matches = [_NUMBERED_LABEL.match(h.label) if h else None for h in heads]
    labels = Counter(m[0] for m in matches if m)
    stems = {m[1] for m in matches if m}
    if len({m[2] for m in matches if m}) < 5 or len(labels) < 0.8 * labels.total() or len(stems) > 6:
        return heads
    return [replace(h, label=m[1]) if h and m else h for h, m in zip(heads, matches, strict=True)]


def _without_asides(heads: list[Head | None]) -> list[Head | None]:
    """`C (crying): text` is C where C also speaks without it; the aside goes to the text."""
    plain = {h.label for h in heads if h}
    result: list[Head | None] = []
    for head in heads:
        match = _ASIDE.match(head.label) if head else None
        if match and match[1] in plain:
            head = replace(head, label=match[1], rest=f"{match[2]} {head.rest}")
        result.append(head)
    return result


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
