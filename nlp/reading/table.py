"""CSV, TSV and tables in Word: a row a turn, with a column for the speaker and one for the words."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from nlp.errors import InputError
from nlp.reading.labels import choose_labels
from nlp.reading.pieces import Notes, Piece, Reading, clean
from nlp.reading.times import parse_time
from nlp.roles import role_of_name

MAX_ROWS = 200_000
DELIMITERS = (",", "\t", ";", "|")

_HEADINGS = {  # what a heading may be called, most telling first
    "speaker": """interlocutor speaker speakername speakerlabel speakerrole participant who role voice person
        sender author name from spk speakerid""",
    "text": """utterancetext utterance text transcript transcription content sentence message words dialogue
        speech turn talk verbatim""",
    "start": "start starttime startseconds begin begintime timestamp time onset in timein",
    "end": "end endtime endseconds stop offset timeout",
    "transcript": "transcriptid sessionid conversationid dialogueid dialogid interviewid transcript session file",
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


def table_delimiter(text: str) -> str | None:
    """The delimiter of a text that is a table of speakers and words; None when it is not one."""
    for delimiter in DELIMITERS:
        rows = _first_rows(text, delimiter)
        widths = Counter(len(cells) for _, cells in rows)
        width, often = widths.most_common(1)[0] if widths else (0, 0)
        if width >= 2 and often >= 0.9 * len(rows) and guess_columns(rows) is not None:
            return delimiter
    return None


def read_table(
    text: str, notes: Notes, columns: Mapping[str, str] | None = None, delimiter: str | None = None
) -> Reading:
    """A CSV or TSV file; `columns` maps speaker, text, start, end, transcript to headings or numbers from 1.

    `columns={"choose": id}` takes one transcript from a file that holds several.
    """
    notes.unit = "row"
    delimiter = delimiter or table_delimiter(text) or _likely_delimiter(text)
    return rows_to_reading(_all_rows(text, delimiter, notes), notes, columns, "csv")


def rows_to_reading(
    rows: list[Row], notes: Notes, columns: Mapping[str, str] | None, source_format: str
) -> Reading:
    """Pieces from rows; which columns were taken is noted unless they were given."""
    mapping = _checked_mapping(columns)
    found = _given_columns(rows, mapping) if {"speaker", "text"} & set(mapping) else guess_columns(rows)
    if found is None:
        raise InputError(
            "It is not clear which columns of this table hold the speaker and the words. "
            "Name them, for example speaker=interlocutor and text=utterance_text, or give their numbers from 1.",
            "columns",
        )
    if not {"speaker", "text"} <= set(mapping):
        times = f", the start time from column {found.start + 1}" if found.start is not None else ""
        notes.about_file(
            f"columns were guessed: the speaker from column {found.speaker + 1}, "
            f"the words from column {found.text + 1}{times}."
        )
    body = rows[1:] if found.has_headings else rows
    body, chosen = _one_transcript(body, found, mapping.get("choose"))
    pieces = [p for row in body if (p := _piece(row, found, notes))]
    return Reading(source_format, pieces, {"rows": len(body)}, id=chosen, title=chosen)


def guess_columns(rows: list[Row]) -> Columns | None:
    """The columns by their headings, or else by what is in them."""
    if not rows:
        return None
    by_heading = _columns_by_heading(rows[0][1])
    if "speaker" in by_heading and "text" in by_heading:
        return Columns(**by_heading)
    return _columns_by_content(rows)


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


def _checked_mapping(columns: Mapping[str, str] | None) -> dict[str, str]:
    mapping = {str(k): str(v) for k, v in (columns or {}).items() if str(v).strip()}
    if unknown := sorted(set(mapping) - set(_MAPPED)):
        raise InputError(
            f"Unknown column role: {', '.join(unknown)[:100]}. Expected: {', '.join(_MAPPED)}.", "columns"
        )
    return mapping


def _given_columns(rows: list[Row], mapping: dict[str, str]) -> Columns:
    headings = [h.strip().casefold() for h in rows[0][1]] if rows else []
    guessed = guess_columns(rows)
    by_heading = any(v.strip().casefold() in headings for k, v in mapping.items() if k != "choose")
    found: dict[str, int] = {}
    for what, wanted in mapping.items():
        if what != "choose":
            found[what] = _find_column(wanted.strip(), what, headings)
    for what in ("speaker", "text"):
        if what not in found:
            if guessed is None:
                raise InputError(f"Say also which column holds the {what}.", "columns")
            found[what] = getattr(guessed, what)
    has_headings = by_heading or bool(_columns_by_heading(rows[0][1]))
    return Columns(**found, has_headings=has_headings)


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


def _one_transcript(rows: list[Row], columns: Columns, choose: str | None) -> tuple[list[Row], str]:
    """The rows of one transcript; a table with several needs a choice."""
    if columns.transcript is None:
        return rows, ""
    ids = [clean(cells[columns.transcript]) if columns.transcript < len(cells) else "" for _, cells in rows]
    different = list(dict.fromkeys(i for i in ids if i))
    if choose is None and len(different) <= 1:
        return rows, different[0] if different else ""
    chosen = choose_one(different, choose)
    return [row for row, id_ in zip(rows, ids, strict=True) if id_ == chosen], chosen


def choose_one(ids: list[str], choose: str | None) -> str:
    """The chosen id, or an InputError that tells which there are."""
    if choose is not None and choose.strip() in ids:
        return choose.strip()
    shown = ", ".join(i[:40] for i in ids[:20]) + (f" and {len(ids) - 20} more" if len(ids) > 20 else "")
    problem = (
        "This file holds several transcripts" if choose is None else "This file has no transcript of that id"
    )
    raise InputError(
        f"{problem}. Choose one by its id (choose=ID, for example choose={ids[0][:40] if ids else 'ID'}). "
        f"There are {len(ids)}: {shown}.",
        "several_transcripts",
    )


def _piece(row: Row, columns: Columns, notes: Notes) -> Piece | None:
    place, cells = row
    if not any(c.strip() for c in cells):
        notes.add(place, "an empty row; left out.")
        return None

    def cell(i: int | None) -> str:
        return cells[i] if i is not None and i < len(cells) else ""

    if max(columns.speaker, columns.text) >= len(cells):
        notes.add(place, "fewer cells than expected.")
    name = cell(columns.speaker).strip().rstrip(":").strip()
    return Piece(
        place,
        name or None,
        cell(columns.text),
        parse_time(cell(columns.start)),
        parse_time(cell(columns.end)),
    )


def _first_rows(text: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
    rows: list[Row] = []
    try:
        for place, cells in enumerate(islice(reader, 60), 1):
            if any(c.strip() for c in cells):
                rows.append((place, cells))
    except csv.Error:
        pass
    return rows[:-1] if len(rows) > 2 and len(text) > 200_000 else rows


def _likely_delimiter(text: str) -> str:
    line = text[:10_000].lstrip().partition("\n")[0]
    return max(DELIMITERS, key=line.count)


def _all_rows(text: str, delimiter: str, notes: Notes) -> list[Row]:
    """All rows, numbered from 1; quotes are read strictly first, leniently when a cell breaks the rules."""
    try:
        return _parse(text, delimiter, strict=True)
    except csv.Error as error:
        if "end of data" in str(error) or "field larger" in str(error):
            raise _unclosed() from None
    marker = "end\x00of\x00table"
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    try:
        rows = _parse(f"{text.rstrip()}\n{marker}\n", delimiter, quoting=quoting)
    except csv.Error:
        raise _unclosed() from None
    if not rows or rows[-1][1] != [marker]:
        raise _unclosed()
    notes.about_file(
        "some quotation marks do not follow the rules for tables; check cells with quotes in them."
    )
    return rows[:-1]


def _parse(text: str, delimiter: str, **how) -> list[Row]:
    rows: list[Row] = []
    for place, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **how), 1):
        if place > MAX_ROWS:
            raise InputError(
                f"This table has more than {MAX_ROWS} rows. Give one session's transcript.", "too_large"
            )
        rows.append((place, cells))
    return rows


def _unclosed() -> InputError:
    return InputError(
        "A quotation mark in this table is opened and never closed, so its rows cannot be told apart. "
        "Save the table again as CSV from the program that made it.",
        "malformed",
    )
