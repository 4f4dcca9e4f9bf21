"""`suture train` and `suture evaluate`: models/ from the command line."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class FigureFormat(StrEnum):
    """How figures are written."""

    MARKDOWN = "markdown"
    JSON = "json"


def train(
    config: Annotated[Path, typer.Argument(help="A configuration, such as models/configs/small.toml.")],
    run: Annotated[
        Path | None, typer.Option(help="Folder of the run, to go on from [var/runs/NAME].")
    ] = None,
    artifact: Annotated[Path | None, typer.Option(help="Folder for the tagger [var/artifacts/NAME].")] = None,
    version: Annotated[str, typer.Option(help="What the tagger calls its version.")] = "1",
) -> None:
    """Train a tagger on the coded corpus. Broken off, the same command goes on where it was."""
    from annotation.corpus import annomi_path
    from api.training_progress import TrainingProgress
    from models.config import read_config
    from models.recipes import run_training

    settings = read_config(config)
    annomi = "and AnnoMI" if annomi_path() else "only: SUTURE_ANNOMI names no AnnoMI CSV"
    typer.echo(f"Reading the written sessions {annomi}.", err=True)
    run = run or Path("var/runs") / settings.name
    artifact = artifact or Path("var/artifacts") / settings.name
    with TrainingProgress(settings.name) as progress:
        run_training(settings, run, artifact, version, progress.show)
    print(f"The tagger is in {artifact}. Measure it with: suture evaluate --model {artifact}")


def evaluate(
    model: Annotated[str | None, typer.Option(help="Name or folder of a tagger; default: ours.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder laid out as annotation/data; default: our corpus.")
    ] = None,
    split: Annotated[
        str,
        typer.Option(
            help="Split of the data: dev, train, or all. A folder without splits.json is read whole."
        ),
    ] = "dev",
    compare: Annotated[
        list[str] | None,
        typer.Option(help="Another tagger to set beside it, by name or folder; may be repeated."),
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Set simple ways of scoring beside it.")] = True,
    format: Annotated[FigureFormat, typer.Option(help="How to write the figures.")] = FigureFormat.MARKDOWN,
    out: Annotated[Path | None, typer.Option(help="File to write to instead of the terminal.")] = None,
    card: Annotated[
        bool, typer.Option("--card", help="Write metrics.json, plots and README.md beside the weights.")
    ] = False,
) -> None:
    """Measure a tagger against coders, with intervals, beside simple baselines and other taggers."""
    from annotation.corpus import DATA
    from models.artifact import find_artifact
    from models.recipes import evaluate_artifact, write_card
    from models.tables import evaluation_markdown

    results = evaluate_artifact(
        model,
        lambda line: typer.echo(line, err=True),
        compare or (),
        folder=data or DATA,
        split=None if split == "all" else split,
        baselines=baselines,
    )
    if card:
        write_card(find_artifact(model), results)
    text = evaluation_markdown(results)
    if format is FigureFormat.JSON:
        text = json.dumps(results, indent=1, ensure_ascii=False)
    if out:
        out.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)
