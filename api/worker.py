"""The worker: takes jobs from the queue and does them, in a process of its own."""

import argparse
import logging
import os
import pickle
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial

from api.jobs import (
    Job,
    JobFailed,
    JobStopped,
    Pace,
    Progress,
    Queue,
    Stopped,
    StopSignal,
    note_progress,
    open_queue,
    pace_of,
)
from api.logs import outline, set_up_logs
from api.presence import BROKEN, READY, shown
from api.scorer import SPLITTER, TAGGER, Scorer, TaggerUnavailable
from api.settings import Settings, load_settings
from api.store import Store, open_store
from api.system_store import fail_analysis, save_analysis, start_analysis, waiting
from nlp.errors import InputError

log = logging.getLogger("suture.worker")

_NOTE_EVERY = 0.5  # seconds between two notes of progress


def run_worker(
    settings: Settings,
    tagger: str | None = None,
    pace: Pace | None = None,
    stop: StopSignal | None = None,
    holder: str | None = None,
    splitter: str | None = None,
) -> None:
    """Works until told to stop. SIGTERM and SIGINT tell it to finish the job at hand, or to give it back.

    `tagger` is the "module:function" that loads a Tagger, `splitter` the one that finds sentences.
    """
    pace, stop = pace or pace_of(settings), stop or StopSignal()
    for asked_to_end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked_to_end, lambda *_: stop.ask(pace.grace))
    scorer = Scorer(tagger or TAGGER, settings.model, pace.limit, splitter or SPLITTER)
    store, holder = open_store(settings), holder or str(uuid.uuid4())
    try:
        with shown(store.engine, holder) as say:
            try:
                _work(store, scorer, open_queue(store.engine, pace), stop, holder, say)
            except TaggerUnavailable:
                say(BROKEN)
                raise
    finally:
        scorer.close()
        store.close()


def _work(
    store: Store, scorer: Scorer, queue: Queue, stop: StopSignal, holder: str, say: Callable[[str], None]
) -> None:
    try:
        scorer.start(stop.asked)  # before any job is taken: a tagger that cannot be loaded spoils none
    except JobStopped:
        return
    say(READY)
    with store.engine.begin() as conn:  # they may have lost their jobs in a move to another database
        queue.restore(conn, waiting(conn))
    queue.run(partial(analyse, store, scorer, stop), stop, holder)
    scorer.close()
    if scorer.unavailable:  # it was loaded once, died, and could not be loaded again
        raise scorer.unavailable


def analyse(store: Store, scorer: Scorer, stop: StopSignal, job: Job, stopped: Stopped) -> None:
    """One attempt to score a session and keep the scores; done twice, it has no further effect."""
    roles_version = None
    try:
        work = start_analysis(store, job.session_id)
        if work is None:  # deleted, or analysed already
            return
        roles_version = work.roles_version
        if job.attempt > job.attempts:
            raise JobFailed("worker_died")
        note, transcript = _noter(store, job.session_id), work.reading.transcript
        note(0, len(transcript.turns))
        scored = scorer.score(transcript, note, stopped)
        save_analysis(store, job.session_id, roles_version, scored.transcript, scored.model, scored.scores)
        return
    except JobStopped:
        raise
    except TaggerUnavailable:
        stop.ask(0)
        raise JobStopped from None
    except JobFailed as failed:
        reason = failed.reason
    except Exception as error:
        log.error("Attempt %s at job %s broke.\n%s", job.attempt, job.id, outline(error))
        reason = "internal_error"
    log.warning("Attempt %s of %s at job %s failed: %s", job.attempt, job.attempts, job.id, reason)
    if job.is_last:
        fail_analysis(store, job.session_id, roles_version, reason)
    raise JobFailed(reason)


def _noter(store: Store, session_id: str) -> Callable[[int, int], None]:
    """A function that notes progress, but not more often than anybody looks."""
    noted = 0.0

    def note(done: int, total: int) -> None:
        nonlocal noted
        if time.monotonic() - noted >= _NOTE_EVERY:
            noted = time.monotonic()
            note_progress(store.engine, session_id, Progress(done, total))

    return note


def _stop_with_parent(stop: StopSignal) -> None:
    """Stops at once, giving the job back, when the process that spawned this one is gone."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        stop.ask(0)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """`python -m api.worker`; --spawned is for api.spawning, which sends the settings on stdin."""
    parser = argparse.ArgumentParser(prog="python -m api.worker", description=__doc__)
    parser.add_argument("--tagger", help="module:function that loads a tagger")
    parser.add_argument("--spawned", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    set_up_logs()
    try:
        if given.spawned:
            _run_spawned()
        else:
            run_worker(load_settings(), given.tagger)
    except InputError as error:
        log.error("%s", error)
        sys.exit(1)


def _run_spawned() -> None:
    settings, options = pickle.load(sys.stdin.buffer)
    stop = StopSignal()
    _stop_with_parent(stop)
    run_worker(settings, stop=stop, **options)


if __name__ == "__main__":
    main()
