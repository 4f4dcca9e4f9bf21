"""The process that holds the tagger: `python -m api.scoring_process PIPE TAGGER SPLITTER [NAME]`.

Started by api.scorer. It ends with its parent, however the parent ends. It needs neither the
database nor the key, and never sees them.
"""

import ctypes
import inspect
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

from api.logs import outline
from nlp.errors import InputError
from nlp.tagging import Tagger
from nlp.transcript import Transcript

Splitter = Callable[[Transcript], Transcript]


def find(function: str) -> Callable:
    """The function that "module:function" names."""
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)


def serve(pipe: Connection, tagger: Tagger, split: Splitter) -> None:
    """Scores what comes through the pipe until nothing more comes."""
    while True:
        try:
            transcript = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(("scored", *_score(tagger, split(transcript), pipe)))
        except Exception as error:
            print(f"The tagger failed.\n{outline(error)}", file=sys.stderr, flush=True)
            pipe.send(("failed",))


def _score(tagger: Tagger, transcript: Transcript, pipe: Connection) -> tuple:
    options = {}
    if "progress" in inspect.signature(tagger.score).parameters:
        options["progress"] = lambda done, total: pipe.send(("progress", done, total))
    return transcript, tagger.info, tuple(tagger.score(transcript, **options))


def _end_with_parent() -> None:
    if sys.platform == "linux":  # even while it hangs inside a library
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    threading.Thread(target=_end_when_stdin_closes, daemon=True).start()


def _end_when_stdin_closes() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


def main(pipe: str, tagger: str, splitter: str, *name: str) -> None:
    _end_with_parent()
    for asked_to_end in (signal.SIGINT, signal.SIGTERM):  # the parent is asked too, and decides
        signal.signal(asked_to_end, signal.SIG_IGN)
    connection = Connection(int(pipe))
    try:
        loaded, split = find(tagger)(*name), find(splitter)
        split(Transcript(id="", turns=()))  # loads what it needs now rather than in the first job
    except Exception as error:
        connection.send(("ready", _why(error)))
        return
    connection.send(("ready",))
    serve(connection, loaded, split)


def _why(error: Exception) -> str:
    """Why loading failed, in a line. No transcript is here yet, so the message can quote none."""
    if isinstance(error, InputError):
        return str(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {said} ({Path(last.filename).name}, line {last.lineno})"


if __name__ == "__main__":
    main(*sys.argv[1:])
