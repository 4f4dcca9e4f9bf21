"""`suture corpus agreement`: how far coders agree, set by set, and the turns behind it."""

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli_files import read_files
from nlp.errors import InputError


class By(StrEnum):
    """What the figures are of."""

    CODE = "code"
    KIND = "kind"


class TextFormat(StrEnum):
    """How figures are written."""

    MARKDOWN = "markdown"
    JSON = "json"


def agreement(
    data: Annotated[
        Path | None,
        typer.Argument(
            help="A folder that `suture corpus import` or `annomi` wrote; without it, the sessions that come "
            "with Suture: AnnoMI by its tags alone, and the written ones."
        ),
    ] = None,
    coders: Annotated[str | None, typer.Option(help="Only these coders: 'A,B'.")] = None,
    by: Annotated[By, typer.Option(help="A row for each kind or for each code.")] = By.KIND,
    format: Annotated[TextFormat, typer.Option(help="How to write the figures.")] = TextFormat.MARKDOWN,
    rounds: Annotated[
        int, typer.Option(help="Draws of sessions behind each interval.", min=20, max=100_000)
    ] = 1000,
    turns: Annotated[
        str | None,
        typer.Option(
            help="Instead of figures, the turns on which coders agree and differ about a kind or code."
        ),
    ] = None,
) -> None:
    """Show how far coders agree, with 95 % intervals over sessions; sets are never mixed.

    For each kind or code: how many turns each coder marked, raw and positive agreement, Cohen's
    kappa, Krippendorff's alpha, Gwet's AC1, and how far the words marked are the same (token F1);
    for counts per session ICC(2,1) and ICC(2,k). AnnoMI's words are never shown.
    """
    from annotation.agreement_report import agreement_report
    from annotation.judgements import KINDS, things_to_judge
    from api import agreement_tables as tables
    from nlp.codebook import load_codebook

    codebook = load_codebook()
    things = things_to_judge(codebook)
    if turns is not None and turns not in things:
        raise InputError(f"--turns: “{turns}” is no kind or code; one of {', '.join(things)} was expected.")
    sets = _chosen(_sets(data), coders)
    rows = KINDS if by is By.KIND else things[len(KINDS) :]
    shown = []
    for name, coded, who in sets:
        typer.echo(f"Comparing {' and '.join(who)} on {len(coded)} sessions.", err=True)
        if turns:
            shown.append(tables.turns_behind(name, coded, who, turns, codebook))
        else:
            report = agreement_report(coded, codebook, who, rounds, things=rows)
            shown.append(tables.figures(name, coded, report, rounds))
    if format is TextFormat.JSON:
        print(json.dumps({"sets": shown}, indent=1, ensure_ascii=False))
    else:
        print("\n\n".join((tables.turns_markdown if turns else tables.figures_markdown)(s) for s in shown))


def _sets(data: Path | None) -> dict[str, list]:
    """Coded sessions by where they came from."""
    from annotation.corpus import load_annomi_outlines, load_written
    from annotation.exchange.formats import format_named

    if data is None:
        return {"annomi": load_annomi_outlines(), "written": load_written()}
    files = read_files(data)
    try:
        coded = format_named("jsonl").read(files).coded
    except InputError as error:
        raise InputError(
            f"{data}: {error} A folder as `suture corpus import` writes it was expected.", error.code
        ) from None
    sets: dict[str, list] = {}
    for c in coded:
        sets.setdefault(c.source or data.name, []).append(c)
    return sets


def _chosen(sets: dict[str, list], named: str | None) -> Sequence[tuple[str, list, tuple[str, ...]]]:
    """Sets with the coders to compare; InputError where no set has two of them."""
    from annotation.judgements import coders_of

    who = {name: coders_of(coded) for name, coded in sets.items()}
    wanted = tuple(dict.fromkeys(c.strip() for c in (named or "").split(",") if c.strip()))
    if named is not None and len(wanted) < 2:
        raise InputError("--coders: two names or more were expected, such as A,B.", "bad_option")
    chosen = [
        (name, coded, wanted or who[name])
        for name, coded in sets.items()
        if set(wanted) <= set(who[name]) and len(wanted or who[name]) > 1
    ]
    if not chosen:
        known = "; ".join(f"{name}: {', '.join(c) or 'nobody'}" for name, c in who.items()) or "no sessions"
        raise InputError(
            f"There is no set of sessions that {' and '.join(wanted) or 'two people'} coded. Coders are: {known}.",
            "no_such_coder",
        )
    return chosen
