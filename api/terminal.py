"""A report as text: in colour on a terminal, with marks that need no colour everywhere else."""

import io
import re
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from api.wording import TO_ONESELF
from nlp.codebook import load_codebook
from nlp.findings import ExplainedTag, RepairSuggestion, Rupture
from nlp.repair import ONESELF
from nlp.report import SessionReport
from nlp.transcript import Speaker, Turn

STYLES = {"withdrawal": "bold blue", "confrontation": "bold magenta", "repair": "green", "mixed": "bold red"}
SIGILS = {"withdrawal": "W", "confrontation": "C", "repair": "R"}
STATUS = {"repaired": "repaired", "partly": "partly repaired", "unrepaired": "unrepaired"}
TIMING = {"now": "In the session", "later": "Later"}
LETTERS = {Speaker.THERAPIST: "T", Speaker.CLIENT: "C", Speaker.OTHER: "-"}
WIDTH = 100
# What a terminal would obey instead of show, and what turns the direction of writing.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def report_text(report: SessionReport, width: int = WIDTH) -> str:
    """The report as plain text: no colour, what is marked stands in « »."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False, no_color=True)
    print_report(report, console)
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


def print_report(report: SessionReport, console: Console) -> None:
    """Print the report; in colour where the console has any."""
    coloured = console.is_terminal and not console.no_color and console.color_system is not None
    for part in _parts(report, coloured):
        console.print(part, markup=False, highlight=False, emoji=False)


def _parts(report: SessionReport, coloured: bool) -> Iterator[RenderableType]:
    yield from _head(report)
    yield from _summary(report)
    yield Text()
    yield _heading("Marked turns, with the turns beside them")
    yield _legend(coloured)
    yield _turns(report, coloured)
    for rupture in report.ruptures:
        yield Text()
        yield from _rupture(report, rupture)
    yield Text()
    yield from (_indented(Text(notice, style="italic"), 0) for notice in report.summary["notices"])


def _heading(text: str) -> Rule:
    return Rule(Text(text, style="bold"), align="left", characters="─", style="dim")


def _head(report: SessionReport) -> Iterator[RenderableType]:
    transcript, model = report.transcript, report.model
    yield _heading(safe(transcript.title or transcript.id))
    made = f"{len(transcript.turns)} turns, read as {transcript.source_format or 'turns'}"
    yield Text(f"{made}; strictness {report.strictness}; tagger {model.name} {model.version}")
    yield Text(_speakers(report))
    for warning in report.warnings:
        yield Text(f"Note: {safe(warning)}", style="yellow")


def _speakers(report: SessionReport) -> str:
    """Who was taken for whom, so that a wrong guess can be seen and put right with --roles."""
    names: dict[str, Speaker] = {}
    for turn in report.transcript.turns:
        names.setdefault(turn.name or str(turn.speaker), turn.speaker)
    return "Speakers: " + ", ".join(f"{safe(name)} = {speaker}" for name, speaker in names.items())


def _summary(report: SessionReport) -> Iterator[RenderableType]:
    yield Text()
    yield from (Text(sentence) for sentence in report.summary["sentences"])
    if report.ruptures:
        yield Text()
        yield Text("Look at first:", style="bold")
        for item in report.summary["look_at_first"]:
            yield _indented(Text(f"{item['rupture']}  {item['reason']}"), 2)


def _legend(coloured: bool) -> Text:
    legend = Text("W withdrawal (moving away), C confrontation (moving against), R repair; evidence ")
    legend.append("underlined" if coloured else "in « »", style="underline" if coloured else "")
    return legend.append(".")


def _turns(report: SessionReport, coloured: bool) -> Table:
    """The marked turns with the turn before and after each; how many were left out between."""
    table = Table.grid(padding=(0, 1))
    for justify in ("right", "left", "left"):
        table.add_column(justify=justify, no_wrap=True)
    table.add_column(ratio=1)
    tags: dict[int, list[ExplainedTag]] = {}
    for tag in report.tags:
        tags.setdefault(tag.turn, []).append(tag)
    shown = {i for turn in tags for i in (turn - 1, turn, turn + 1) if 0 <= i < len(report.transcript.turns)}
    last = -1
    for index in sorted(shown):
        if index > last + 1:
            table.add_row("", "", "", Text(_left_out(index - last - 1), style="dim"))
        table.add_row(*_row(report.transcript.turns[index], tags.get(index, []), coloured))
        last = index
    if last + 1 < len(report.transcript.turns):
        table.add_row("", "", "", Text(_left_out(len(report.transcript.turns) - last - 1), style="dim"))
    return table


def _left_out(count: int) -> str:
    return f"... {count} turn{'s' if count != 1 else ''} without a mark ..."


def _row(turn: Turn, tags: list[ExplainedTag], coloured: bool) -> tuple[Text, Text, Text, Text]:
    kinds = list(dict.fromkeys(tag.kind for tag in tags))
    sigils = Text()
    for kind in kinds:
        sigils.append(SIGILS[kind], style=STYLES[kind])
    words = Text(safe(turn.text), style="" if tags else "dim")
    if tags:
        style = STYLES[kinds[0] if len(kinds) == 1 else "mixed"]
        words = _marked(words, tags, style, coloured)
        words.append("  (" + ", ".join(dict.fromkeys(map(_briefly, tags))) + ")", style="dim italic")
    return Text(str(turn.index + 1)), Text(LETTERS[turn.speaker]), sigils, words


def _marked(words: Text, tags: list[ExplainedTag], style: str, coloured: bool) -> Text:
    spans = sorted({(tag.evidence.start, tag.evidence.end) for tag in tags})
    if coloured:
        for start, end in spans:
            words.stylize(f"{style} underline", start, end)
        return words
    plain = words.plain
    for start, end in reversed(_merged(spans)):
        plain = f"{plain[:start]}«{plain[start:end]}»{plain[end:]}"
    return Text(plain)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _claimed(tag: ExplainedTag) -> str:
    """The kind with the turn's score for it, then the code: with its own score, or as what it is most like."""
    name = load_codebook()[tag.code].name
    kind = f"{tag.kind} {_percent(tag.turn_score)}"
    code = f"{name} {_percent(tag.score)}" if tag.named else f"kind unclear, most like {name.lower()}"
    return f"{kind}: {code}"


