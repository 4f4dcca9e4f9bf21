"""`suture analyse FILE...`: reports on files, with no server and no account."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from api.report_files import Format, ReportWriter
from api.terminal import report_text, safe
from api.wording import listed, plural
from nlp.errors import InputError
from nlp.reading import ReadResult, read_transcript
from nlp.report import SessionReport, analyse_session
from nlp.roles import SURE
from nlp.tagging import Tagger
from nlp.transcript import Speaker, with_roles

__all__ = ["analyse", "analyse_files", "report_text"]


COLUMN_WORDS = ("speaker", "text", "start", "end", "transcript", "choose")
_NEXT_COLUMN = re.compile(rf",(?=\s*(?:{'|'.join(COLUMN_WORDS)})\s*=)")
MOST_NAMES = 12
HINTS = {  # what to do about it on the command line
    "columns": " Name them with --columns, for example --columns 'speaker=1,text=2'.",
    "several_transcripts": " Choose with --columns 'choose=ID'.",
}


class Level(StrEnum):
    """How sure the tagger must be before a turn is marked."""

    SENSITIVE = "sensitive"
    BALANCED = "balanced"
    STRICT = "strict"


@dataclass(frozen=True)
class Wish:
    """What is to be made of the files."""

    format: Format = Format.TEXT
    out: Path | None = None
    roles: Mapping[str, Speaker] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    strictness: str = Level.BALANCED


def analyse(
    files: Annotated[list[Path], typer.Argument(help="Transcripts in any format that Suture reads.")],
    format: Annotated[Format, typer.Option(help="How to write the reports.")] = Format.TEXT,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the reports: one file each, named after its transcript.")
    ] = None,
    roles: Annotated[
        list[str] | None,
        typer.Option(help="Who is who, as the file names them: 'Dr Lee=therapist,Sam=client'."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            help="Where things are in a table, by heading or number: 'speaker=Who,text=Words'; "
            "or which of several transcripts: 'choose=ID'."
        ),
    ] = None,
    strictness: Annotated[Level, typer.Option(help="How much to mark.")] = Level.BALANCED,
    model: Annotated[str | None, typer.Option(help="Name or folder of another tagger than ours.")] = None,
) -> None:
    """Show ruptures and how to repair them in session transcripts, here and now.

    Nothing is kept but the reports; no server, no account. Several files as JSON without --out
    make one list. A file that cannot be read is reported and the rest go on; then the exit code is 1.
    """
    wish = Wish(format, out, parse_roles(roles or []), parse_columns(columns or []), strictness)
    if format is Format.TEXT:
        sys.stdout.reconfigure(errors="replace")
    else:
        sys.stdout.reconfigure(encoding="utf-8")
    if analyse_files(files, wish, lambda: _load_tagger(model), Console(), Console(stderr=True)):
        raise typer.Exit(1)


def _load_tagger(model: str | None) -> Tagger:
    from models.tagger import load_tagger  # torch: only once there is something to read

    return load_tagger(model)


def parse_roles(given: Sequence[str]) -> dict[str, Speaker]:
    """Roles by name from 'NAME=role,NAME=role'; names are compared without case."""
    roles = {}
    for part in ",".join(given).split(","):
        name, _, role = part.rpartition("=")
        if not part.strip():
            continue
        if not name.strip() or role.strip() not in set(Speaker):
            raise InputError(
                "--roles: expected NAME=therapist, NAME=client or NAME=other, separated by commas.",
                "bad_roles",
            )
        roles[name.strip().casefold()] = Speaker(role.strip())
    return roles


def parse_columns(given: Sequence[str]) -> dict[str, str]:
    """Columns from 'speaker=HEADING,text=HEADING'; a heading may hold commas and signs of its own."""
    columns = {}
    for part in _NEXT_COLUMN.split(",".join(given)):
        what, equals, heading = part.partition("=")
        if not part.strip():
            continue
        if what.strip() not in COLUMN_WORDS or not equals or not heading.strip():
            raise InputError(
                f"--columns: expected WORD=HEADING, separated by commas; WORD is {listed(COLUMN_WORDS, 'or')}.",
                "bad_columns",
            )
        columns[what.strip()] = heading.strip()
    return columns


def analyse_files(
    files: Sequence[Path], wish: Wish, load_tagger: Callable[[], Tagger], stdout: Console, stderr: Console
) -> int:
    """Report on each file; returns how many could not be. The tagger is loaded once, for the first that can."""
    if wish.format is Format.HTML and wish.out is None and len(files) > 1:
        raise InputError("Several HTML reports need a folder: give --out DIR.", "bad_option")
    writer = ReportWriter(wish.format, wish.out, stdout, several=len(files) > 1)
    tagger: Tagger | None = None
    failed = 0
    for number, file in enumerate(files, start=1):
        with _progress(stderr, f"{number} of {len(files)}: {safe(file.name)}") as show:
            try:
                reading = read_file(file, wish.roles, wish.columns)
                writer.check(file)
                if len(files) == 1:
                    _say_if_misnamed(reading, wish, file, stderr)
                _say_if_unsure(reading, file, stderr)
                tagger = tagger or load_tagger()
                report = _report(reading, tagger, wish, show)
            except InputError as error:
                failed += 1
                _say(stderr, file, f"{error}{HINTS.get(error.code, '')}")
                continue
        writer.write(file, report)
    writer.finish()
    return failed


def read_file(
    file: Path, roles: Mapping[str, Speaker], columns: Mapping[str, str] | None = None
) -> ReadResult:
    """The transcript in a file with the roles given for its speakers; InputError if it cannot be had."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise InputError(
            f"This file cannot be read ({reason}). Check its name and rights.", "no_file"
        ) from None
    reading = read_transcript(raw, file.name, dict(columns) if columns else None)
    if not roles:
        return reading
    given = {name: roles[name.casefold()] for name in _turns_by_name(reading) if name.casefold() in roles}
    transcript = with_roles(reading.transcript, given)
    if not given:
        raise InputError(
            f"No speaker in this file has a name that --roles gives. {_names(reading)}", "bad_roles"
        )
    if not {Speaker.THERAPIST, Speaker.CLIENT} <= {t.speaker for t in transcript.turns}:
        raise InputError(
            f"With these --roles there is no therapist, or no client. {_names(reading)}", "bad_roles"
        )
    sure = replace(reading.roles, roles={**reading.roles.roles, **given}, confidence=1.0)
    return replace(reading, transcript=transcript, roles=sure)


