"""From a reader's pieces to a transcript: names settled, turns joined, limits kept, roles proposed."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby

from nlp.errors import InputError
from nlp.reading.limits import (
    MAX_CHARACTERS,
    MAX_PIECES,
    MAX_SPEAKERS,
    MAX_TURNS,
    MAX_WORDS,
    at_most,
    no_speakers,
)
from nlp.reading.pieces import UNNAMED, Notes, Piece, Reading, clean, has_controls, name_key
from nlp.roles import RoleProposal, propose_roles
from nlp.transcript import Transcript, make_turns, with_roles

MAX_NAME = 80  # characters


@dataclass(frozen=True)
class ReadResult:
    """A transcript with its roles as proposed, and everything one must know about how it was read.

    `warnings` name their place ("line 12: ...", "cues 4, 9-11: ..."). `counts` tells how much the
    file held (lines, cues, rows, ...) and how much came out (turns, words).
    """

    transcript: Transcript
    warnings: tuple[str, ...]
    counts: dict[str, int]
    roles: RoleProposal


def finish(reading: Reading, filename: str, notes: Notes) -> ReadResult:
    """The result of a reading; raises InputError when it holds no conversation."""
    at_most(len(reading.pieces), MAX_PIECES, "pieces of talk")
    at_most(sum(len(p.text) for p in reading.pieces), MAX_CHARACTERS, "characters of talk")
    pieces = _settle_names(_clean_pieces(reading.pieces, notes), notes)
    if reading.joins:
        pieces = join_neighbours(pieces)
    words = sum(len(p.text.split()) for p in pieces)
    _check(pieces, words)
    stem = file_stem(filename)
    transcript = Transcript(
        id=clean(reading.id)[:200] or stem,
        turns=make_turns((p.name, p.text, p.start, p.end) for p in pieces),
        title=clean(reading.title)[:200] or stem,
        source_format=reading.source_format,
    )
    roles = propose_roles(transcript)
    counts = {**reading.counts, "turns": len(pieces), "words": words}
    return ReadResult(with_roles(transcript, roles.roles), notes.warnings(), counts, roles)


def file_stem(filename: str) -> str:
    """The file's name without folders and ending; `transcript` when nothing is left."""
    name = clean(re.split(r"[/\\]", filename)[-1])
    return re.sub(r"(?<=.)\.[A-Za-z0-9]{1,8}\Z", "", name)[:120] or "transcript"


def join_neighbours(pieces: list[Piece]) -> list[Piece]:
    """Pieces next to each other by one speaker as one piece."""
    joined = []
    for _, group in groupby(pieces, key=lambda p: p.name):
        run = list(group)
        ends = [p.end for p in run if p.end is not None]
        text = " ".join(p.text for p in run)
        joined.append(replace(run[0], text=text, end=max(ends) if ends else None))
    return joined


def _clean_pieces(pieces: list[Piece], notes: Notes) -> list[Piece]:
    kept = []
    for piece in pieces:
        if has_controls(piece.text):
            notes.add(piece.place, "control characters were taken out of the text.")
        text = clean(piece.text)
        if text:
            kept.append(replace(piece, text=text))
        else:
            notes.add(piece.place, "no words; left out.")
    return kept


def _settle_names(pieces: list[Piece], notes: Notes) -> list[Piece]:
    """One spelling a speaker; talk without a name goes to the speaker before it, or to nobody."""
    spellings: dict[str, str] = {}
    settled: list[Piece] = []
    for piece in pieces:
        name = clean(piece.name or "")
        if name:
            if len(name) > MAX_NAME:
                notes.add(piece.place, f"the speaker's name was cut to {MAX_NAME} characters.")
            name = spellings.setdefault(name_key(name), name[:MAX_NAME])
        elif settled and settled[-1].name != UNNAMED:
            notes.add(piece.place, "no speaker is named here; given to the speaker before.")
            name = settled[-1].name
        else:
            notes.add(piece.place, f"no speaker is named here or before; kept under “{UNNAMED}”.")
            name = UNNAMED
        settled.append(replace(piece, name=name))
    return settled


def _check(pieces: list[Piece], words: int) -> None:
    if not pieces:
        raise InputError(
            "No talk was found in this file. Give a transcript with what each speaker said.", "no_turns"
        )
    speakers = Counter(p.name for p in pieces if p.name != UNNAMED)
    if not speakers:
        raise no_speakers()
    if len(speakers) == 1:
        raise InputError(
            "Only one speaker was found in this file. A session needs at least a therapist and a client; "
            "check that every turn names its speaker.",
            "one_speaker",
        )
    _check_size(len(pieces), words, len(speakers))


def _check_size(turns: int, words: int, speakers: int) -> None:
    if speakers > MAX_SPEAKERS:
        raise InputError(
            f"{speakers} different speakers were found; at most {MAX_SPEAKERS} are read. "
            "Check that only speakers' names stand before the colons, and that the file is one session.",
            "too_complex",
        )
    at_most(turns, MAX_TURNS, "turns")
    at_most(words, MAX_WORDS, "words")
