"""`suture corpus`: coded sessions listed, exported, imported, put together and compared."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli_agreement import agreement
from api.cli_files import check_new, read_files, write_files
from nlp.errors import InputError

app = typer.Typer(
    help="The coded sessions: what there is, in and out of other programs, how far coders agree.",
    no_args_is_help=True,
)
app.command("agreement")(agreement)

KEEP_TO_YOURSELF = "AnnoMI's text is in it, which may not be passed on."

Out = Annotated[Path, typer.Option(help="A new or empty folder to write to.")]
FormatName = Annotated[str, typer.Argument(help="A format's name; `suture corpus formats` lists them.")]
AnnoMICsv = Annotated[Path, typer.Argument(help="AnnoMI-simple.csv, as its authors publish it.")]


class SetName(StrEnum):
    """The sets of coded sessions that come with Suture."""

    WRITTEN = "written"
    ANNOMI = "annomi"
    CONTRAST = "contrast"


class Split(StrEnum):
    """The parts of a set."""

    TRAIN = "train"
    DEV = "dev"


@app.command("list")
def list_sets() -> None:
    """List the sets of coded sessions: how many sessions and turns, who coded them, how they are split."""
    from annotation.corpus import annomi_path, load_annomi_outlines, load_contrast, load_splits, load_written
    from annotation.judgements import coders_of

    pairs = load_contrast()
    sets = {
        SetName.WRITTEN: load_written(),
        SetName.ANNOMI: load_annomi_outlines(),
        SetName.CONTRAST: [side for pair in pairs for side in (pair.marked, pair.look_alike)],
    }
    splits = load_splits()
    print(f"{'set':<10}{'split':<8}{'sessions':>9}{'turns':>8}   coders")
    for name, coded in sets.items():
        split_of = {str(id_): split for split, ids in splits[name].items() for id_ in ids}
        who = ", ".join(coders_of(coded))
        for split in (*Split, None):
            part = [c for c in coded if split_of.get(_key(c)) == split]
            if part:
                count = sum(len(c.transcript.turns) for c in part)
                print(f"{name:<10}{split or 'none':<8}{len(part):>9}{count:>8}   {who}")
    print(f"contrast: {len(pairs)} pairs of short exchanges that differ in one small thing.")
    text = f"in {annomi_path()}" if annomi_path() else "not here; name its CSV with SUTURE_ANNOMI"
    print(f"annomi: tags alone come with Suture; its text is {text}.")


@app.command("formats")
def list_formats() -> None:
    """List the formats that coded sessions can be written in and read from, and what each cannot carry."""
    from annotation.exchange.carrying import named
    from annotation.exchange.formats import FORMATS

    for known in FORMATS:
        print(f"{known.name:<14}{known.title}: {known.use}.")
        print(f"{'':<14}{'Cannot carry ' + '; '.join(named(known.loses)) if known.loses else 'Carries all'}.")


@app.command("export")
def export(
    format: FormatName,
    out: Out,
    set_: Annotated[SetName, typer.Option("--set", help="Which sessions.")] = SetName.WRITTEN,
    split: Annotated[Split | None, typer.Option(help="Only this part of the set.")] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Your own sessions instead: a folder that `suture corpus import` wrote."),
    ] = None,
) -> None:
    """Write coded sessions, with everybody's tags, for another program. What it cannot carry is said."""
    from annotation.exchange.formats import format_named

    wanted = format_named(format)
    if data and split:
        raise InputError("--split: your own sessions are not split; leave it out.", "bad_option")
    check_new(out)
    coded = _read("jsonl", data) if data else _sessions(set_, split)
    _say(f"Writing {len(coded)} sessions as {wanted.title}.")
    exported = wanted.write(coded)
    write_files(out, exported.files)
    _warn(exported.warnings)
    print(f"{len(coded)} sessions in {len(exported.files)} files in {out}.")
    if any(c.source == SetName.ANNOMI for c in coded):
        print(KEEP_TO_YOURSELF)