def _turns_by_name(reading: ReadResult) -> Counter[str]:
    """How many turns each of the file's speakers has, in the order in which they first speak."""
    return Counter(turn.name for turn in reading.transcript.turns)


def _names(reading: ReadResult) -> str:
    """Whom --roles could name; names only, none of their words."""
    named = [f"{name} ({plural(n, 'turn')})" for name, n in _turns_by_name(reading).items() if name]
    speakers = named[:MOST_NAMES] + [f"{len(named) - MOST_NAMES} more"] * (len(named) > MOST_NAMES)
    return f"The file names {listed(speakers)}." if speakers else "The file names nobody."


def _say_if_misnamed(reading: ReadResult, wish: Wish, file: Path, stderr: Console) -> None:
    """A name in --roles that one file alone does not have is most likely mistyped."""
    missing = [name for name in wish.roles if name not in {n.casefold() for n in _turns_by_name(reading)}]
    if missing:
        _say(stderr, file, f"nobody is called {listed(missing, 'or')} here. {_names(reading)}")


def _say_if_unsure(reading: ReadResult, file: Path, stderr: Console) -> None:
    if reading.roles.confidence < SURE:
        guess = "who is therapist and who client is only a guess; the report names them, --roles sets them."
        _say(stderr, file, guess)


def _say(stderr: Console, file: Path, words: str) -> None:
    line = safe(f"suture: {file}: {words}")
    stderr.print(line, markup=False, highlight=False, soft_wrap=True)


def _report(
    reading: ReadResult, tagger: Tagger, wish: Wish, show: Callable[[int, int], None]
) -> SessionReport:
    return analyse_session(
        reading.transcript,
        tagger,
        strictness=str(wish.strictness),
        warnings=reading.warnings,
        progress=show,
    )


@contextmanager
def _progress(stderr: Console, label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal's standard error for one file; nothing where nobody would see it."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
