"""A report as a file to keep."""

import csv
import io
import json
from dataclasses import dataclass

from nlp.errors import InputError
from nlp.report import SessionReport, to_json

EXPORTS = {  # format: media type
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
ENDINGS = {"text": "txt"}
CSV_HEADINGS = (
    "turn speaker name start end text rupture withdrawal confrontation repair codes ruptures".split()
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Exported:
    """A file for the reader: its name says the session's id, never its title."""

    filename: str
    media_type: str
    body: bytes


def export_report(report: SessionReport, format: str, session_id: str) -> Exported:
    """The report in one of EXPORTS."""
    if format not in EXPORTS:
        raise InputError(f"A report is exported as one of {', '.join(EXPORTS)}.", "bad_format")
    text = _WRITERS[format](report)
    name = f"suture-{session_id}.{ENDINGS.get(format, format)}"
    return Exported(name, EXPORTS[format], text.encode())


def report_json(report: SessionReport) -> str:
    """The report's JSON as the command line, the API and the pages all write it."""
    return json.dumps(to_json(report), ensure_ascii=False, indent=2) + "\n"


def report_csv(report: SessionReport) -> str:
    """One row a turn, counted from 1, for a spreadsheet; a cell that it would take for a formula gets an apostrophe."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(CSV_HEADINGS)
    plain = to_json(report)  # its numbers are rounded
    for turn, scores in zip(plain["transcript"]["turns"], plain["scores"], strict=True):
        rows.writerow([_cell(value) for value in _csv_row(report, turn, scores)])
    return "\ufeff" + out.getvalue()


def _csv_row(report: SessionReport, turn: dict, scores: dict) -> list:
    index = turn["index"]
    codes = " ".join(tag.code for tag in report.tags if tag.turn == index)
    ruptures = " ".join(r.id for r in report.ruptures if r.first_turn <= index <= r.last_turn)
    kinds = [scores[kind] for kind in ("rupture", "withdrawal", "confrontation", "repair")]
    spoken = [turn["start"], turn["end"], turn["text"]]
    return [index + 1, turn["speaker"], turn["name"], *spoken, *kinds, codes, ruptures]


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _report_html(report: SessionReport) -> str:
    from api.rendering import report_html

    return report_html(report)


def _report_text(report: SessionReport) -> str:
    from api.analyse import report_text

    return report_text(report)


_WRITERS = {"json": report_json, "html": _report_html, "text": _report_text, "csv": report_csv}
