"""The figures of `suture evaluate` in Markdown."""

from collections.abc import Mapping, Sequence


def evaluation_markdown(results: Mapping) -> str:
    """All figures as tables, one section a data set."""
    return "\n\n".join(
        _contrast(figures) if "pairs" in figures else _section(name, figures)
        for name, figures in results.items()
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float | None, digits: int = 2) -> str:
    """A figure as it is shown; a dash where it cannot be estimated."""
    return "–" if value is None else f"{value:.{digits}f}"


def _section(name: str, figures: Mapping) -> str:
    parts = [f"### {name} ({figures['sessions']} sessions)", _kinds(figures["kinds"]), _summary(figures)]
    if figures.get("compared"):
        parts += [
            "Beside other ways of scoring the same turns (AUPRC, and how much higher this tagger's is):"
        ]
        parts += [_compared(figures["compared"])]
    parts += [_codes(figures["codes"])]
    parts += [_slice(by, found) for by, found in figures.get("slices", {}).items()]
    return "\n\n".join(parts)


def _kinds(kinds: Mapping) -> str:
    head = (
        "",
        "turns",
        "base rate",
        "AUPRC (95 % interval)",
        "F1",
        "all-positive F1",
        "balanced acc.",
        "specificity",
        "kappa with each coder",
        "coders' kappa",
        "ECE",
        "false alarms per 100 (sensitive / balanced / strict)",
    )
    return table(head, [_kind(kind, f) for kind, f in kinds.items()])


def _kind(kind: str, f: Mapping) -> list[str]:
    return [
        kind,
        str(f["turns"]),
        number(f["prevalence"]),
        f"{number(f['auprc'])} {_interval(f['auprc_interval'])}",
        *(number(f[k]) for k in ("f1", "all_positive_f1", "balanced_accuracy", "specificity")),
        ", ".join(f"{coder} {number(k)}" for coder, k in f["kappa"].items()),
        number(f["coder_kappa"]),
        number(f["calibration_error"]),
        " / ".join(number(v, 1) for v in f["false_alarms_per_100"].values()),
    ]


def _summary(figures: Mapping) -> str:
    ruptures, counts = figures["ruptures"], figures["counts_icc"]
    return (
        f"Evidence: the words shown agree with the coder's at a token F1 of {number(figures['evidence_token_f1'])}. "
        f"Ruptures (balanced reports): {ruptures['found']} found, {ruptures['drawn']} episodes drawn by the coder, "
        f"F1 {number(ruptures['f1'])} (more than half of their turns in common), {number(ruptures['touched'])} of the "
        f"episodes touched; same kind {number(ruptures['same_kind'])}, same status {number(ruptures['same_status'])}. "
        "Marked turns per session, ICC(2,1) with the coder: "
        + ", ".join(f"{kind} {number(v)}" for kind, v in counts.items())
        + ". Mean AUPRC of the markers "
        f"{number(figures['macro_auprc']['markers'])}, of the strategies {number(figures['macro_auprc']['strategies'])} "
        "(those marked at least five times)."
    )


def _compared(compared: Mapping) -> str:
    kinds = list(next(iter(compared.values())))
    rows = [
        [
            other,
            *(
                f"{number(f[k]['auprc'])} ({_signed(f[k]['gain'])}, {_interval(f[k]['gain_interval'])[1:-1]})"
                for k in kinds
            ),
        ]
        for other, f in compared.items()
    ]
    return table(("", *kinds), rows)


def _codes(codes: Mapping) -> str:
    rows = [
        [code, str(f["positive"]), *(number(f[k]) for k in ("auprc", "f1", "kappa", "coder_kappa"))]
        for code, f in codes.items()
    ]
    return table(("code", "turns marked", "AUPRC", "F1", "kappa", "coders' kappa"), rows)


def _slice(by: str, found: Mapping) -> str:
    head = (
        by,
        *(
            f"{kind}: {what}"
            for kind in ("rupture", "repair")
            for what in ("base rate", "AUPRC", "recall", "false alarms per 100")
        ),
    )
    rows = [
        [name]
        + [
            number(figures[kind][what], 1 if what == "false_alarms_per_100" else 2)
            for kind in ("rupture", "repair")
            for what in ("prevalence", "auprc", "recall", "false_alarms_per_100")
        ]
        for name, figures in found.items()
    ]
    return table(head, rows)


def _contrast(f: Mapping) -> str:
    unmarked = " / ".join(number(v) for v in f["look_alikes_left_unmarked"].values())
    by_code = ", ".join(f"{code} {above} of {total}" for code, (above, total) in sorted(f["by_code"].items()))
    return (
        f"### Contrast pairs ({f['pairs']} pairs)\n\n"
        f"The marked exchange scores above its look-alike: rupture {number(f['rupture_above'])}, its code "
        f"{number(f['code_above'])} of pairs; look-alikes left unmarked (sensitive / balanced / strict): {unmarked}. "
        f"By code: {by_code}."
    )


def _interval(pair: Sequence[float | None]) -> str:
    return f"({number(pair[0])} to {number(pair[1])})"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"
