"""The model card: what the tagger is, how it was made and how well it does, in Markdown."""

from collections.abc import Mapping

from models.artifact import TaggerCard
from models.tables import evaluation_markdown

CAVEAT = (
    "The labels were made by language-model coders reading with the codebook, not by clinicians, and nobody with "
    "clinical training has reviewed them. No figure here is a clinical validation."
)


def model_card(card: TaggerCard, metrics: Mapping) -> str:
    """The card of a tagger with the figures `suture evaluate` found."""
    parts = [
        f"# The tagger `{card.name}`, version {card.version}",
        f"**{CAVEAT}**",
        "One encoder reads windows of consecutive turns once, a recurrent layer passes over the whole session, and "
        "every turn is scored: on client turns how likely a rupture, withdrawal, confrontation and each of the "
        "codebook's markers is, on therapist turns any repair and each strategy. A code's score is that of its kind "
        "times that of the code given the kind.",
        f"- encoder: `{card.encoder}`; windows of {card.scheme.limit} tokens, {card.scheme.context} of them context\n"
        f"- codebook: version {card.codebook_version}\n"
        f"- trained on: the train split of annotation/data (written sessions, contrast pairs) and of AnnoMI\n"
        f"- calibrated, thresholds fitted and stopped early on: the dev split, so the dev figures below flatter it "
        f"a little\n- weights: `weights.safetensors`, SHA-256 `{card.weights_sha256[:16]}…`",
        "## Figures",
        "![How well scores mean what they say](reliability.svg)",
        "![What is gained over simpler ways](compared.svg)",
        evaluation_markdown(metrics),
        "## Limits",
        "The example session that the service offers (full-01) was among those it learnt from: its report looks better "
        "than that of a session it has never seen. English only. Written sessions are fiction; AnnoMI is motivational interviewing shown by demonstrators. "
        "Tone of voice, silence and faces are not in a transcript. Rare codes are known from few examples. It does "
        "not assess risk (suicide, harm), and its suggestions are no verdict on anybody.",
    ]
    return "\n\n".join(parts) + "\n"
