"""Single moments of the coded corpus, read to be shown: a turn, what stands around it, what coders put on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from annotation.corpus import DATA, CodedTranscript, load_contrast, load_written
from nlp.tagging import TurnTag
from nlp.transcript import Turn

BEFORE, AFTER = 3, 1  # turns shown around it


@dataclass(frozen=True)
class CodedMoment:
    """A turn of a coded session in its place; `tags` are its tags by coder, `about` says what session it is."""

    turns: tuple[Turn, ...]
    turn: int
    tags: dict[str, tuple[TurnTag, ...]]
    about: str

    @property
    def codes(self) -> dict[str, tuple[str, ...]]:
        """By code, the coders who put it there."""
        found: dict[str, list[str]] = {}
        for coder, tags in self.tags.items():
            for tag in tags:
                found.setdefault(tag.code, []).append(coder)
        return {code: tuple(dict.fromkeys(coders)) for code, coders in found.items()}


def read_moments(
    places: Sequence[tuple[str, int]], folder: Path = DATA
) -> dict[tuple[str, int], CodedMoment]:
    """The moments at (session, turn) of written sessions and contrast pairs; what is not there is left out."""
    sessions = {session for session, _ in places}
    coded = load_written(folder=folder, ids=sessions)
    if any(session.startswith("pair-") for session in sessions):
        coded += [side for p in load_contrast(folder=folder) for side in (p.marked, p.look_alike)]
    by_id = {c.transcript.id: c for c in coded}
    return {
        (session, turn): _moment(by_id[session], turn)
        for session, turn in places
        if session in by_id and turn < len(by_id[session].transcript.turns)
    }


def _moment(coded: CodedTranscript, turn: int) -> CodedMoment:
    near = coded.transcript.turns[max(0, turn - BEFORE) : turn + AFTER + 1]
    tags = {coder: tuple(t for t in found if t.turn == turn) for coder, found in coded.tags.items()}
    return CodedMoment(near, turn, tags, _about(coded))


def _about(coded: CodedTranscript) -> str:
    if coded.source == "contrast":
        return f"a short exchange written to tell codes apart ({coded.about['why']})"
    return f"a written session: {coded.about['modality']}; {coded.about['setting']}"
