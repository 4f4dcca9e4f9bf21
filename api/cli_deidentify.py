"""`suture deidentify`: pseudonyms for what could identify somebody, after a person has looked."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.analyse import HINTS, parse_columns, parse_roles, read_file
from api.terminal import safe
from nlp.errors import InputError
from nlp.roles import SURE
from nlp.transcript import Span, Transcript

TAKE, KEEP = ("y", "yes"), ("n", "no")
LOOK = (
    "A person must read all of it before it is passed on. Rules and spaCy miss names, and a story can tell "
    "who somebody is without one."
)
FOUND_BY = {"roster": "on the roster", "rule": "by a rule", "entity": "by spaCy"}

Key = tuple[str, str]  # kind and whom or what it is about


def deidentify(
    file: Annotated[Path, typer.Argument(help="A transcript in any format that Suture reads.")],
    out: Annotated[
        Path, typer.Option(help="File to write the pseudonymised transcript to, as our own JSON.")
    ],
    roster: Annotated[
        Path | None,
        typer.Option(
            help="Names known to occur, one a line; 'Acme Ltd = organisation' where not a person's."
        ),
    ] = None,
    review: Annotated[
        bool, typer.Option("--review", help="Decide on every name and contact one by one.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write it without asking.")] = False,
    roles: Annotated[
        list[str] | None,
        typer.Option(help="Who is who, as the file names them: 'Dr Lee=therapist,Sam=client'."),
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option(help="Where things are in a table: 'speaker=Who,text=Words'.")
    ] = None,
) -> None:
    """Show what could identify somebody, side by side with pseudonyms, and write the transcript with those.

    Names come from the roster, dates and contacts by rules, other names and places by spaCy: some
    will be missed. A person must read the whole result before it is passed on.
    """
    if yes and review:
        raise InputError("--review asks and --yes does not; give one of them.", "bad_option")
    if out.exists():
        raise InputError(
            f"{out}: it is there already, and nothing is written over; name another file.", "not_empty"
        )
    names = _read_roster(roster) if roster else {}
    transcript = _read(file, roles or [], columns or [])
    typer.echo("Looking for what could identify somebody.", err=True)
    from nlp.deidentify import find_identifiers
    from nlp.pseudonyms import Decision, name_pseudonyms, pseudonymise

    identifiers = find_identifiers(transcript, names)
    words = name_pseudonyms(identifiers)
    if review:
        words = _reviewed(transcript, identifiers, words)
    decided = [i for i in identifiers if (i.kind, i.about) in words]
    decisions = [Decision(i.turn, i.span, words[i.kind, i.about]) for i in decided]
    done = pseudonymise(transcript, decisions, out.stem).transcript
    _show(transcript, done, identifiers, words)
    if not yes and not typer.confirm(f"{LOOK} Write it to {safe(str(out))}?"):
        print("Nothing was written.")
        raise typer.Exit(1)
    _write(done, out)
    print(
        f"{len(decisions)} places replaced, {len(identifiers) - len(decisions)} left; the transcript is in {out}."
    )
    print(f"{LOOK} Put what was missed on a roster (--roster) and run this again.")


def _read(file: Path, roles: Sequence[str], columns: Sequence[str]) -> Transcript:
    try:
        reading = read_file(file, parse_roles(roles), parse_columns(columns))
    except InputError as error:
        raise InputError(f"{file}: {error}{HINTS.get(error.code, '')}", error.code) from None
    for warning in reading.warnings:
        typer.echo(f"Warning: {safe(warning)}", err=True)
    if reading.roles.confidence < SURE:
        typer.echo(
            "Warning: who is therapist and who client is only a guess, and names are left out of what is written; "
            "--roles sets them.",
            err=True,
        )
    return reading.transcript


def _read_roster(path: Path) -> dict[str, str]:
    """Names by kind, a person's where the line says nothing else."""
    from nlp.deidentify import KINDS, PERSON

    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise InputError(f"{path}: the roster cannot be read ({reason}).", "no_file") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: this is not UTF-8. Save the roster as UTF-8 text.", "not_utf8") from None
    names: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name, _, kind = (part.strip() for part in line.partition("="))
        if line.strip() and (not name or (kind or PERSON) not in KINDS):
            raise InputError(
                f"{path}, line {number}: a name was expected, or a name = one of {', '.join(KINDS)}.",
                "bad_roster",
            )
        if name:
            names[name] = kind or PERSON
    return names


def _reviewed(transcript: Transcript, identifiers: Sequence, pseudonyms: Mapping[Key, str]) -> dict[Key, str]:
    """What a person decides for each: its pseudonym, other words, or to keep it."""
    print("Enter or y takes the pseudonym, n keeps the words as they are, anything else goes in their place.")
    decided = {}
    for key, pseudonym in pseudonyms.items():
        found = [i for i in identifiers if (i.kind, i.about) == key]
        said = dict.fromkeys(_words(transcript, i) for i in found)
        ways = " and ".join(dict.fromkeys(FOUND_BY[i.found_by] for i in found))
        places = "1 place" if len(found) == 1 else f"{len(found)} places"
        asked = f"{safe(', '.join(said))} ({key[0]}, {ways}, {places}): {pseudonym}"
        answer = typer.prompt(asked, default=pseudonym, show_default=False, prompt_suffix="? ").strip()
        if answer.lower() not in KEEP:
            decided[key] = pseudonym if answer.lower() in TAKE else answer
    return decided


def _show(before: Transcript, after: Transcript, identifiers: Sequence, words: Mapping[Key, str]) -> None:
    """Every turn in which something was found: as it is, as it will be, and how it was found."""
    by_turn: dict[int, list] = {}
    for i in identifiers:
        by_turn.setdefault(i.turn, []).append(i)
    table = Table("turn", "as it is", "as it will be", "found", show_lines=True)
    for turn, found in by_turn.items():
        now, then = Text(safe(before.turns[turn].text)), Text(safe(after.turns[turn].text))
        for i in found:
            now.stylize("bold red", i.span.start, i.span.end)
        then.highlight_words(
            {words[i.kind, i.about] for i in found if (i.kind, i.about) in words}, "bold green"
        )
        how = [
            f"{safe(_words(before, i))}: {i.kind}, {FOUND_BY[i.found_by]}"
            + ("" if (i.kind, i.about) in words else ", kept")
            for i in found
        ]
        table.add_row(str(turn + 1), now, then, Text("\n".join(how)))
    if by_turn:
        Console().print(table)
    kinds = Counter(f"{i.kind} {FOUND_BY[i.found_by]}" for i in identifiers)
    names = dict(zip((t.name for t in before.turns), (t.name for t in after.turns), strict=True))
    print(
        f"Found: {', '.join(f'{what} ({n})' for what, n in kinds.items()) or 'nothing'}.\n"
        f"Speakers: {', '.join(f'{safe(old)} becomes {new}' for old, new in names.items())}. The title is left out.\n"
        f"In {len(before.turns) - len(by_turn)} of {len(before.turns)} turns, not shown here, nothing was found."
    )


def _words(transcript: Transcript, identifier) -> str:
    span: Span = identifier.span
    return transcript.turns[identifier.turn].text[span.start : span.end]


def _write(transcript: Transcript, out: Path) -> None:
    from annotation.exchange.rows import turn_row

    content = {"id": transcript.id, "turns": [turn_row(turn) for turn in transcript.turns]}
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("x", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.write("\n")
    except OSError as error:
        raise InputError(
            f"{out}: it cannot be written ({(error.strerror or 'no access').lower()}).", "not_written"
        ) from None
