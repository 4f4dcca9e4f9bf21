"""Agreement as plain data for JSON, and as Markdown; AnnoMI's words are in neither."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations

from annotation.agreement_report import AgreementReport
from annotation.bootstrap import Figure
from annotation.confusion import confusion
from annotation.corpus import ANNOMI_CODERS, WRITTEN_CODERS, CodedTranscript
from annotation.judgements import codes_of, tags_by_turn
from api.terminal import safe
from nlp.codebook import Codebook

FIGURES = {
    "raw": "raw",
    "positive_agreement": "positive agreement",
    "kappa": "kappa",
    "alpha": "alpha",
    "ac1": "AC1",
    "evidence": "evidence F1",
}
ICCS = {"single": "ICC(2,1)", "mean": "ICC(2,k)"}
LANGUAGE_MODELS = (
    "These coders are language models reading with the codebook, not clinicians; "
    "expect people to agree less than two models of one kind do."
)
PERHAPS = "Where coders are language models, people should be expected to agree less than they do."
NO_WORDS = "the words of these turns are not here"


def figures(name: str, coded: Sequence[CodedTranscript], report: AgreementReport, rounds: int) -> dict:
    """All figures of one set, as plain data."""
    wordless = not any(t.text for c in coded for t in c.transcript.turns)
    codes = [asdict(c) for c in report.codes]
    for row in codes:
        if wordless and row["evidence"]["value"] is None:
            row["evidence"]["why"] = NO_WORDS
    return {
        "set": name,
        "sessions": len(coded),
        "coders": list(report.coders),
        "caveat": _caveat(report.coders),
        "rounds": rounds,
        "agreement": codes,
        "counts": [
            {"what": s.what, "coders": s.coders, "sessions": s.sessions}
            | {form: asdict(getattr(s, name)) for name, form in ICCS.items()}
            for s in report.sessions
        ],
    }


def figures_markdown(shown: Mapping) -> str:
    """The figures of one set, as Markdown tables for each group of coders."""
    lines = [
        f"## {shown['set']}: {shown['sessions']} sessions",
        "",
        f"{shown['caveat']} In brackets: 95 % intervals over sessions, from {shown['rounds']} draws.",
    ]
    for coders in dict.fromkeys(tuple(row["coders"]) for row in shown["agreement"]):
        rows = [row for row in shown["agreement"] if tuple(row["coders"]) == coders]
        lines += ["", f"### {' and '.join(coders)}", "", *_table(("", "turns", "marked", *FIGURES.values()), (
            (row["what"], str(row["turns"]), " / ".join(map(str, row["positive"])), *(_cell(row[f]) for f in FIGURES))
            for row in rows
        ))]  # fmt: skip
        counts = [row for row in shown["counts"] if tuple(row["coders"]) == coders]
        lines += [
            "",
            "Marked turns per session, and ratings of whole sessions: two-way random effects, absolute agreement "
            "(Shrout & Fleiss 1979), of one coder (2,1) and of the coders' mean (2,k).",
            "",
            *_table(
                ("", "sessions", *ICCS.values()),
                (
                    (row["what"], str(row["sessions"]), *(_cell(row[form]) for form in ICCS.values()))
                    for row in counts
                ),
            ),
        ]
        lines += _reasons(
            [(row, FIGURES) for row in rows] + [(row, {f: f for f in ICCS.values()}) for row in counts]
        )
    return "\n".join(lines)


def turns_behind(
    name: str, coded: Sequence[CodedTranscript], coders: Sequence[str], what: str, codebook: Codebook
) -> dict:
    """For each pair of coders, the turns that both or one of them marked, with their codes; and how many neither."""
    by_id = {c.transcript.id: c for c in coded}
    codes = codes_of(what, codebook)
    pairs = []
    for first, second in combinations(coders, 2):
        cells = confusion(coded, what, first, second, codebook)
        listed = {
            says: [
                _turn(by_id[p.session], p.turn, (first, second), codes)
                for p in cells[cell]
            ]
            for cell, says in (((True, True), "both"), ((True, False), "first_only"), ((False, True), "second_only"))
        }  # fmt: skip
        pairs.append({"first": first, "second": second, "neither": len(cells[False, False]), **listed})
    return {"set": name, "what": what, "caveat": _caveat(coders), "pairs": pairs}


def turns_markdown(shown: Mapping) -> str:
    """Those turns as Markdown lists."""
    lines = [
        f"## {shown['set']}: {shown['what']}",
        "",
        f"{shown['caveat']} Turns count from 0, as in the files.",
    ]
    for pair in shown["pairs"]:
        names = (pair["first"], pair["second"])
        for cell, heading in (
            ("first_only", f"{names[0]} and not {names[1]}"),
            ("second_only", f"{names[1]} and not {names[0]}"),
            ("both", f"{names[0]} and {names[1]}"),
        ):
            lines += ["", f"### {heading}: {len(pair[cell])} turns", ""]
            lines += [_line(turn) for turn in pair[cell]]
        lines += ["", f"### neither: {pair['neither']} turns"]
    return "\n".join(lines)


def may_be_shown(coded: CodedTranscript) -> bool:
    """Whether a session's words may be; AnnoMI's may not be passed on."""
    return coded.source != "annomi" and not coded.transcript.id.startswith("annomi-")


def _turn(coded: CodedTranscript, turn: int, coders: Sequence[str], codes: frozenset[str]) -> dict:
    marked = {c: tags_by_turn(coded, c, codes).get(turn, ()) for c in coders}
    row: dict = {"session": coded.transcript.id, "turn": turn}
    row["codes"] = {c: list(dict.fromkeys(t.code for t in tags)) for c, tags in marked.items() if tags}
    return row | ({"text": coded.transcript.turns[turn].text} if may_be_shown(coded) else {})


def _line(turn: Mapping) -> str:
    said = "; ".join(f"{coder}: {', '.join(codes)}" for coder, codes in turn["codes"].items())
    text = safe(" ".join(turn.get("text", "").split()))
    return f"- {turn['session']}, turn {turn['turn']} ({said})" + (f": {text}" if text else "")


def _caveat(coders: Iterable[str]) -> str:
    return LANGUAGE_MODELS if set(coders) <= {*WRITTEN_CODERS, *ANNOMI_CODERS} else PERHAPS


def _cell(figure: Mapping) -> str:
    f = Figure(**figure)
    if f.value is None:
        return "not estimable"
    value, low, high = (x if x is None else f"{round(x, 2) + 0:.2f}" for x in (f.value, f.low, f.high))
    return value if low is None else f"{value} ({low} to {high})"


def _reasons(rows: Sequence[tuple[Mapping, Mapping[str, str]]]) -> list[str]:
    """Why figures or intervals are missing, each reason once."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row, names in rows:
        for key, name in names.items():
            if why := row[key]["why"]:
                missing = "not estimable" if row[key]["value"] is None else "no interval"
                found.setdefault((missing, why), {}).setdefault(name, []).append(row["what"])
    return [
        line
        for (missing, why), by_name in found.items()
        for line in ("", f"{missing.capitalize()}, because {why}: " + "; ".join(f"{n} of {', '.join(w)}" for n, w in by_name.items()) + ".")
    ]  # fmt: skip


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows)]
