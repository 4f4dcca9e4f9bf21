"""Disagreements between coders, how they were resolved, and gold that keeps everybody's tags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from statistics import median_low

from annotation.corpus import CodedTranscript
from annotation.judgements import tags_by_turn
from nlp.codebook import Codebook
from nlp.errors import InputError
from nlp.tagging import TurnTag
from nlp.transcript import Span

GOLD = "gold"


class Reason(StrEnum):
    """Why coders disagreed."""

    AMBIGUOUS_TEXT = "ambiguous_text"
    CODEBOOK_GAP = "codebook_gap"
    SLIP = "slip"
    EDGE_CASE = "edge_case"


class Over(StrEnum):
    """What a disagreement is about."""

    PRESENCE = "presence"  # somebody marked the turn, somebody did not
    CODE = "code"  # all marked it, with different codes


@dataclass(frozen=True)
class Disagreement:
    """A turn on which coders differ; a coder who judged it and found nothing has no tags in `said`."""

    turn: int
    over: Over
    said: Mapping[str, tuple[TurnTag, ...]]  # by coder
    agreed: tuple[str, ...]  # codes that all of them gave


@dataclass(frozen=True)
class Resolution:
    """What an adjudicator decided about a turn: its tags (none: nothing is there), and why coders differed."""

    turn: int
    tags: tuple[TurnTag, ...]
    reason: Reason
    by: str
    comment: str = ""


@dataclass(frozen=True)
class Adjudicated:
    """A session with gold beside everybody's tags, and the disagreements that are still open.

    Gold judges the turns that two or more coders agreed on or that were resolved, and no others.
    """

    coded: CodedTranscript
    resolved: tuple[Resolution, ...]
    open: tuple[Disagreement, ...]


def find_disagreements(
    coded: CodedTranscript, codebook: Codebook, coders: Sequence[str] | None = None
) -> tuple[Disagreement, ...]:
    """The turns that two or more coders judged differently, in order."""
    by_coder = _tags_of(coded, codebook, coders)
    found = []
    for turn, judges in _judges(coded, tuple(by_coder)).items():
        said = {coder: by_coder[coder].get(turn, ()) for coder in judges}
        sets = [{tag.code for tag in tags} for tags in said.values()]
        if any(codes != sets[0] for codes in sets):
            over = Over.CODE if all(sets) else Over.PRESENCE
            found.append(Disagreement(turn, over, said, tuple(sorted(set.intersection(*sets)))))
    return tuple(found)


def adjudicate(
    coded: CodedTranscript,
    resolutions: Sequence[Resolution],
    codebook: Codebook,
    coders: Sequence[str] | None = None,
) -> Adjudicated:
    """The session with gold made of what coders agree on and of what was resolved; the last word on a turn counts."""
    coders = tuple(coders or (c for c in coded.tags if c != GOLD))
    by_coder = _tags_of(coded, codebook, coders)
    last = {r.turn: r for r in resolutions}
    for resolution in last.values():
        _check(resolution, coded, codebook)
    disagreements = {d.turn: d for d in find_disagreements(coded, codebook, coders)}
    gold: list[TurnTag] = [replace(tag, source=GOLD) for r in last.values() for tag in r.tags]
    judged = set(last)
    for turn, judges in _judges(coded, coders).items():
        if turn not in disagreements and turn not in last:
            judged.add(turn)
            gold += _merged([by_coder[coder].get(turn, ()) for coder in judges])
    gold.sort(key=lambda tag: (tag.turn, tag.evidence.start, tag.code))
    return Adjudicated(
        coded=replace(
            coded,
            tags={**coded.tags, GOLD: tuple(gold)},
            looked_at={**coded.looked_at, GOLD: frozenset(judged)},
        ),
        resolved=tuple(sorted(last.values(), key=lambda r: r.turn)),
        open=tuple(d for turn, d in disagreements.items() if turn not in last),
    )


def soft_targets(coded: CodedTranscript, coders: Sequence[str] | None = None) -> dict[tuple[int, str], float]:
    """For each turn and code that anybody gave, the share of the coders who judged the turn that gave it."""
    coders = tuple(coders or (c for c in coded.tags if c != GOLD))
    judges = _judges(coded, coders, at_least=1)
    gave: dict[tuple[int, str], set[str]] = {}
    for coder in coders:
        for tag in coded.tags.get(coder, ()):
            gave.setdefault((tag.turn, tag.code), set()).add(coder)
    return {key: len(who) / len(judges[key[0]]) for key, who in sorted(gave.items()) if key[0] in judges}


def hidden_names(coders: Sequence[str], seed: int) -> dict[str, str]:
    """Coders as “Coder A”, “Coder B” in a shuffled order, so that an adjudicator does not know whose tags these are."""
    shuffled = sorted(coders)
    Random(seed).shuffle(shuffled)
    return {coder: f"Coder {_letters(i)}" for i, coder in enumerate(shuffled)}


def _letters(number: int) -> str:
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def _tags_of(coded: CodedTranscript, codebook: Codebook, coders: Sequence[str] | None) -> dict[str, Mapping]:
    every = frozenset(code.id for code in codebook.codes)
    names = coders or [c for c in coded.tags if c != GOLD]
    return {coder: tags_by_turn(coded, coder, every) for coder in names}


def _judges(coded: CodedTranscript, coders: Sequence[str], at_least: int = 2) -> dict[int, tuple[str, ...]]:
    """By turn, the coders who judged it, where they are enough."""
    judged = {coder: coded.judged_by(coder) for coder in coders}
    turns = range(len(coded.transcript.turns))
    found = {turn: tuple(c for c in coders if turn in judged[c]) for turn in turns}
    return {turn: who for turn, who in found.items() if len(who) >= at_least}


def _merged(by_coder: list[tuple[TurnTag, ...]]) -> list[TurnTag]:
    """One tag for each code that all gave: the evidence nearest to the others', the median intensity."""
    merged = []
    for code in sorted({tag.code for tag in by_coder[0]}):
        tags = [tag for tags in by_coder for tag in tags if tag.code == code]
        best = max(tags, key=lambda tag: sum(_overlap(tag.evidence, other.evidence) for other in tags))
        merged.append(replace(best, intensity=median_low([t.intensity for t in tags]), source=GOLD))
    return merged


def _overlap(a: Span, b: Span) -> float:
    shared = max(0, min(a.end, b.end) - max(a.start, b.start))
    return 2 * shared / max(1, a.end - a.start + b.end - b.start)


def _check(resolution: Resolution, coded: CodedTranscript, codebook: Codebook) -> None:
    where = f"resolution of turn {resolution.turn}"
    turns = coded.transcript.turns
    if not 0 <= resolution.turn < len(turns):
        raise InputError(f"{where}: the session has turns 0 to {len(turns) - 1}.", "no_such_turn")
    turn = turns[resolution.turn]
    for tag in resolution.tags:
        if tag.turn != turn.index or tag.code not in codebook.codes_for(turn.speaker):
            raise InputError(
                f"{where}: “{tag.code}” cannot be put there; a {turn.speaker} turn takes one of "
                f"{', '.join(codebook.codes_for(turn.speaker)) or 'no codes'}.",
                "wrong_code",
            )
        if not 0 <= tag.evidence.start < tag.evidence.end <= len(turn.text):
            raise InputError(f"{where}: the evidence does not lie within the turn's words.", "bad_span")
