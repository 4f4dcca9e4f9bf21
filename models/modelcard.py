"""The model card: what the tagger is, how it was made and how well it does, in Markdown."""

from collections.abc import Mapping

from models.artifact import TaggerCard

CAVEAT = (
    "The labels were made by language-model coders reading with the codebook, not by clinicians, and nobody with "
    "clinical training has reviewed them. No figure here is a clinical validation."
)


def model_card(card: TaggerCard, metrics: Mapping) -> str:
    """The card of a tagger with the figures `suture evaluate` found."""
    parts = [
        f"# The tagger `{card.name}`, version {card.version}",
        f"**{CAVEAT}**",
        "One encoder reads windows of consecutive turns once and scores every turn: on client turns how likely a "
        "rupture, withdrawal, confrontation and each of the codebook's markers is, on therapist turns any repair and "
        "each strategy. A code's score is that of its kind times that of the code given the kind.",
        f"- encoder: `{card.encoder}`; windows of {card.scheme.limit} tokens, {card.scheme.context} of them context\n"
        f"- codebook: version {card.codebook_version}\n"
        f"- trained on: the train split of annotation/data (written sessions, contrast pairs) and of AnnoMI\n"
        f"- calibrated, thresholds fitted and stopped early on: the dev split, so the dev figures below flatter it "
        f"a little\n- weights: `weights.safetensors`, SHA-256 `{card.weights_sha256[:16]}…`",
        "## Figures",
        evaluation_markdown(metrics),
        "## Limits",
        "The example session that the service offers (full-01) was among those it learnt from: its report looks better "
        "than that of a session it has never seen. English only. Written sessions are fiction; AnnoMI is motivational interviewing shown by demonstrators. "
        "Tone of voice, silence and faces are not in a transcript. Rare codes are known from few examples. It does "
        "not assess risk (suicide, harm), and its suggestions are no verdict on anybody.",
    ]
    return "\n\n".join(parts) + "\n"


def evaluation_markdown(results: Mapping) -> str:
    """The figures of `suture evaluate` as Markdown tables, one section a data set."""
    return "\n\n".join(
        _contrast(figures) if "pairs" in figures else _section(name, figures)
        for name, figures in results.items()
    )


def _section(name: str, figures: Mapping) -> str:
    head = (
        "| | turns | base rate | AUPRC (95 % interval) | TF-IDF AUPRC | F1 | all-positive F1 | balanced acc. | "
        "specificity | kappa | coders' kappa | ECE | false alarms per 100 (sensitive / balanced / strict) |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    )
    rows = [_row(kind, f) for kind, f in figures["kinds"].items()]
    codes = "\n".join(
        f"| {code} | {f['positive']} | {_number(f['auprc'])} |" for code, f in figures["codes"].items()
    )
    return "\n".join(
        [
            f"### {name} ({figures['sessions']} sessions)\n",
            head,
            *rows,
            f"\nEvidence, token F1 of the best sentence: {_number(figures['evidence_token_f1'])}.\n",
            "| code | turns marked | AUPRC |\n|---|---|---|",
            codes,
        ]
    )


def _row(kind: str, f: Mapping) -> str:
    low, high = f["auprc_interval"]
    alarms = " / ".join(_number(v, 1) for v in f["false_alarms_per_100"].values())
    cells = [
        kind,
        str(f["turns"]),
        _number(f["prevalence"]),
        f"{_number(f['auprc'])} ({_number(low)} to {_number(high)})",
        *(_number(f.get(k)) for k in ("tfidf_auprc", "f1", "all_positive_f1", "balanced_accuracy")),
        *(_number(f.get(k)) for k in ("specificity", "kappa", "coder_kappa", "calibration_error")),
        alarms,
    ]
    return "| " + " | ".join(cells) + " |"


def _contrast(f: Mapping) -> str:
    return (
        f"### Contrast pairs ({f['pairs']} pairs)\n\n"
        f"The marked exchange scores above its look-alike: rupture {_number(f['rupture_above'])}, its code "
        f"{_number(f['code_above'])} of pairs; look-alikes left unmarked (balanced): "
        f"{_number(f['look_alikes_left_unmarked'])}."
    )


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
