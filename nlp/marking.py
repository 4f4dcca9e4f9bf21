"""From scores to tags: which turns are marked at one strictness, with what and by which words."""

import re

from nlp.codebook import CONFRONTATION, REPAIR, WITHDRAWAL, Codebook
from nlp.tagging import NAMED_FROM, Strictness, TurnScores, TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn

# A neighbouring sentence joins the best one when it is nearly as likely. On the dev sessions this share
# agrees best with the words that coders quote (token F1 0.71; with 0.8 and at least 0.5 it was 0.67).
_NEARLY_AS_LIKELY = 0.7
# Thresholds of rare codes are low; beside a much likelier code they would only be clutter.
_BESIDE_THE_LIKELIEST = 0.5
_AT_MOST = 2  # codes a turn; of 2602 marked turns in the written sessions 11 have more
_STAGE_DIRECTION = re.compile(r"\[[^\]]*\]")


def mark_turns(
    transcript: Transcript, scores: tuple[TurnScores, ...], strictness: Strictness, codebook: Codebook
) -> tuple[TurnTag, ...]:
    """The tags of one session at one strictness, in the order of the turns and of the codebook."""
    tags = []
    for turn, turn_scores in zip(transcript.turns, scores, strict=True):
        evidence = find_evidence(turn, turn_scores)
        if evidence.start == evidence.end:
            continue
        for code in sorted(codes_marked(turn, turn_scores, strictness, codebook), key=_order(codebook)):
            turn_score = turn_scores.of_kind(codebook[code].kind)
            score, intensity = turn_scores.codes[code], _intensity(turn_scores)
            tags.append(TurnTag(turn.index, code, evidence, score, intensity, "model", turn_score))
    return tuple(tags)


def _order(codebook: Codebook):
    places = {c.id: n for n, c in enumerate(codebook.codes)}
    return places.__getitem__


def codes_marked(turn: Turn, scores: TurnScores, strictness: Strictness, codebook: Codebook) -> set[str]:
    """The codes put on a turn: none unless the turn's own score reaches its threshold.

    A marked turn carries the likeliest code of each of its kinds, so that no turn is marked without
    saying as what, and others that reach theirs, can be named and are at least half as likely as
    its likeliest one; two codes at most.
    """
    if not _is_marked(turn, scores, strictness):
        return set()
    allowed = {c: s for c, s in scores.codes.items() if c in codebook.codes_for(turn.speaker)}
    reached = {c for c, s in allowed.items() if s >= threshold_of(c, strictness, codebook)}
    likeliest = max((allowed[c] for c in reached), default=0.0)
    marked = {c for c in reached if allowed[c] >= _BESIDE_THE_LIKELIEST * likeliest}
    first = _likeliest_of_each(_kinds(turn, scores, strictness), allowed, codebook)
    others = sorted((c for c in marked - set(first) if allowed[c] >= NAMED_FROM), key=lambda c: -allowed[c])
    return set([*first, *others][:_AT_MOST])


def _likeliest_of_each(kinds: list[str], allowed: dict[str, float], codebook: Codebook) -> list[str]:
    of_kinds = [[c for c in codebook.of_kind(kind) if c in allowed] for kind in kinds]
    return [max(codes, key=lambda c: allowed[c]) for codes in of_kinds if codes]


def threshold_of(code: str, strictness: Strictness, codebook: Codebook) -> float:
    """The least score of a code; its kind's where it has none of its own."""
    return strictness.codes.get(code, getattr(strictness, codebook[code].kind))


def _is_marked(turn: Turn, scores: TurnScores, strictness: Strictness) -> bool:
    if turn.speaker is Speaker.CLIENT:
        return scores.rupture is not None and scores.rupture >= strictness.rupture
    return (
        turn.speaker is Speaker.THERAPIST and scores.repair is not None and scores.repair >= strictness.repair
    )


def _kinds(turn: Turn, scores: TurnScores, strictness: Strictness) -> list[str]:
    """The kinds that a marked turn is of; where neither reaches its threshold, the one that comes nearest."""
    if turn.speaker is Speaker.THERAPIST:
        return [REPAIR]
    reach = {
        WITHDRAWAL: (scores.withdrawal or 0.0) / max(strictness.withdrawal, 1e-9),
        CONFRONTATION: (scores.confrontation or 0.0) / max(strictness.confrontation, 1e-9),
    }
    reached = [kind for kind, share in reach.items() if share >= 1]
    return reached or [max(reach, key=lambda kind: reach[kind])]


def _intensity(scores: TurnScores) -> int:
    return 2 if scores.intensity is None else min(3, max(1, round(scores.intensity)))


def find_evidence(turn: Turn, scores: TurnScores) -> Span:
    """The likeliest sentence with those beside it that are nearly as likely, without the space around.

    A sentence that is only a stage direction ("[laughs]") counts where the turn has no other. The
    whole turn where the tagger has no say about its sentences.
    """
    if not turn.sentences or len(scores.sentences) != len(turn.sentences):
        return trim(turn.text, Span(0, len(turn.text)))
    likely = _likely_to_show(turn, scores)
    best = max(range(len(likely)), key=lambda n: likely[n])
    enough = _NEARLY_AS_LIKELY * likely[best]
    first = last = best
    while first > 0 and likely[first - 1] >= enough:
        first -= 1
    while last + 1 < len(likely) and likely[last + 1] >= enough:
        last += 1
    return trim(turn.text, Span(turn.sentences[first].start, turn.sentences[last].end))


def _likely_to_show(turn: Turn, scores: TurnScores) -> list[float]:
    """The sentences' scores; under all others (-1) where nothing is said though the turn has words."""
    spoken = [_is_spoken(turn.text[s.start : s.end]) for s in turn.sentences]
    if not any(spoken):
        return list(scores.sentences)
    return [score if said else -1.0 for score, said in zip(scores.sentences, spoken, strict=True)]


def _is_spoken(text: str) -> bool:
    return any(character.isalnum() for character in _STAGE_DIRECTION.sub("", text))


def trim(text: str, span: Span) -> Span:
    """The span without white space at its ends."""
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return Span(start, max(start, span.start + len(inside.rstrip())))
