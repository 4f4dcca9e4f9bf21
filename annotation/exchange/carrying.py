"""What a format can carry of a coded session, and what it would lose, so that nothing is lost unsaid."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from annotation.corpus import CodedTranscript
from nlp.tagging import TurnTag
from nlp.transcript import Turn

_Change = Callable[[CodedTranscript], CodedTranscript]


def _turns(change: Callable[[Turn], Turn]) -> _Change:
    return lambda c: replace(
        c, transcript=replace(c.transcript, turns=tuple(change(t) for t in c.transcript.turns))
    )


def _tags(change: Callable[[TurnTag, str], TurnTag]) -> _Change:
    return lambda c: replace(
        c, tags={coder: tuple(change(t, coder) for t in tags) for coder, tags in c.tags.items()}
    )


def _transcript(**to: object) -> _Change:
    return lambda c: replace(c, transcript=replace(c.transcript, **to))


# By name: what it is, and how a session looks without it. Ids, speakers, words, coders, and the tags'
# turns, codes and evidence are carried by every format.
_WITHOUT: dict[str, tuple[str, _Change]] = {
    "titles": ("the sessions' titles", _transcript(title="")),
    "formats": ("the formats the transcripts came in", _transcript(source_format="")),
    "turn_ids": ("the turns' own ids", _turns(lambda t: replace(t, id=f"t{t.index}"))),
    "names": ("the speakers' names", _turns(lambda t: replace(t, name=t.speaker.value))),
    "times": ("when turns begin and end", _turns(lambda t: replace(t, start=None, end=None))),
    "sentences": ("where sentences end (they can be found anew)", _turns(lambda t: replace(t, sentences=()))),
    "source": ("where the sessions came from", lambda c: replace(c, source="")),
    "about": ("what is known of the sessions", lambda c: replace(c, about={})),
    "judged": ("which turns were to be coded", lambda c: replace(c, judged=None)),
    "looked_at": ("which turns a coder looked at", lambda c: replace(c, looked_at={})),
    "ratings": ("ratings of whole sessions", lambda c: replace(c, ratings={})),
    "episodes": ("rupture episodes", lambda c: replace(c, episodes={})),
    "intensity": ("the tags' intensities", _tags(lambda t, _: replace(t, intensity=2))),
    "scores": ("the tags' scores", _tags(lambda t, _: replace(t, score=1.0, turn_score=1.0))),
    "tag_sources": ("who or what else a tag came from", _tags(lambda t, coder: replace(t, source=coder))),
}
ALL = frozenset(_WITHOUT)


def named(lost: Iterable[str]) -> tuple[str, ...]:
    """What these losses are, in words."""
    return tuple(_WITHOUT[name][0] for name in sorted(lost))


def without(coded: CodedTranscript, lost: Iterable[str]) -> CodedTranscript:
    """A session as it is when these things are lost."""
    for name in lost:
        coded = _WITHOUT[name][1](coded)
    return coded


def losses(coded: Sequence[CodedTranscript], lost: Iterable[str], format_name: str) -> tuple[str, ...]:
    """A warning for each thing that a format loses and that some sessions have."""
    found = []
    for name in sorted(lost):
        what, _ = _WITHOUT[name]
        having = sum(without(c, (name,)) != c for c in coded)
        if having:
            sessions = "session" if having == 1 else "sessions"
            found.append(f"{format_name} cannot carry {what}; left out in {having} {sessions}.")
    return tuple(found)
