"""The tagger in a process of its own, so that a transcript can crash or hang it and nothing else.

`Scorer` is the worker's side. It sends a transcript to the child (api.scoring_process) and gets back
its sentences and scores; a child that takes too long, or is no longer wanted, is killed.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from api.jobs import JobFailed, JobStopped, Stopped
from nlp.errors import InputError
from nlp.tagging import ModelInfo, TurnScores
from nlp.transcript import Transcript

TAGGER = "models.tagger:load_tagger"
SPLITTER = "nlp.segmentation:split_sentences"
OnProgress = Callable[[int, int], None]
_LOOK_EVERY = 0.1
_LOADING_LIMIT = 600.0


class TaggerUnavailable(InputError):
    """The tagger could not be loaded: nothing is wrong with any job, and all of them wait."""

    def __init__(self, reason: str):
        super().__init__(f"The tagger could not be loaded, so nothing is analysed: {reason}", "no_tagger")


@dataclass(frozen=True)
class Scored:
    """What the tagger made of one transcript, which now has its sentences."""

    transcript: Transcript
    model: ModelInfo
    scores: tuple[TurnScores, ...]


class Scorer:
    """Holds one child, which loads `tagger` and `splitter`, both given as "module:function".

    The tagger's function is called with `name` if there is one; the splitter finds sentences.
    """

    def __init__(
        self, tagger: str = TAGGER, name: str | None = None, limit: float = 900.0, splitter: str = SPLITTER
    ):
        self._loads = [tagger, splitter, *([name] if name else [])]
        self._limit = limit
        self._child: subprocess.Popen | None = None
        self._pipe: Connection | None = None
        self.unavailable: TaggerUnavailable | None = None  # why the tagger could not be loaded last

    def start(self, stopped: Stopped = lambda: False) -> None:
        """Starts the child and waits until the tagger is loaded; nothing when it already is."""
        if self._child is not None and self._child.poll() is None:
            return
        self.close()
        self._pipe, theirs = Pipe()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "api.scoring_process", str(theirs.fileno()), *self._loads],
            stdin=subprocess.PIPE,  # its closing tells the child that we are gone
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        if reason := self._reason_not_ready(stopped):
            self.close()
            self.unavailable = TaggerUnavailable(reason)
            raise self.unavailable

    def _reason_not_ready(self, stopped: Stopped) -> str:
        """Waits until the child has loaded everything; why it has not, or nothing."""
        try:
            told = self._wait(_LOADING_LIMIT, stopped, lambda done, total: None)
        except JobFailed as failed:
            reasons = {"time_limit": f"it was not ready within {_LOADING_LIMIT:.0f} seconds."}
            return reasons.get(failed.reason, "its process died while loading it.")
        return told[0] if told else ""

    def score(self, transcript: Transcript, on_progress: OnProgress, stopped: Stopped) -> Scored:
        """Splits and scores one transcript; raises JobFailed, or JobStopped once `stopped` says so."""
        self.start(stopped)
        try:
            self._pipe.send(transcript)
        except OSError:
            self.close()
            raise JobFailed("tagger_crashed") from None
        return Scored(*self._wait(self._limit, stopped, on_progress))

    def close(self) -> None:
        """Ends the child at once, whatever it is doing."""
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        self._child.stdin.close()
        self._pipe.close()
        self._child = self._pipe = None

    def _wait(self, limit: float, stopped: Stopped, on_progress: OnProgress) -> tuple:
        """What the child answers in the end; the child does not outlive a wait that is given up."""
        deadline = time.monotonic() + limit
        try:
            while time.monotonic() < deadline:
                if stopped():
                    raise JobStopped
                if not self._pipe.poll(_LOOK_EVERY):
                    continue
                what, *rest = self._pipe.recv()
                if what != "progress":
                    break
                on_progress(*rest)
            else:
                raise JobFailed("time_limit")
        except (EOFError, OSError):
            self.close()
            raise JobFailed("tagger_crashed") from None
        except BaseException:
            self.close()
            raise
        if what == "failed":
            raise JobFailed("tagger_error")
        return tuple(rest)
