"""Transcripts and scores as bytes and back, for sealing. What goes in comes out equal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from nlp.reading import ReadResult
from nlp.roles import RoleProposal
from nlp.tagging import ModelInfo, SimilarMoment, Strictness, TurnScores
from nlp.transcript import Span, Speaker, Transcript, Turn


def pack_transcript(transcript: Transcript) -> bytes:
    """A transcript as bytes."""
    turns = [
        [t.id, t.speaker, t.text, t.name, [[s.start, s.end] for s in t.sentences], t.start, t.end]
        for t in transcript.turns
    ]
    return _pack(
        {
            "id": transcript.id,
            "title": transcript.title,
            "source_format": transcript.source_format,
            "turns": turns,
        }
    )


def unpack_transcript(packed: bytes) -> Transcript:
    """The transcript that `pack_transcript` was given."""
    raw = json.loads(packed)
    return Transcript(**{**raw, "turns": tuple(_turn(i, row) for i, row in enumerate(raw["turns"]))})


def _turn(index: int, row: Sequence) -> Turn:
    turn_id, speaker, text, name, sentences, start, end = row
    spans = tuple(Span(*s) for s in sentences)
    return Turn(index, turn_id, Speaker(speaker), text, name, spans, start, end)


def pack_reading(result: ReadResult) -> bytes:
    """What a reader said beside the transcript: warnings, counts, proposed roles."""
    return _pack({"warnings": result.warnings, "counts": dict(result.counts), "roles": asdict(result.roles)})


def unpack_reading(packed: bytes, transcript: Transcript) -> ReadResult:
    """The reader's result again, with `transcript` in it."""
    raw = json.loads(packed)
    roles = {name: Speaker(role) for name, role in raw["roles"]["roles"].items()}
    proposal = RoleProposal(**{**raw["roles"], "roles": roles})
    return ReadResult(transcript, tuple(raw["warnings"]), raw["counts"], proposal)


def pack_scores(model: ModelInfo, scores: Sequence[TurnScores]) -> bytes:
    """A tagger's scores and who made them."""
    return _pack({"model": _plain_model(model), "scores": [_plain_scores(s) for s in scores]})


def unpack_scores(packed: bytes) -> tuple[ModelInfo, tuple[TurnScores, ...]]:
    """What `pack_scores` was given."""
    raw = json.loads(packed)
    thresholds = {level: Strictness(**values) for level, values in raw["model"]["thresholds"].items()}
    return ModelInfo(**{**raw["model"], "thresholds": thresholds}), tuple(map(_scores, raw["scores"]))


def _scores(raw: dict) -> TurnScores:
    similar = tuple(SimilarMoment(**m | {"codes": tuple(m["codes"])}) for m in raw.get("similar", ()))
    return TurnScores(**raw | {"sentences": tuple(raw["sentences"]), "similar": similar})


def _plain_model(model: ModelInfo) -> dict[str, object]:
    return {**vars(model), "thresholds": {k: _plain_mapping(vars(v)) for k, v in model.thresholds.items()}}


def _plain_scores(scores: TurnScores) -> dict[str, object]:
    return _plain_mapping(vars(scores)) | {"similar": [asdict(m) for m in scores.similar]}


def _plain_mapping(values: Mapping[str, object]) -> dict[str, object]:
    return {k: dict(v) if isinstance(v, Mapping) else v for k, v in values.items()}


def _pack(plain: object) -> bytes:
    return json.dumps(plain, separators=(",", ":"), allow_nan=False).encode("ascii")
