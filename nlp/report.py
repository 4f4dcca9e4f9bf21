"""The report on one session: plain data from the reader to JSON (docs/report.md)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from nlp.codebook import Codebook, load_codebook
from nlp.errors import InputError
from nlp.explain import explain
from nlp.findings import ExplainedTag, RepairSuggestion, Rupture
from nlp.language import language_warnings
from nlp.marking import mark_turns
from nlp.repair import suggest_repairs
from nlp.ruptures import answering, find_ruptures
from nlp.summary import summarise
from nlp.tagging import ModelInfo, Tagger, TurnScores
from nlp.transcript import Transcript, Turn

SCHEMA = "suture.report/1"
_KEEPS_ALL = "sensitive"  # at other levels strategies that answer no rupture are left out

__all__ = [
    "SCHEMA",
    "ExplainedTag",
    "RepairSuggestion",
    "Rupture",
    "SessionReport",
    "analyse_session",
    "build_report",
    "to_json",
]


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


def analyse_session(
    transcript: Transcript,
    tagger: Tagger,
    codebook: Codebook | None = None,
    strictness: str = "balanced",
    warnings: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> SessionReport:
    """The whole way in one call: sentences, scores, report.

    `progress(done, total)` is handed on to a tagger that reports its progress.
    """
    from nlp.segmentation import split_sentences  # spaCy: not needed where the scores are there already

    transcript = split_sentences(transcript)
    scores = tagger.score(transcript, progress=progress) if progress else tagger.score(transcript)
    return build_report(transcript, warnings, tagger.info, scores, strictness, codebook)


def build_report(
    transcript: Transcript,
    warnings: Sequence[str],
    model_info: ModelInfo,
    scores: Sequence[TurnScores],
    strictness: str = "balanced",
    codebook: Codebook | None = None,
) -> SessionReport:
    """The report at one strictness from scores made before; the transcript must have its sentences."""
    codebook = codebook or load_codebook()
    level = model_info.thresholds.get(strictness)
    if level is None:
        known = ", ".join(model_info.thresholds)
        raise InputError(
            f"strictness: {strictness!r} is not known. Choose one of: {known}.", "bad_strictness"
        )
    tags = mark_turns(transcript, scores, level, codebook)
    ruptures = find_ruptures(transcript, tags, codebook)
    if strictness != _KEEPS_ALL:
        tags = answering(tags, ruptures, codebook)
    explained = explain(transcript, tags, scores, level, codebook, ruptures)
    return SessionReport(
        transcript=transcript,
        warnings=(*warnings, *language_warnings(transcript)),
        model=model_info,
        strictness=strictness,
        scores=tuple(scores),
        tags=explained,
        ruptures=ruptures,
        suggestions=suggest_repairs(transcript, ruptures, tags, codebook),
        summary=summarise(transcript, scores, explained, ruptures, codebook),
    )


def to_json(report: SessionReport) -> dict:
    """The report as the JSON that docs/report.md describes; numbers with at most four decimals."""
    return _rounded(
        {
            "schema": SCHEMA,
            "transcript": _transcript(report),
            "model": asdict(report.model),
            "strictness": report.strictness,
            "scores": [_scores(s) for s in report.scores],
            "tags": [_tag(t, report.transcript.turns[t.turn]) for t in report.tags],
            "ruptures": [asdict(r) for r in report.ruptures],
            "suggestions": [asdict(s) for s in report.suggestions],
            "summary": dict(report.summary),
        }
    )


def _transcript(report: SessionReport) -> dict:
    transcript = report.transcript
    return {
        "id": transcript.id,
        "title": transcript.title,
        "source_format": transcript.source_format,
        "warnings": list(report.warnings),
        "turns": [_turn(t) for t in transcript.turns],
    }


def _turn(turn: Turn) -> dict:
    return {
        "index": turn.index,
        "id": turn.id,
        "speaker": str(turn.speaker),
        "name": turn.name,
        "start": turn.start,
        "end": turn.end,
        "text": turn.text,
        "sentences": [[s.start, s.end] for s in turn.sentences],
    }


def _scores(scores: TurnScores) -> dict:
    return asdict(scores)


def _tag(tag: ExplainedTag, turn: Turn) -> dict:
    return {
        "turn": tag.turn,
        "code": tag.code,
        "kind": tag.kind,
        "score": tag.score,
        "turn_score": tag.turn_score,
        "named": tag.named,
        "intensity": tag.intensity,
        "start": tag.evidence.start,
        "end": tag.evidence.end,
        "evidence": turn.text[tag.evidence.start : tag.evidence.end],
        "why": tag.why,
        "against": tag.against,
    }


def _rounded(value):
    """The same plain data with floats rounded and tuples as lists, so that it equals itself read back."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {str(k): _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value
