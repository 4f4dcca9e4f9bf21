"""A worker in a process of its own, started with the service and ending with it."""

import contextlib
import logging
import pickle
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial

from api.settings import Settings

log = logging.getLogger("suture.worker")

_LONG_LIFE = 60.0  # seconds after which a worker's death is not held against the next one
_FIRST_REST, _LONGEST_REST = 0.5, 60.0


def start_worker(settings: Settings, **options: object) -> subprocess.Popen:
    """Starts api.worker.run_worker, with these options, in a process of its own. It ends when this process does, even if that is killed.

    The settings go through a pipe, so that the master key is neither on a command line nor in an
    environment; the pipe stays open, and its closing tells the worker that we are gone.
    """
    child = subprocess.Popen([sys.executable, "-m", "api.worker", "--spawned"], stdin=subprocess.PIPE)
    with contextlib.suppress(OSError):  # it died at once, as its exit code will tell
        child.stdin.write(pickle.dumps((settings, options)))
        child.stdin.flush()
    return child


class SpawnedWorker:
    """A worker process that is started again, with growing rests, when it dies; see spawn_worker."""

    def __init__(self, start: Callable[[], subprocess.Popen]):
        self._start = start
        self._stopping = threading.Event()
        self._changing = threading.Lock()
        self._child = self._start()
        self._keeper = threading.Thread(target=self._keep, name="worker keeper", daemon=True)
        self._keeper.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    def stop(self, timeout: float = 15.0) -> None:
        """Ends the worker: it finishes its job within `timeout` seconds, or else gives it back."""
        with self._changing:
            self._stopping.set()
        self._child.terminate()
        for seconds, then in ((timeout, self._child.stdin.close), (5.0, self._child.kill)):
            try:
                self._child.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                then()
        self._keeper.join()

    def _keep(self) -> None:
        rest = _FIRST_REST
        while True:
            began = time.monotonic()
            code = self._child.wait()
            with contextlib.suppress(OSError):
                self._child.stdin.close()
            if time.monotonic() - began > _LONG_LIFE:
                rest = _FIRST_REST
            if self._stopping.is_set():
                return
            log.warning("The worker ended (exit code %s); another is started in %.1f seconds.", code, rest)
            if self._stopping.wait(rest):
                return
            rest = min(rest * 2, _LONGEST_REST)
            with self._changing:
                if self._stopping.is_set():
                    return
                self._child = self._start()


def spawn_worker(settings: Settings, tagger: str | None = None, **options: object) -> SpawnedWorker:
    """Starts a worker beside this process, and another when it dies. Options as for run_worker."""
    start = partial(start_worker, settings, tagger=tagger, holder=str(uuid.uuid4()), **options)
    return SpawnedWorker(start)
