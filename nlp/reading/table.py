"""CSV, TSV and tables in Word: a row a turn, with a column for the speaker and one for the words."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from itertools import islice

from nlp.errors import InputError
from nlp.reading.choosing import choose_one
from nlp.reading.columns import Columns, Row, checked_mapping, given_columns, guess_columns, tells_columns
from nlp.reading.limits import MAX_LINES, MAX_PIECES, at_most
from nlp.reading.pieces import Notes, Piece, Reading, clean
from nlp.reading.times import parse_time

DELIMITERS = (",", "\t", ";", "|")


def table_delimiter(text: str) -> str | None:
    """The delimiter of a text that is a table of speakers and words; None when it is not one."""
    for delimiter in DELIMITERS:
        rows = _first_rows(text, delimiter)
        widths = Counter(len(cells) for _, cells in rows)
        width, often = widths.most_common(1)[0] if widths else (0, 0)
        if width < 2:
            continue
        if tells_columns(rows[0][1]) or (often >= 0.9 * len(rows) and guess_columns(rows) is not None):
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
    mapping = checked_mapping(columns)
    found = given_columns(rows, mapping) if set(mapping) - {"choose"} else guess_columns(rows)
    if found is None:
        raise InputError(
            "It is not clear which columns of this table hold the speaker and the words. "
            "Name them, for example speaker=interlocutor and text=utterance_text, or give their numbers "
            "from 1.",
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
    at_most(len(body), MAX_PIECES, "rows")
    pieces = [p for row in body if (p := _piece(row, found, notes))]
    return Reading(source_format, pieces, {"rows": len(body)}, id=chosen, title=chosen)


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
        at_most(place, MAX_LINES, "rows")
        rows.append((place, cells))
    return rows


def _unclosed() -> InputError:
    return InputError(
        "A quotation mark in this table is opened and never closed, so its rows cannot be told apart. "
        "Save the table again as CSV from the program that made it.",
        "malformed",
    )
