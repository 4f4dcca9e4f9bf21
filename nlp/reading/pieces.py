"""What readers hand over: pieces of talk, and notes on everything they left out or were unsure of."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

UNNAMED = "Unnamed"  # talk that the file gives to nobody

MAX_RANGES = 40  # places listed in one warning before "and N more"

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# Control characters that are not white space; soft line and file separators count as white space.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


@dataclass(frozen=True)
class Piece:
    """What one speaker said at one place of the file; `name` is None when the file does not say who."""

    place: int
    name: str | None
    text: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Reading:
    """All that a reader found. With `joins`, neighbouring pieces of one speaker are one turn."""

    source_format: str
    pieces: list[Piece]
    counts: dict[str, int]
    joins: bool = False
    id: str = ""
    title: str = ""


@dataclass
class Notes:
    """Collects what must be told about a file; alike notes become one warning that names all places."""

    unit: str = "line"
    _places: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _about_file: list[str] = field(default_factory=list)

    def add(self, place: int, what: str, unit: str = "") -> None:
        self._places.setdefault((unit or self.unit, what), []).append(place)

    def about_file(self, what: str) -> None:
        if what not in self._about_file:
            self._about_file.append(what)

    def warnings(self) -> tuple[str, ...]:
        """One sentence for each kind of note, each beginning with its places."""
        placed = sorted(self._places.items(), key=lambda item: min(item[1]))
        return tuple(f"file: {what}" for what in self._about_file) + tuple(
            f"{name_places(unit, places)}: {what}" for (unit, what), places in placed
        )


def name_places(unit: str, places: Iterable[int]) -> str:
    """`line 4`, or `lines 1-3, 7`; after MAX_RANGES runs the rest is only counted."""
    runs: list[list[int]] = []
    for place in sorted(set(places)):
        if runs and place == runs[-1][1] + 1:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    named = [f"{a}" if a == b else f"{a}-{b}" for a, b in runs[:MAX_RANGES]]
    rest = sum(b - a + 1 for a, b in runs[MAX_RANGES:])
    many = len(runs) > 1 or runs[0][0] != runs[0][1]
    return f"{unit}{'s' if many else ''} {', '.join(named)}" + (f" and {rest} more" if rest else "")


def has_controls(text: str) -> bool:
    """Whether `clean` would have to take characters out (white space aside)."""
    return bool(_CONTROL.search(text) or _LONE_SURROGATE.search(text))


def clean(text: str) -> str:
    """The text with white space runs as one space, control characters out, half characters replaced.

    Everything else stays letter by letter: brackets, punctuation, accents, right-to-left marks.
    """
    text = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    return " ".join(_CONTROL.sub("", text).split())


def name_key(name: str) -> str:
    """The same for spellings of one name that differ only in case, width or white space."""
    return unicodedata.normalize("NFKC", clean(name)).casefold().rstrip(".")
