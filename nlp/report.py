"""The report on one session: plain data from the reader to JSON.

`dataclasses.asdict` of a SessionReport, with `to_json`'s few renamings, is the JSON described in
docs/report.md (schema "suture.report/1").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nlp.findings import ExplainedTag, RepairSuggestion, Rupture
from nlp.tagging import ModelInfo, TurnScores
from nlp.transcript import Transcript

SCHEMA = "suture.report/1"


@dataclass(frozen=True)
class SessionReport:
    """Everything Suture says about one session at one strictness."""

    transcript: Transcript
    warnings: tuple[str, ...]
    model: ModelInfo
    strictness: str
    scores: tuple[TurnScores, ...]
    tags: tuple[ExplainedTag, ...]
    ruptures: tuple[Rupture, ...]
    suggestions: tuple[RepairSuggestion, ...]
    summary: Mapping[str, object] = field(default_factory=dict)
