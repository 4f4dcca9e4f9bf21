"""CHAT (`.cha`, TalkBank): `*THE:` main lines with `%` tiers and `@` headers.

CHAT gives a line to every utterance, so neighbouring lines of one speaker are one turn. The
transcriber's codes within the talk are kept as they are; only time marks are taken out.
"""

import re
from dataclasses import dataclass

from nlp.reading.lines import split_raw_lines
from nlp.reading.pieces import Notes, Piece, Reading

_MAIN = re.compile(r"\*([^\s:]{1,20}):\s?")
_BULLET = re.compile(r"\s?\x15(?:[^\x15\n]{0,200}?_)??(\d{1,10})_(\d{1,10})-?\x15")


@dataclass
class _Tier:
    place: int
    lines: list[str]


def looks_like_chat(text: str) -> bool:
    """Whether a file begins as CHAT files do."""
    head = text[:4000].lstrip("\ufeff \r\n")
    return head.startswith(("@UTF8", "@Begin", "@Font")) or (
        head.startswith("@") and re.search(r"^\*[A-Z0-9]{1,7}:\t", head, re.MULTILINE) is not None
    )


def read_chat(text: str, notes: Notes) -> Reading:
    """A CHAT transcript."""
    notes.unit = "line"
    lines = split_raw_lines(text)
    names: dict[str, str] = {}
    pieces = []
    for tier in _tiers(lines):
        words = " ".join(tier.lines)
        match = _MAIN.match(words)
        if match:
            pieces.append(_piece(tier.place, names.get(match[1], match[1]), words[match.end() :]))
        elif words.startswith("@Participants:"):
            names = _participants(words.partition(":")[2])
            notes.add(tier.place, "a header line (@) was not read as talk.")
        elif words.startswith("@"):
            notes.add(tier.place, "a header line (@) was not read as talk.")
        elif words.startswith("%"):
            notes.add(tier.place, "a dependent tier (%) was left out.")
        elif words.strip():
            notes.add(tier.place, "belongs to no speaker; left out.")
    return Reading("chat", pieces, {"lines": sum(bool(line.strip()) for line in lines)}, joins=True)


def _tiers(lines: list[str]) -> list[_Tier]:
    """Lines with their continuation lines, which begin with white space."""
    tiers: list[_Tier] = []
    for place, line in enumerate(lines, 1):
        if line[:1] in ("\t", " ") and tiers:
            tiers[-1].lines.append(line)
        elif line.strip():
            tiers.append(_Tier(place, [line.lstrip("\ufeff")]))
    return tiers


def _participants(text: str) -> dict[str, str]:
    """`THE Therapist, CLI Mary Client` as names by code, each name with its code in front."""
    names = {}
    for entry in text[:4000].split(","):
        words = entry.split()
        if words:
            names[words[0]] = " ".join(words[:5])
    return names


def _piece(place: int, name: str, text: str) -> Piece:
    marks = _BULLET.findall(text)
    start = int(marks[0][0]) / 1000 if marks else None
    end = int(marks[-1][1]) / 1000 if marks else None
    return Piece(place, name, _BULLET.sub("", text), start, end)
