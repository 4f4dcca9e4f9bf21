"""Puts pseudonyms in the place of identifying words, and moves tags along with the words they are on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from nlp.deidentify import AGE, Identifier
from nlp.errors import InputError
from nlp.tagging import TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn

OVER_89 = "[Age over 89]"


@dataclass(frozen=True)
class Decision:
    """A person's decision that these words of a turn are replaced; what is not decided on stays."""

    turn: int
    span: Span
    replacement: str


@dataclass(frozen=True)
class Pseudonymised:
    """A transcript without the decided words, without title and speakers' names, with its tags moved along."""

    transcript: Transcript
    tags: Mapping[str, tuple[TurnTag, ...]]  # by coder


def name_pseudonyms(
    identifiers: Iterable[Identifier], known: Mapping[tuple[str, str], str] | None = None
) -> dict[tuple[str, str], str]:
    """By (kind, about), a pseudonym such as “[Person 2]”; hand in `known` to keep a client's over all sessions."""
    pseudonyms = dict(known or {})
    used = set(pseudonyms.values())
    for identifier in identifiers:
        key = (identifier.kind, identifier.about)
        if key in pseudonyms:
            continue
        number = 1
        while (name := f"[{identifier.kind.capitalize()} {number}]") in used:
            number += 1
        pseudonyms[key] = OVER_89 if identifier.kind == AGE else name
        used.add(pseudonyms[key])
    return pseudonyms


def propose_decisions(
    identifiers: Iterable[Identifier], pseudonyms: Mapping[tuple[str, str], str]
) -> tuple[Decision, ...]:
    """A decision for each identifier, for a person to strike out, change or add to."""
    return tuple(Decision(i.turn, i.span, pseudonyms[i.kind, i.about]) for i in identifiers)


def pseudonymise(
    transcript: Transcript,
    decisions: Iterable[Decision],
    id: str,
    tags: Mapping[str, Iterable[TurnTag]] | None = None,
) -> Pseudonymised:
    """The transcript under a new id with the decided words replaced; InputError where decisions overlap.

    A tag or sentence that ends within replaced words is stretched over the whole replacement.
    """
    by_turn = _checked(transcript, decisions)
    names = _speakers(transcript)
    turns = tuple(_replaced(turn, by_turn.get(turn.index, []), names[turn.name]) for turn in transcript.turns)
    moved = {
        coder: tuple(replace(t, evidence=_moved(t.evidence, by_turn.get(t.turn, []))) for t in of_coder)
        for coder, of_coder in (tags or {}).items()
    }
    return Pseudonymised(replace(transcript, id=id, title="", turns=turns), moved)


def _checked(transcript: Transcript, decisions: Iterable[Decision]) -> dict[int, list[Decision]]:
    """Decisions by turn, in order, none overlapping or outside its turn."""
    by_turn: dict[int, list[Decision]] = {}
    for decision in sorted(decisions, key=lambda d: (d.turn, d.span.start)):
        before = by_turn.setdefault(decision.turn, [])
        if not 0 <= decision.turn < len(transcript.turns):
            raise InputError(
                f"turn {decision.turn}: the session has turns 0 to {len(transcript.turns) - 1}.",
                "no_such_turn",
            )
        if not 0 <= decision.span.start < decision.span.end <= len(transcript.turns[decision.turn].text):
            raise InputError(
                f"turn {decision.turn}: words to replace must lie within the turn; characters "
                f"{decision.span.start} to {decision.span.end} do not.",
                "bad_span",
            )
        if not decision.replacement.strip():
            raise InputError(
                f"turn {decision.turn}: words to replace need something in their place, such as “[Person 1]”.",
                "no_replacement",
            )
        if before and before[-1].span.end > decision.span.start:
            raise InputError(
                f"turn {decision.turn}: characters {decision.span.start} to {before[-1].span.end} are to be "
                "replaced twice; each word can have one pseudonym only.",
                "overlap",
            )
        before.append(decision)
    return by_turn


def _speakers(transcript: Transcript) -> dict[str, str]:
    """By name, the speaker's role, numbered where several have it."""
    roles = {t.name: t.speaker for t in transcript.turns}
    named: dict[str, str] = {}
    for name, role in roles.items():
        word = "Speaker" if role is Speaker.OTHER else role.capitalize()
        alike = [n for n in roles if roles[n] is role]
        named[name] = word if len(alike) == 1 else f"{word} {alike.index(name) + 1}"
    return named


def _replaced(turn: Turn, decisions: list[Decision], name: str) -> Turn:
    parts, end = [], 0
    for d in decisions:
        parts += turn.text[end : d.span.start], d.replacement
        end = d.span.end
    sentences = tuple(_moved(s, decisions) for s in turn.sentences)
    return replace(turn, name=name, text="".join((*parts, turn.text[end:])), sentences=sentences)


def _moved(span: Span, decisions: list[Decision]) -> Span:
    """The span on the same words, over all of a replacement that it touches."""
    start, end, shift = span.start, span.end, 0
    for d in decisions:
        grown = len(d.replacement) - (d.span.end - d.span.start)
        if d.span.end <= span.start:
            start += grown
        elif d.span.start < span.start:
            start = d.span.start + shift
        if d.span.end <= span.end:
            end += grown
        elif d.span.start < span.end:
            end = d.span.start + shift + len(d.replacement)
        shift += grown
    return Span(start, end)
