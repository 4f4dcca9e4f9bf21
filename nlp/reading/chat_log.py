"""Zoom's saved chats: `10:15:02 From Alice to Everyone: text`. Every message is a turn of its own."""

import re

from nlp.reading.lines import split_lines
from nlp.reading.pieces import Notes, Piece, Reading
from nlp.reading.text import from_first_time
from nlp.reading.times import parse_clock

_MESSAGE = re.compile(
    r"(?:\d{4}-\d\d-\d\d )?(\d{1,2}:\d\d:\d\d) From ([^:]{1,120}?)(?: to ([^:]{1,120}?))? ?"
    r"(\((?:privately|direct message)\))? ?:(?: |\Z)",
    re.IGNORECASE,
)


def looks_like_chat_log(text: str) -> bool:
    """Whether the first lines with words are chat messages."""
    lines = [" ".join(line.split()) for line in text[:4000].splitlines() if line.strip()]
    return bool(lines) and sum(bool(_MESSAGE.match(line)) for line in lines[:40]) >= max(
        1, len(lines[:40]) // 6
    )


def read_chat_log(text: str, notes: Notes) -> Reading:
    """A chat saved by Zoom, times counted from the first message."""
    notes.unit = "line"
    lines = split_lines(text)
    pieces: list[Piece] = []
    for line in lines:
        match = _MESSAGE.match(line.text)
        if match:
            pieces.append(Piece(line.place, match[2], line.text[match.end() :], parse_clock(match[1])))
            if match[4] or (match[3] or "").casefold().endswith("(direct message)"):
                notes.add(line.place, "a private message; kept.")
        elif pieces:
            last = pieces[-1]
            pieces[-1] = Piece(last.place, last.name, f"{last.text} {line.text}", last.start)
        else:
            notes.add(line.place, "before the first message; left out.")
    return Reading("zoom_chat", from_first_time(pieces), {"lines": len(lines)})
