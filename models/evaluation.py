"""How well scores fit what coders said."""

from collections.abc import Sequence

import numpy as np
from transformers import PreTrainedTokenizerFast

from annotation.corpus import CodedTranscript
from models.metrics import auprc
from models.network import KINDS, Network
from models.scoring import WindowScheme, score_turns
from models.targets import turn_targets
from nlp.codebook import Codebook

REFERENCE_CODER = {"written": "writer", "contrast": "writer", "annomi": "balanced"}


def dev_figures(
    network: Network,
    tokenizer: PreTrainedTokenizerFast,
    scheme: WindowScheme,
    dev: Sequence[CodedTranscript],
    codebook: Codebook,
) -> dict:
    """AUPRC per source and kind against the reference coder; `steer` is their mean, for early stopping."""
    gathered: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {}
    for coded in dev:
        raw = score_turns(coded.transcript, tokenizer, network, scheme, len(codebook.codes))
        reference = turn_targets(coded, codebook, [REFERENCE_CODER[coded.source]])
        gathered.setdefault(coded.source, []).append((raw.kinds, reference.kinds, reference.applies))
    figures: dict = {}
    for source, parts in gathered.items():
        scores, targets, applies = (np.concatenate(p) for p in zip(*parts, strict=True))
        figures[source] = {
            kind: auprc(targets[applies[:, k] > 0, k] > 0.5, scores[applies[:, k] > 0, k])
            for k, kind in enumerate(KINDS)
        }
    figures["steer"] = float(np.nanmean([v for by_kind in figures.values() for v in by_kind.values()]))
    return figures