def _briefly(tag: ExplainedTag) -> str:
    name = load_codebook()[tag.code].name if tag.named else f"{tag.kind}, kind unclear"
    return f"{name} {_percent(tag.score if tag.named else tag.turn_score)}"


def _percent(score: float) -> str:
    return f"{round(100 * score)} %"


def _rupture(report: SessionReport, rupture: Rupture) -> Iterator[RenderableType]:
    first, last = rupture.first_turn + 1, rupture.last_turn + 1
    turns = f"turn {first}" if first == last else f"turns {first} to {last}"
    status = f"impact {rupture.significance} of 5, {STATUS[rupture.status]}"
    yield _heading(f"{rupture.id}: {rupture.kind}, {turns}, {status}")
    yield _indented(Text(rupture.because))
    marks = [tag for tag in report.tags if tag.turn in rupture.turns and tag.kind != "repair"]
    for tag in sorted(marks, key=lambda tag: tag.strength, reverse=True):
        yield _indented(_explained(tag))
    for suggestion in report.suggestions:
        if suggestion.rupture == rupture.id:
            yield _indented(_suggestion(suggestion))


def _explained(tag: ExplainedTag) -> Group:
    head = Text(f"Turn {tag.turn + 1}: {_claimed(tag)}", style=STYLES[tag.kind])
    against = _indented(Text(f"Against: {safe(tag.against)}"))
    return Group(head, _indented(Text(f"Why: {safe(tag.why)}")), against)


def _suggestion(suggestion: RepairSuggestion) -> Group:
    name = load_codebook()[suggestion.strategy].name
    if suggestion.done:
        head = Text(f"What the therapist did: {name}", style=STYLES["repair"])
    elif suggestion.to == ONESELF:
        head = Text(TO_ONESELF, style="bold")
    else:
        head = Text(f"{TIMING[suggestion.timing]}, one could: {name}", style="bold")
    lines = [Text(f"“{safe(suggestion.wording)}”"), Text(safe(suggestion.because))]
    if suggestion.caution:
        lines.append(Text(f"Careful: {suggestion.caution}"))
    lines.append(Text(suggestion.source, style="dim"))
    return Group(head, *(_indented(line) for line in lines))


def _indented(part: RenderableType, by: int = 2) -> Padding:
    return Padding(part, (0, 0, 0, by), expand=False)


def safe(text: str) -> str:
    """The text with every character that a terminal would obey replaced by one that it shows."""
    return _UNSAFE.sub("\ufffd", text).replace("\n", " ").replace("\t", " ")
