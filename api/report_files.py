"""Where `suture analyse` puts its reports: the terminal, standard output or a folder."""

import json
import os
from enum import StrEnum
from pathlib import Path

from rich.console import Console

from api.exporting import report_json
from api.terminal import print_report, report_text
from nlp.errors import InputError
from nlp.report import SessionReport, to_json


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


class ReportWriter:
    """Writes each report as soon as it is made; several as JSON without a folder become one list."""

    def __init__(self, format: Format, out: Path | None, stdout: Console, several: bool):
        self._format, self._out, self._stdout = format, out, stdout
        self._as_list = several and format is Format.JSON and not out
        self._listed: list[dict] = []
        self._written: set[Path] = set()

    def check(self, file: Path) -> None:
        """Refuse, before any work, to write over a report made just before."""
        if self._out and self._path(file) in self._written:
            raise InputError(
                "Another of these files has the same name; its report would be lost.", "same_name"
            )

    def write(self, file: Path, report: SessionReport) -> None:
        """One file's report."""
        if self._out:
            self._written.add(self._path(file))
            _write_whole(self._path(file), _as_text(report, self._format))
            self._stdout.print(str(self._path(file)), markup=False, highlight=False, soft_wrap=True)
        elif self._format is Format.TEXT:
            self._show(report)
        elif self._as_list:
            self._listed.append(to_json(report))
        else:
            self._stdout.file.write(_as_text(report, self._format))

    def _show(self, report: SessionReport) -> None:
        if self._stdout.is_terminal:
            print_report(report, self._stdout)
        else:
            self._stdout.file.write(report_text(report))
        self._stdout.file.write("\n")

    def finish(self) -> None:
        """After the last one."""
        if self._as_list:
            self._stdout.file.write(json.dumps(self._listed, ensure_ascii=False, indent=2) + "\n")

    def _path(self, file: Path) -> Path:
        return self._out / f"{file.stem}.{self._format}"


def _as_text(report: SessionReport, format: Format) -> str:
    if format is Format.JSON:
        return report_json(report)
    if format is Format.HTML:
        from api.rendering import report_html  # templates: only for this format

        return report_html(report)
    return report_text(report)


def _write_whole(path: Path, text: str) -> None:
    """The file is there whole or not at all, and for its owner only: it holds what was said in a session."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        raise InputError(f"--out: {path.parent} cannot be written to ({reason}).", "bad_out") from None
