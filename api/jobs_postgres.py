"""The queue on PostgreSQL: procrastinate, as it is, behind the interface of api.jobs.

A session's jobs share procrastinate's `lock` (one at a time) and its `queueing_lock` (one waiting).
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from functools import cached_property

import procrastinate
from procrastinate import exceptions
from procrastinate.jobs import Job as ProcrastinateJob
from procrastinate.utils import utcnow
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from api.jobs import (
    ANALYSE,
    KINDS,
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
from api.logs import outline

log = logging.getLogger("suture.jobs")

_FIRST_REST, _LONGEST_REST = 0.5, 30.0  # seconds, after the connection broke
_SWEEP_LOCK = 7_883_211  # any number, the same in every process
_WAITING = "SELECT id FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo' FOR UPDATE"
_OPEN = "SELECT id, lock FROM procrastinate_jobs WHERE lock = ANY(:keys) AND status IN ('todo', 'doing')"
_COUNT = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
# A job keeps its queueing lock only until it is taken up. Were it to keep it, it could not go back
# to waiting once the same job has been put in again meanwhile (procrastinate's issues 1446, 1543).
_RELEASE = "UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = :id"
_SWEEP = "SELECT pg_try_advisory_xact_lock(:lock)"


class _Retry(procrastinate.BaseRetryStrategy):
    """After a rest, while attempts are left."""

    def __init__(self, pace: Pace):
        self.pace = pace

    def get_retry_decision(
        self, *, exception: BaseException, job: ProcrastinateJob
    ) -> procrastinate.RetryDecision | None:
        attempt = job.attempts + 1
        if attempt >= self.pace.attempts:
            return None
        rest = round(self.pace.rest_after(attempt) * 1000)
        return procrastinate.RetryDecision(retry_in={"milliseconds": rest})


def _key(kind: str, session_id: str) -> str:
    return f"{kind}:{session_id}"


class PostgresQueue:
    """See api.jobs.Queue."""

    def __init__(self, engine: Engine, pace: Pace):
        self.engine, self.pace = engine, pace

    @cached_property
    def _deferring(self) -> procrastinate.App:
        # It only ever runs on the caller's connection, so its own pool is never opened.
        return procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

    def enqueue(self, conn: Connection, session_id: str, kind: str = ANALYSE) -> None:
        forget_progress(conn, session_id)
        key = _key(kind, session_id)
        task = self._deferring.configure_task(
            kind, lock=key, queueing_lock=key, connection=conn.connection.driver_connection
        )
        while True:
            with contextlib.suppress(exceptions.AlreadyEnqueued), conn.begin_nested():
                task.defer(session_id=session_id)
                return
            # Locked until the caller commits, the waiting job is not taken up before it can see
            # what the caller has written. None found: it was taken up just now, so another is needed.
            if conn.execute(text(_WAITING), {"key": key}).first():
                return

    def cancel(self, conn: Connection, session_id: str) -> None:
        for job_id, _ in self._open_jobs(conn, [session_id]):
            self._deferring.job_manager.cancel_job_by_id(
                job_id, abort=True, delete_job=True, connection=conn.connection.driver_connection
            )

    def restore(self, conn: Connection, session_ids: Sequence[str]) -> None:
        present = {lock for _, lock in self._open_jobs(conn, session_ids)}
        for session_id in session_ids:
            if _key(ANALYSE, session_id) not in present:
                self.enqueue(conn, session_id)

    def _open_jobs(self, conn: Connection, session_ids: Sequence[str]) -> list:
        keys = [_key(kind, session_id) for kind in KINDS for session_id in session_ids]
        return conn.execute(text(_OPEN), {"keys": keys}).all()

    def progress(self, conn: Connection, session_id: str) -> Progress | None:
        return read_progress(conn, session_id)

    def depth(self, conn: Connection) -> int:
        return conn.scalar(text(_COUNT))

    def run(self, work: Work, stop: StopSignal, holder: str) -> None:
        rest = _FIRST_REST
        while not stop.asked():
            began = time.monotonic()
            try:
                asyncio.run(self._run(work, stop, holder))
            except (exceptions.ConnectorException, OperationalError) as error:
                log.warning("The connection to the database broke.\n%s", outline(error))
            rest = _FIRST_REST if time.monotonic() - began > _LONGEST_REST else min(rest * 2, _LONGEST_REST)
            stop.wait(rest)

    async def _run(self, work: Work, stop: StopSignal, holder: str) -> None:
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4)
        )
        for kind in KINDS:
            app.task(self._task(work, stop), name=kind, pass_context=True, retry=_Retry(self.pace))
        async with app.open_async():
            worker = asyncio.create_task(
                app.run_worker_async(
                    name=holder,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    update_heartbeat_interval=self.pace.lease / 4,
                    stalled_worker_timeout=self.pace.lease,
                    abort_job_polling_interval=1.0,
                    fetch_job_polling_interval=1.0,  # for rests that end; new jobs are notified at once
                )
            )
            await self._watch(app, worker, stop)

    async def _watch(self, app: procrastinate.App, worker: asyncio.Task, stop: StopSignal) -> None:
        sweep_every = max(self.pace.poll, min(self.pace.lease / 4, 10.0))
        clock = asyncio.get_running_loop().time
        next_sweep = clock()
        while not worker.done():
            if stop.asked():
                worker.cancel()  # procrastinate then lets the job at hand end; _task minds the grace
                with contextlib.suppress(asyncio.CancelledError):
                    await worker
                return
            if clock() >= next_sweep:
                await self._retry_stalled(app)
                next_sweep = clock() + sweep_every
            await asyncio.wait([worker], timeout=self.pace.poll)
        await worker

    async def _retry_stalled(self, app: procrastinate.App) -> None:
        """Puts back the jobs of workers that died. One worker sweeps at a time, so none is put back twice."""
        with self.engine.begin() as conn:
            if not conn.scalar(text(_SWEEP), {"lock": _SWEEP_LOCK}):
                return
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self.pace.lease):
                await asyncio.to_thread(self._release, job.id)
                log.warning("Job %s was left behind by its worker and is put back.", job.id)
                with contextlib.suppress(exceptions.ConnectorException):  # it ended after all
                    await app.job_manager.retry_job(job, retry_at=utcnow())

    def _put_in_anew(self, session_id: str, kind: str) -> None:
        # A retry would count as an attempt, though nothing is wrong with the job: so a new one
        # waits for this one to end.
        with self.engine.begin() as conn:
            self.enqueue(conn, session_id, kind)

    def _release(self, job_id: int) -> None:
        with self.engine.begin() as conn:
            conn.execute(text(_RELEASE), {"id": job_id})

    def _task(self, work: Work, stop: StopSignal):
        def run_job(context: procrastinate.JobContext, *, session_id: str) -> None:
            job = context.job
            self._release(job.id)
            attempt = Job(job.id, job.task_name, session_id, job.attempts + 1, self.pace.attempts)
            try:
                work(attempt, lambda: stop.overdue() or context.should_abort())
            except JobStopped:
                if context.should_abort():
                    raise exceptions.JobAborted from None
                self._put_in_anew(session_id, job.task_name)
            except JobFailed as failed:
                raise JobFailed(failed.reason) from None  # nothing of what caused it reaches the log

        return run_job
