"""The queue of work to be done later: one small interface, two implementations.

On SQLite the queue is a table of our own (api.jobs_sqlite); on PostgreSQL it is procrastinate
(api.jobs_postgres). Either way a job is put in on the caller's own transaction, holds nothing but
the id of a therapy session, and is done again until it succeeds or has failed too often.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    Table,
    delete,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from api.settings import Settings
from api.tables import metadata, therapy_sessions

ANALYSE = "analyse"
KINDS = (ANALYSE,)

FAILURES = {
    "tagger_error": "The tagger stopped with an error on this transcript.",
    "tagger_crashed": "The tagger's process died on this transcript.",
    "time_limit": "The analysis took longer than it may.",
    "worker_died": "The worker died again and again during this analysis.",
    "internal_error": "Something went wrong inside Suture. The service's log says where.",
}


@dataclass(frozen=True)
class Pace:
    """How patient the queue is. All times in seconds.

    A job whose worker has shown no sign of life for `lease` is taken up by another. A job is tried
    `attempts` times, and after the n-th failure rests for `rest` * 4 ** (n - 1). One attempt may take
    `limit`. An idle worker looks for a job every `poll`. A worker told to stop has `grace` to finish.
    """

    lease: float = 20.0
    attempts: int = 3
    rest: float = 2.0
    limit: float = 900.0
    poll: float = 0.2
    grace: float = 20.0

    def rest_after(self, attempt: int) -> float:
        return self.rest * 4 ** (attempt - 1)


def pace_of(settings: Settings) -> Pace:
    """The pace that the settings ask for."""
    return Pace(lease=settings.job_lease_seconds, attempts=settings.job_attempts)


@dataclass(frozen=True)
class Job:
    """One attempt at one job; `attempt` counts from 1 and exceeds `attempts` when only giving up is left."""

    id: int
    kind: str
    session_id: str
    attempt: int
    attempts: int

    @property
    def is_last(self) -> bool:
        return self.attempt >= self.attempts


class JobFailed(Exception):
    """This attempt failed; `reason` is one of FAILURES and tells nothing of the transcript."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class JobStopped(Exception):
    """This attempt was broken off for no fault of the job's: it is to be given back."""


@dataclass(frozen=True)
class Progress:
    """How far the work on a session has come, in turns."""

    done: int
    total: int


Stopped = Callable[[], bool]
Work = Callable[[Job, Stopped], None]


class StopSignal:
    """Asks a worker to stop: no new job, and the one at hand is broken off when the grace is over."""

    def __init__(self):
        self._asked = threading.Event()
        self._deadline = math.inf

    def ask(self, grace: float) -> None:
        self._deadline = min(self._deadline, time.monotonic() + grace)
        self._asked.set()

    def asked(self) -> bool:
        return self._asked.is_set()

    def overdue(self) -> bool:
        return time.monotonic() >= self._deadline

    def wait(self, seconds: float) -> bool:
        return self._asked.wait(seconds)


class Queue(Protocol):
    """Jobs to be done later, at least once each, never two for the same session at the same time."""

    def enqueue(self, conn: Connection, session_id: str, kind: str = ANALYSE) -> None:
        """Puts a job in, on the caller's transaction.

        Nothing happens when the same job already waits; one being worked on is done again afterwards.
        """
        ...

    def cancel(self, conn: Connection, session_id: str) -> None:
        """Takes out the session's jobs, on the caller's transaction, and stops work on them."""
        ...

    def restore(self, conn: Connection, session_ids: Sequence[str]) -> None:
        """Puts in a job for each of these sessions that has none, neither waiting nor being worked on."""
        ...

    def progress(self, conn: Connection, session_id: str) -> Progress | None:
        """How far the work on this session has come; None when nothing is known yet."""
        ...

    def depth(self, conn: Connection) -> int:
        """How many jobs wait or are being worked on."""
        ...

    def run(self, work: Work, stop: StopSignal, holder: str) -> None:
        """Takes jobs and works on them, one at a time, until told to stop.

        `holder` names the worker; jobs that one of the same name left behind are free at once.
        """
        ...


def open_queue(engine: Engine, pace: Pace | None = None) -> Queue:
    """The queue that belongs to this database."""
    if engine.dialect.name == "sqlite":
        from api.jobs_sqlite import SqliteQueue

        return SqliteQueue(engine, pace or Pace())
    from api.jobs_postgres import PostgresQueue

    return PostgresQueue(engine, pace or Pace())


job_progress = Table(
    "job_progress",
    metadata,
    Column("session_id", ForeignKey("therapy_sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
)


def read_progress(conn: Connection, session_id: str) -> Progress | None:
    """What note_progress noted last."""
    row = conn.execute(select(job_progress).where(job_progress.c.session_id == session_id)).one_or_none()
    return None if row is None else Progress(row.done, row.total)


def forget_progress(conn: Connection, session_id: str) -> None:
    """Forgets what was noted, for the work is about to begin anew."""
    conn.execute(delete(job_progress).where(job_progress.c.session_id == session_id))


def note_progress(engine: Engine, session_id: str, progress: Progress) -> None:
    """Notes how far the work on a session has come; nothing happens when the session is gone."""
    now = {"done": progress.done, "total": progress.total}
    sessions = select(therapy_sessions.c.id, *map(literal, now.values())).where(
        therapy_sessions.c.id == session_id
    )
    try:
        with engine.begin() as conn:
            seen = conn.execute(
                update(job_progress).where(job_progress.c.session_id == session_id).values(now)
            )
            if not seen.rowcount:
                conn.execute(insert(job_progress).from_select(["session_id", *now], sessions))
    except IntegrityError:
        pass  # the session was deleted at this very moment
