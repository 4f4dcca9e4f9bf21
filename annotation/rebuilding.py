"""AnnoMI's public CSV checked against our tags, and the whole training set put into one folder."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotation.corpus import DATA, CodedTranscript, load_annomi, load_annomi_outlines
from nlp.errors import InputError

ANNOMI_FILE = "annomi/AnnoMI-simple.csv"
_NEEDED = ("transcript_id", "interlocutor", "utterance_text", "mi_quality", "topic")


@dataclass(frozen=True)
class AnnoMI:
    """AnnoMI's coded transcripts with their text, the rows of the CSV they came from, and what a person must know."""

    coded: tuple[CodedTranscript, ...]
    csv: bytes
    warnings: tuple[str, ...]


def read_annomi(path: Path) -> AnnoMI:
    """AnnoMI from its authors' CSV with our tags; InputError where text and tags do not fit together."""
    columns, rows = _rows(path)
    outlines = {o.transcript.id: o for o in load_annomi_outlines()}
    kept = [row for row in rows if f"annomi-{row['transcript_id']}" in outlines]
    if not kept:
        raise InputError(
            f"{path.name}: of the {len(outlines)} transcripts that were coded it has none; "
            "AnnoMI-simple.csv as its authors publish it was expected.",
            "bad_annomi",
        )
    _check_speakers(kept, outlines, path.name)
    coded = load_annomi(csv_path=path)
    for c in coded:
        _check_evidence(c, path.name)
    missing = sorted(outlines.keys() - {c.transcript.id for c in coded})
    warnings = []
    if missing:
        warnings.append(
            f"{path.name}: {len(missing)} of the {len(outlines)} coded transcripts are not in it and are left out: "
            f"{', '.join(missing)}."
        )
    return AnnoMI(tuple(coded), _table(columns, kept), tuple(warnings))


def training_files(annomi: AnnoMI) -> dict[str, bytes]:
    """The whole training set by file name, laid out as annotation/data, with AnnoMI's text in its place."""
    own = {
        path.relative_to(DATA).as_posix(): path.read_bytes()
        for path in sorted(DATA.rglob("*"))
        if path.suffix in (".jsonl", ".json", ".md")
    }
    return own | {ANNOMI_FILE: annomi.csv}


def _rows(path: Path) -> tuple[Sequence[str], list[dict]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: it cannot be read ({(error.strerror or 'no access').lower()}).") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: this is not UTF-8; AnnoMI's CSV is.", "not_utf8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        columns, rows = reader.fieldnames or (), list(reader)
    except csv.Error:
        raise InputError(
            f"{path.name}, line {reader.line_num}: this is not a table of comma-separated values.",
            "malformed",
        ) from None
    if absent := [column for column in _NEEDED if column not in columns]:
        raise InputError(
            f"{path.name}, line 1: no column {', '.join(absent)}; AnnoMI-simple.csv, as its authors publish it, "
            "was expected.",
            "bad_annomi",
        )
    for number, row in enumerate(rows, 1):
        if any(row[column] is None for column in _NEEDED):
            raise InputError(
                f"{path.name}, row {number}: cells are missing; it may be cut short.", "malformed"
            )
    return columns, rows


def _check_speakers(rows: Sequence[Mapping], outlines: Mapping[str, CodedTranscript], name: str) -> None:
    """That the same people speak in the same order as in what was coded."""
    said: dict[str, list[str]] = {}
    for row in rows:
        said.setdefault(f"annomi-{row['transcript_id']}", []).append(row["interlocutor"])
    for id_, speakers in said.items():
        expected = [t.speaker.value for t in outlines[id_].transcript.turns]
        if speakers != expected:
            differ = [i for i, (a, b) in enumerate(zip(speakers, expected, strict=False)) if a != b]
            first = f"; another speaks in turn {differ[0]}" if differ else ""
            raise InputError(
                f"{name}, transcript {id_.removeprefix('annomi-')}: it has {len(speakers)} turns where the "
                f"coders had {len(expected)}{first}. The tags fit AnnoMI-simple.csv as first published only.",
                "bad_annomi",
            )


def _check_evidence(coded: CodedTranscript, name: str) -> None:
    """That every tag lies within its turn's text."""
    for tags in coded.tags.values():
        for tag in tags:
            length = len(coded.transcript.turns[tag.turn].text)
            if tag.evidence.end > length:
                raise InputError(
                    f"{name}, transcript {coded.transcript.id.removeprefix('annomi-')}, turn {tag.turn}: its text has "
                    f"{length} characters and a tag's evidence ends at {tag.evidence.end}. "
                    "The tags fit AnnoMI-simple.csv as first published only.",
                    "bad_annomi",
                )


def _table(columns: Sequence[str], rows: Sequence[Mapping]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
