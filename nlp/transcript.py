"""A session transcript: speakers' turns in order."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Speaker(StrEnum):
    """Who speaks, as far as the alliance is concerned."""

    THERAPIST = "therapist"
    CLIENT = "client"
    OTHER = "other"


@dataclass(frozen=True)
class Span:
    """Characters `start` (included) to `end` (excluded) of one turn, in Unicode code points."""

    start: int
    end: int


@dataclass(frozen=True)
class Turn:
    """One uninterrupted stretch of talk by one speaker.

    `index` is the place in the transcript, from 0. `id` stays the same when turns before it are
    edited. `name` is the speaker as the file named them. `start` and `end` are seconds from the
    beginning of the session, where the file gave them. `sentences` are spans within `text`.
    """

    index: int
    id: str
    speaker: Speaker
    text: str
    name: str = ""
    sentences: tuple[Span, ...] = ()
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Transcript:
    """The turns of one session."""

    id: str
    turns: tuple[Turn, ...]
    title: str = ""
    source_format: str = ""


def with_roles(transcript: Transcript, roles: dict[str, Speaker]) -> Transcript:
    """The transcript with each turn's speaker set by its name; a name not in `roles` keeps its speaker."""
    turns = tuple(replace(t, speaker=roles.get(t.name, t.speaker)) for t in transcript.turns)
    return replace(transcript, turns=turns)


def make_turns(rows: Iterable[tuple[str, str, float | None, float | None]]) -> tuple[Turn, ...]:
    """Turns from (name, text, start, end) rows, all speakers still unknown (OTHER)."""
    return tuple(
        Turn(index=i, id=f"t{i}", speaker=Speaker.OTHER, text=text, name=name, start=start, end=end)
        for i, (name, text, start, end) in enumerate(rows)
    )
