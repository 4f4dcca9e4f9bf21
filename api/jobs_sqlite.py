"""The queue on SQLite: one row a job, held by a worker through a lease that it keeps renewing."""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from api.database import reading
from api.jobs import (
    ANALYSE,
    Job,
    JobFailed,
    JobStopped,
    Pace,
    Progress,
    StopSignal,
    Work,
    forget_progress,
    read_progress,
)
from api.tables import metadata

QUEUED, RUNNING, FAILED = "queued", "running", "failed"

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("session_id", ForeignKey("therapy_sessions.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(10), nullable=False),  # a job that succeeded leaves no row
    Column("attempts", Integer, nullable=False),
    Column("again", Boolean, nullable=False),  # was asked for anew while running
    Column("run_after", Float, nullable=False),  # seconds since 1970, as all times here
    Column("holder", String(40)),
    Column("lease_until", Float),
    Column("failure", String(40)),
    UniqueConstraint("session_id", "kind"),
    Index("ix_jobs_state_run_after", "state", "run_after"),
    info={"only_on": "sqlite"},
)

_FREE = {"holder": None, "lease_until": None}
_FRESH = {"state": QUEUED, "attempts": 0, "again": False, "failure": None, **_FREE}


class SqliteQueue:
    """See api.jobs.Queue. `clock` gives seconds since 1970."""

    def __init__(self, engine: Engine, pace: Pace, clock: Callable[[], float] = time.time):
        self.engine, self.pace, self.clock = engine, pace, clock

    def enqueue(self, conn: Connection, session_id: str, kind: str = ANALYSE) -> None:
        forget_progress(conn, session_id)
        same = and_(jobs.c.session_id == session_id, jobs.c.kind == kind)
        state = conn.scalar(select(jobs.c.state).where(same))
        if state is None:
            fresh = {**_FRESH, "kind": kind, "session_id": session_id, "run_after": self.clock()}
            conn.execute(insert(jobs).values(fresh))
        elif state == RUNNING:
            conn.execute(update(jobs).where(same).values(again=True))
        elif state == FAILED:
            conn.execute(update(jobs).where(same).values({**_FRESH, "run_after": self.clock()}))

    def cancel(self, conn: Connection, session_id: str) -> None:
        conn.execute(delete(jobs).where(jobs.c.session_id == session_id))

    def restore(self, conn: Connection, session_ids: Sequence[str]) -> None:
        present = set(conn.scalars(select(jobs.c.session_id).where(jobs.c.state != FAILED)))
        for session_id in session_ids:
            if session_id not in present:
                self.enqueue(conn, session_id)

    def progress(self, conn: Connection, session_id: str) -> Progress | None:
        return read_progress(conn, session_id)

    def depth(self, conn: Connection) -> int:
        return conn.scalar(select(func.count()).select_from(jobs).where(jobs.c.state != FAILED))

    def run(self, work: Work, stop: StopSignal, holder: str) -> None:
        self._free(holder)
        while not stop.asked():
            job = self.claim(holder)
            if job is None:
                stop.wait(self.pace.poll)
            else:
                self._attempt(job, work, stop, holder)

    def claim(self, holder: str) -> Job | None:
        """Takes the job that has waited longest, if there is one that is due or whose lease is over."""
        with reading(self.engine) as conn:  # the write lock is only taken when there is work
            if conn.scalar(self._next()) is None:
                return None
        attempt = case((and_(jobs.c.again, jobs.c.state == RUNNING), 1), else_=jobs.c.attempts + 1)
        held = {"state": RUNNING, "again": False, "holder": holder}
        claimed = update(jobs).where(jobs.c.id == self._next().scalar_subquery()).values(held)
        claimed = claimed.values(attempts=attempt, lease_until=self.clock() + self.pace.lease)
        with self.engine.begin() as conn:
            row = conn.execute(
                claimed.returning(jobs.c.id, jobs.c.kind, jobs.c.session_id, jobs.c.attempts)
            ).one_or_none()
        return None if row is None else Job(*row, self.pace.attempts)

    def _next(self):
        now = self.clock()
        due = and_(jobs.c.state == QUEUED, jobs.c.run_after <= now)
        left = and_(jobs.c.state == RUNNING, jobs.c.lease_until < now)
        return select(jobs.c.id).where(or_(due, left)).order_by(jobs.c.run_after, jobs.c.id).limit(1)

    def _free(self, holder: str) -> None:
        with self.engine.begin() as conn:
            conn.execute(
                update(jobs).where(jobs.c.holder == holder, jobs.c.state == RUNNING).values(lease_until=0)
            )

    def _attempt(self, job: Job, work: Work, stop: StopSignal, holder: str) -> None:
        lease = _Lease(self, job, holder)
        try:
            work(job, lambda: stop.overdue() or not lease.keep())
        except JobStopped:
            self._end(job, holder, {"state": QUEUED, "attempts": job.attempt - 1, "run_after": self.clock()})
        except JobFailed as failed:
            after = {"state": FAILED, "failure": failed.reason}
            if not job.is_last:
                after = {"state": QUEUED, "run_after": self.clock() + self.pace.rest_after(job.attempt)}
            self._end(job, holder, after)
        else:
            self._end(job, holder, None)

    def _end(self, job: Job, holder: str, after: dict | None) -> None:
        """Lets go of a job: `after` says what becomes of it (None: done), unless it was asked for anew."""
        mine = held_by(job, holder)
        with self.engine.begin() as conn:
            again = {**_FRESH, "run_after": self.clock()}
            if conn.execute(update(jobs).where(mine, jobs.c.again).values(again)).rowcount:
                return
            if after is None:
                conn.execute(delete(jobs).where(mine))
            else:
                conn.execute(update(jobs).where(mine).values({**_FREE, **after}))


def held_by(job: Job, holder: str):
    """True of the job's row while this very attempt holds it."""
    return and_(jobs.c.id == job.id, jobs.c.holder == holder, jobs.c.attempts == job.attempt)


class _Lease:
    """A worker's hold on a job; `keep` is called often, looks now and then, and writes rarely."""

    LOOK_EVERY = 0.5

    def __init__(self, queue: SqliteQueue, job: Job, holder: str):
        self._queue, self._mine = queue, held_by(job, holder)
        self._looked = self._renewed = queue.clock()

    def keep(self) -> bool:
        """Renews the lease when it is time; False when the job is no longer ours (or was cancelled)."""
        now, lease = self._queue.clock(), self._queue.pace.lease
        if now - self._renewed >= lease / 4:
            self._looked = self._renewed = now
            with self._queue.engine.begin() as conn:
                renewed = update(jobs).where(self._mine).values(lease_until=now + lease)
                return bool(conn.execute(renewed).rowcount)
        if now - self._looked >= self.LOOK_EVERY:
            self._looked = now
            with reading(self._queue.engine) as conn:
                return conn.scalar(select(jobs.c.id).where(self._mine)) is not None
        return True
