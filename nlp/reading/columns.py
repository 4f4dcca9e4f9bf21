"""Which column of a table holds what: by its heading, by what is in it, or as it was said."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nlp.errors import InputError
from nlp.reading.labels import choose_labels
from nlp.reading.times import parse_time
from nlp.roles import role_of_name

_HEADINGS = {  # what a heading may be called, most telling first
    "speaker": """interlocutor speaker speakername speakerlabel speakerrole participant who role voice person
        sender author name from spk speakerid""",
    "text": """utterancetext utterance text transcript transcription content sentence message words dialogue
        speech verbatim""",
    "start": "start starttime startseconds begin begintime timestamp time onset in timein",
    "end": "end endtime endseconds stop offset timeout",
    "transcript": """transcriptid sessionid conversationid dialogueid dialogid interviewid transcript
        session file""",
}
_MAPPED = (*_HEADINGS, "choose")
_CASELESS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Columns:
    """Which column holds what, counted from 0."""

    speaker: int
    text: int
    start: int | None = None
    end: int | None = None
    transcript: int | None = None
    has_headings: bool = True


Row = tuple[int, list[str]]  # place from 1, cells


def guess_columns(rows: list[Row]) -> Columns | None:
    """The columns by their headings, or else by what is in them."""
    if not rows:
        return None
    by_heading = _columns_by_heading(rows[0][1])
    if "speaker" in by_heading and "text" in by_heading:
        return Columns(**by_heading)
    return _columns_by_content(rows)


def tells_columns(headings: list[str]) -> bool:
    """Whether headings name both the speaker's and the words' column."""
    return {"speaker", "text"} <= set(_columns_by_heading(headings))


def _columns_by_heading(headings: list[str]) -> dict[str, int]:
    keys = [_CASELESS.sub("", h.casefold()) for h in headings]
    found: dict[str, int] = {}
    for what, names in _HEADINGS.items():
        for name in names.split():
            if name in keys and keys.index(name) not in found.values():
                found[what] = keys.index(name)
                break
    return found


def _columns_by_content(rows: list[Row]) -> Columns | None:
    """The speaker's column has few short values that come back; the words' column is the longest."""
    sample = [cells for _, cells in rows[:200]]
    width = max(len(cells) for cells in sample)
    columns = [
        [cells[i].strip() if i < len(cells) else "" for cells in sample] for i in range(min(width, 50))
    ]
    speakers = [i for i, column in enumerate(columns) if _holds_speakers(column)]
    if not speakers:
        return None
    lengths = [(sum(map(len, column)), i) for i, column in enumerate(columns) if i not in speakers]
    most, text = max(lengths, default=(0, -1))
    if most < 2 * len(sample):
        return None
    speaker = max(speakers, key=lambda i: (sum(role_of_name(v) is not None for v in columns[i]), -i))
    start = next(
        (i for i, c in enumerate(columns) if i != text and all(parse_time(v) is not None for v in c)), None
    )
    return Columns(speaker, text, start, has_headings=False)


def _holds_speakers(column: list[str]) -> bool:
    values = [v for v in column if v]
    if not values or len(values) < 0.8 * len(column) or any(len(v) > 40 for v in values):
        return False
    different = set(values)
    if not 2 <= len(different) <= min(12, max(2, len(values) // 2)) or any(
        v.endswith(":") for v in different
    ):
        return False
    labels = choose_labels(values)
    return all(v in labels for v in different) and any(any(c.isalpha() for c in v) for v in different)


def checked_mapping(columns: Mapping[str, str] | None) -> dict[str, str]:
    mapping = {str(k): str(v) for k, v in (columns or {}).items() if str(v).strip()}
    if unknown := sorted(set(mapping) - set(_MAPPED)):
        raise InputError(
            f"Unknown column role: {', '.join(unknown)[:100]}. Expected: {', '.join(_MAPPED)}.", "columns"
        )
    return mapping


def given_columns(rows: list[Row], mapping: dict[str, str]) -> Columns:
    """The columns that were named, and for the rest those that can be told by their headings."""
    first = rows[0][1] if rows else []
    headings = [h.strip().casefold() for h in first]
    given = {
        what: _find_column(wanted.strip(), what, headings)
        for what, wanted in mapping.items()
        if what != "choose"
    }
    by_heading = _columns_by_heading(first)
    named = any(wanted.strip().casefold() in headings for what, wanted in mapping.items() if what != "choose")
    found = {what: i for what, i in by_heading.items() if i not in given.values()} | given
    if missing := [what for what in ("speaker", "text") if what not in found]:
        raise InputError(f"Say also which column holds the {missing[0]}.", "columns")
    return Columns(**found, has_headings=named or bool(by_heading))


def _find_column(wanted: str, what: str, headings: list[str]) -> int:
    if wanted.casefold() in headings:
        return headings.index(wanted.casefold())
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 5 and 1 <= int(wanted) <= len(headings):
        return int(wanted) - 1
    raise InputError(
        f"This table has no column “{wanted[:60]}” for {what}. Give a heading of its first row, "
        f"or a number from 1 to {len(headings)}.",
        "columns",
    )
