"""Small coded sessions for tests."""

from annotation.corpus import CodedTranscript
from nlp.tagging import TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn


def session(id: str, said: str, looked_at=None, ratings=None, **marks: dict[int, str]) -> CodedTranscript:
    """A session of as many turns as letters in `said` (t or c); by coder, the code of each marked turn."""
    turns = tuple(
        Turn(
            i,
            f"t{i}",
            Speaker.THERAPIST if s == "t" else Speaker.CLIENT,
            f"turn {i} goes on",
            "T" if s == "t" else "C",
        )
        for i, s in enumerate(said)
    )
    tags = {
        coder: tuple(
            TurnTag(turn, code, Span(0, 6), source=coder)
            for turn, codes in by.items()
            for code in codes.split()
        )
        for coder, by in marks.items()
    }
    return CodedTranscript(
        Transcript(id, turns), tags, {}, "written", {}, looked_at=looked_at or {}, ratings=ratings or {}
    )