@app.command("import")
def import_(
    format: FormatName,
    path: Annotated[Path, typer.Argument(help="A file, a folder, or a zip archive.")],
    out: Out,
) -> None:
    """Read coded sessions from another program into Suture's JSON Lines: text and tags in files apart."""
    check_new(out)
    coded = _read(format, path)
    _warn(_unknown_codes(coded))
    _write(coded, out)


@app.command("annomi")
def annomi(csv: AnnoMICsv, out: Out) -> None:
    """Join AnnoMI's own CSV with our two coders' tags, as Suture's JSON Lines."""
    from annotation.rebuilding import read_annomi

    check_new(out)
    _say(f"Reading {csv.name}.")
    read = read_annomi(csv)
    _warn(read.warnings)
    _write(read.coded, out)
    print(KEEP_TO_YOURSELF)


@app.command("rebuild")
def rebuild(
    annomi: Annotated[Path, typer.Option(help="AnnoMI-simple.csv, as its authors publish it.")],
    out: Out,
) -> None:
    """Put the whole training set into one folder, laid out as annotation/data, AnnoMI's text included."""
    from annotation.corpus import load_contrast, load_written
    from annotation.rebuilding import read_annomi, training_files

    check_new(out)
    _say(f"Reading {annomi.name} and the written sessions.")
    read = read_annomi(annomi)
    _warn(read.warnings)
    files = training_files(read)
    write_files(out, files)
    written, pairs = load_written(), load_contrast()
    print(f"{_counts('written sessions', written)}\n{_counts('AnnoMI transcripts', read.coded)}")
    print(f"{len(pairs)} contrast pairs\n{len(files)} files in {out}. {KEEP_TO_YOURSELF}")


def _sessions(name: SetName, split: str | None) -> list:
    from annotation.corpus import load_annomi, load_contrast, load_written

    _say(f"Reading the set {name}.")
    if name is SetName.CONTRAST:
        return [side for pair in load_contrast(split) for side in (pair.marked, pair.look_alike)]
    return (load_written if name is SetName.WRITTEN else load_annomi)(split)


def _read(format: str, path: Path) -> Sequence:
    from annotation.exchange.formats import format_named

    known = format_named(format)
    _say(f"Reading {path} as {known.title}.")
    imported = known.read(read_files(path))
    _warn(imported.warnings)
    return imported.coded


def _write(coded: Sequence, out: Path) -> None:
    from annotation.exchange.formats import format_named

    write_files(out, format_named("jsonl").write(coded).files)
    print(f"{_counts('sessions', coded)}, in {out}.")


def _counts(what: str, coded: Sequence) -> str:
    tags = Counter(coder for c in coded for coder, given in c.tags.items() for _ in given)
    coders = dict.fromkeys(coder for c in coded for coder in c.tags)
    by = ", ".join(f"{tags[coder]} tags by {coder}" for coder in coders) or "no tags"
    return f"{len(coded)} {what}, {sum(len(c.transcript.turns) for c in coded)} turns, {by}"


def _unknown_codes(coded: Sequence) -> list[str]:
    """A warning for each code that no figure will count, with the first place where it stands."""
    from nlp.codebook import load_codebook

    codebook = load_codebook()
    places: dict[str, list[str]] = {}
    for c in coded:
        for tag in (tag for tags in c.tags.values() for tag in tags if tag.code not in codebook):
            places.setdefault(tag.code, []).append(f"session {c.transcript.id}, turn {tag.turn}")
    return [
        f"{at[0]}: “{code}” is no code of the codebook (tags with it: {len(at)}); kept, but it counts nowhere."
        for code, at in places.items()
    ]


def _key(coded) -> str:
    """A session's id as the splits have it."""
    id_ = coded.transcript.id
    return {"annomi": id_.removeprefix("annomi-"), "contrast": id_.split("-")[1]}.get(coded.source, id_)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _warn(warnings: Sequence[str]) -> None:
    """Each warning once, with all the places it is about."""
    from api.terminal import safe

    by_text: dict[str, list[str]] = {}
    for warning in warnings:
        place, colon, text = warning.partition(": ")
        by_text.setdefault(text if colon else place, []).extend([place] if colon else [])
    for text, places in by_text.items():
        typer.echo(f"Warning: {safe('; '.join(places))}{': ' if places else ''}{safe(text)}", err=True)
