"""Taggers for the worker's tests. They do what the transcript tells them, and keep a diary of it.

A turn "wait 0.3" makes them take 0.3 seconds, "raise" raises, "exit" ends the process, "hang" never
ends, "freeze" hangs inside a library with the interpreter locked, "murder" kills the worker.
"""

import ctypes
import os
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

from nlp.tagging import ModelInfo, TurnScores
from nlp.transcript import Span, Speaker, Transcript

FAKES = {"tagger": "tests.worker_taggers:load", "splitter": "tests.worker_taggers:whole_turns"}


@dataclass(frozen=True)
class Entry:
    what: str  # begin | end
    session: str  # the transcript's title
    pid: int
    at: float


def read_diary(path: Path) -> list[Entry]:
    lines = path.read_text().splitlines() if path.exists() else []
    return [Entry(w, s, int(p), float(t)) for w, s, p, t in (line.split() for line in lines)]


class ObedientTagger:
    info = ModelInfo("obedient", "1", "1", {})

    def __init__(self, diary: str):
        self.diary = diary

    def score(self, transcript: Transcript, progress=lambda done, total: None) -> list[TurnScores]:
        self._note("begin", transcript)
        for turn in transcript.turns:
            self._obey(*turn.text.split())
            progress(turn.index + 1, len(transcript.turns))
        self._note("end", transcript)
        return [_score(turn) for turn in transcript.turns]

    def _note(self, what: str, transcript: Transcript) -> None:
        line = f"{what} {transcript.title} {os.getpid()} {time.time()}\n"
        with open(self.diary, "a") as diary:  # one short write, so lines of several processes stay whole
            diary.write(line)

    def _obey(self, word: str, *more: str) -> None:
        if word == "wait":
            time.sleep(float(more[0]))
        elif word == "raise":
            raise ValueError("Kept secret: a turn of the transcript.")
        elif word == "exit":
            os._exit(3)
        elif word == "hang":
            while True:
                time.sleep(1)
        elif word == "freeze":
            ctypes.PyDLL(None).sleep(3600)
        elif word == "murder":
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(3600)


def _score(turn) -> TurnScores:
    if turn.speaker is Speaker.THERAPIST:
        return TurnScores(turn.index, repair=0.1)
    return TurnScores(turn.index, rupture=0.2, withdrawal=0.2, confrontation=0.1)


def whole_turns(transcript: Transcript) -> Transcript:
    """Each turn as one sentence: much quicker to load than the real splitter."""
    turns = (replace(t, sentences=(Span(0, len(t.text)),)) for t in transcript.turns)
    return replace(transcript, turns=tuple(turns))


def load(diary: str) -> ObedientTagger:
    return ObedientTagger(diary)


def load_slowly(diary: str) -> ObedientTagger:
    time.sleep(1.5)
    return load(diary)


def load_once(diary: str) -> ObedientTagger:
    """A tagger that is there the first time only."""
    if Path(diary).exists():
        raise RuntimeError("it is gone")
    return load(diary)


def load_in_vain(diary: str):
    raise FileNotFoundError(diary)
