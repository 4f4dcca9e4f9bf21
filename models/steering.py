"""What steers training: the ranking on dev, from raw scores."""

from collections.abc import Sequence

import numpy as np
from transformers import PreTrainedTokenizerFast

from annotation.corpus import CodedTranscript
from models import metrics
from models.judging import REFERENCE_CODER
from models.network import KINDS, Reader
from models.scoring import WindowScheme, score_turns
from models.targets import turn_targets
from nlp.codebook import Codebook


def dev_figures(
    reader: Reader,
    tokenizer: PreTrainedTokenizerFast,
    scheme: WindowScheme,
    dev: Sequence[CodedTranscript],
    codebook: Codebook,
) -> dict:
    """AUPRC per source and kind against the reference coder; `steer` is their mean, for early stopping."""
    gathered: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {}
    for coded in dev:
        raw = score_turns(coded.transcript, tokenizer, reader, scheme, len(codebook.codes))
        reference = turn_targets(coded, codebook, [REFERENCE_CODER[coded.source]])
        gathered.setdefault(coded.source, []).append((raw.kinds, reference.kinds, reference.applies))
    figures = {source: _ranking(parts) for source, parts in gathered.items()}
    steer = float(np.nanmean([v for by_kind in figures.values() for v in by_kind.values()]))
    return figures | {"steer": steer}


def _ranking(parts: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> dict[str, float]:
    scores, targets, applies = (np.concatenate(p) for p in zip(*parts, strict=True))
    return {
        kind: metrics.auprc(targets[applies[:, k] > 0, k] > 0.5, scores[applies[:, k] > 0, k])
        for k, kind in enumerate(KINDS)
    }
