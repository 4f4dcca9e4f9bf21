"""The queue, on both databases, worked on by real threads."""

import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, insert, select, text, update

from api.database import open_engine, reading, upgrade, utc_now
from api.jobs import Job, JobFailed, JobStopped, Pace, Progress, StopSignal, note_progress, open_queue
from api.jobs_sqlite import SqliteQueue, jobs
from api.tables import therapy_sessions, users

PACE = Pace(lease=2, attempts=3, rest=0.05, poll=0.02, grace=5)


@pytest.fixture
def sqlite_engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'suture.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(postgres_url):
    engine = open_engine(postgres_url)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request):
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def queue(engine):
    return open_queue(engine, PACE)


def add_session(engine) -> str:
    session_id, user_id, now = str(uuid.uuid4()), str(uuid.uuid4()), utc_now()
    user = {"id": user_id, "email": "a@b.c", "email_key": user_id, "name": "A", "role": "supervisor"}
    with engine.begin() as conn:
        conn.execute(insert(users).values(**user, password_hash="", disabled=False, created_at=now))
        conn.execute(
            insert(therapy_sessions).values(
                id=session_id,
                owner_id=user_id,
                sealed_title=b"",
                sealed_filename=b"",
                source_format="text",
                content_mac=session_id,
                status="queued",
                roles_version=1,
                turns=2,
                size=1,
                warnings=0,
                created_at=now,
                updated_at=now,
            )
        )
    return session_id


def put_in(engine, queue, *session_ids: str) -> None:
    with engine.begin() as conn:
        for session_id in session_ids:
            queue.enqueue(conn, session_id)


def depth(engine, queue) -> int:
    with reading(engine) as conn:
        return queue.depth(conn)


@contextmanager
def working(queue, work, workers=1):
    stop = StopSignal()
    threads = [threading.Thread(target=queue.run, args=(work, stop, f"worker-{n}")) for n in range(workers)]
    for thread in threads:
        thread.start()
    yield stop
    stop.ask(0)
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"it did not come about within {seconds} s")


class Diary:
    """Work that notes which jobs were begun, after doing what it is told to do with each."""

    def __init__(self, deed=lambda job, stopped: None):
        self.deed, self.begun, self.lock = deed, [], threading.Lock()

    def __call__(self, job, stopped):
        with self.lock:
            self.begun.append(job)
        self.deed(job, stopped)

    def sessions(self):
        return [job.session_id for job in self.begun]


def test_a_job_is_done_once_and_leaves_nothing_waiting(engine, queue):
    ids = [add_session(engine) for _ in range(3)]
    put_in(engine, queue, *ids)
    diary = Diary()
    with working(queue, diary):
        until(lambda: depth(engine, queue) == 0)
    assert diary.sessions() == ids
    assert [job.attempt for job in diary.begun] == [1, 1, 1]


def test_a_job_comes_with_the_callers_transaction_or_not_at_all(engine, queue):
    kept, dropped = add_session(engine), add_session(engine)
    put_in(engine, queue, kept)
    with pytest.raises(ZeroDivisionError), engine.begin() as conn:
        queue.enqueue(conn, dropped)
        raise ZeroDivisionError
    assert depth(engine, queue) == 1
    diary = Diary()
    with working(queue, diary):
        until(lambda: depth(engine, queue) == 0)
    assert diary.sessions() == [kept]


def test_a_job_that_waits_is_not_put_in_a_second_time(engine, queue):
    session_id = add_session(engine)
    put_in(engine, queue, session_id, session_id)
    put_in(engine, queue, session_id)
    assert depth(engine, queue) == 1


def test_what_the_caller_wrote_survives_a_job_that_was_there_already(engine, queue):
    session_id = add_session(engine)
    put_in(engine, queue, session_id)
    with engine.begin() as conn:
        conn.execute(update(therapy_sessions).values(roles_version=2))
        queue.enqueue(conn, session_id)
    with reading(engine) as conn:
        assert conn.scalar(select(therapy_sessions.c.roles_version)) == 2


def test_a_job_put_in_while_it_runs_runs_again_afterwards_and_never_beside(engine, queue):
    session_id = add_session(engine)
    put_in(engine, queue, session_id)
    at_once, most, held = [], [], threading.Event()

    def deed(job, stopped):
        at_once.append(job)
        most.append(len(at_once))
        held.wait(10)
        at_once.pop()

    diary = Diary(deed)
    with working(queue, diary, workers=2):
        until(lambda: diary.begun)
        put_in(engine, queue, session_id)
        put_in(engine, queue, session_id)
        time.sleep(0.3)
        held.set()
        until(lambda: depth(engine, queue) == 0)
    assert diary.sessions() == [session_id] * 2
    assert max(most) == 1


def test_a_failing_job_is_tried_three_times_and_holds_up_nobody(engine, queue):
    bad, good = add_session(engine), add_session(engine)
    put_in(engine, queue, bad, good)

    def deed(job, stopped):
        if job.session_id == bad:
            raise JobFailed("tagger_error")

    diary = Diary(deed)
    with working(queue, diary):
        until(lambda: depth(engine, queue) == 0)
    attempts = [(job.attempt, job.is_last) for job in diary.begun if job.session_id == bad]
    assert attempts == [(1, False), (2, False), (3, True)]
    assert diary.sessions()[:2] == [bad, good]


def test_a_failed_job_can_be_put_in_again_and_has_all_its_attempts(engine, queue):
    session_id = add_session(engine)
    put_in(engine, queue, session_id)

    def deed(job, stopped):
        if len(diary.begun) <= 3:
            raise JobFailed("tagger_error")

    diary = Diary(deed)
    with working(queue, diary):
        until(lambda: len(diary.begun) == 3 and depth(engine, queue) == 0)
        put_in(engine, queue, session_id)
        until(lambda: len(diary.begun) == 4 and depth(engine, queue) == 0)
    assert diary.begun[-1].attempt == 1


def test_a_job_that_fails_while_it_is_put_in_again_does_not_get_stuck(engine, queue):
    session_id, other = add_session(engine), add_session(engine)
    put_in(engine, queue, session_id)

    def deed(job, stopped):
        if len(diary.begun) == 1:
            put_in(engine, queue, session_id)
            raise JobFailed("tagger_error")

    diary = Diary(deed)
    with working(queue, diary):
        until(lambda: len(diary.begun) >= 2 and depth(engine, queue) == 0)
        put_in(engine, queue, other)
        until(lambda: other in diary.sessions() and depth(engine, queue) == 0)
    assert diary.sessions().count(session_id) >= 2


def test_a_job_given_back_is_done_by_the_next_worker(engine, queue):
    session_id = add_session(engine)
    put_in(engine, queue, session_id)

    def give_back(job, stopped):
        until(stopped)
        raise JobStopped

    with working(queue, Diary(give_back)) as stop:
        time.sleep(0.5)
        stop.ask(0)
    assert depth(engine, queue) == 1
    diary = Diary()
    with working(queue, diary):
        until(lambda: depth(engine, queue) == 0)
    assert diary.sessions() == [session_id]


def test_a_worker_told_to_stop_lets_the_job_at_hand_end(engine, queue):
    first, second = add_session(engine), add_session(engine)
    put_in(engine, queue, first, second)
    diary = Diary(lambda job, stopped: time.sleep(0.6))
    with working(queue, diary) as stop:
        until(lambda: diary.begun)
        stop.ask(grace=5)
    assert diary.sessions() == [first]
    assert depth(engine, queue) == 1


def test_cancelling_takes_a_job_out_or_stops_it(engine, queue):
    waits, runs = add_session(engine), add_session(engine)
    stopped_it = threading.Event()

    def deed(job, stopped):
        until(stopped)
        stopped_it.set()
        raise JobStopped

    put_in(engine, queue, runs)
    diary = Diary(deed)
    with working(queue, diary):
        until(lambda: diary.begun)
        put_in(engine, queue, waits)
        with engine.begin() as conn:
            for session_id in (waits, runs):
                conn.execute(delete(therapy_sessions).where(therapy_sessions.c.id == session_id))
                queue.cancel(conn, session_id)
        until(stopped_it.is_set)
        until(lambda: depth(engine, queue) == 0)
    assert diary.sessions() == [runs]


def test_many_workers_do_every_job_once_and_no_session_twice_at_a_time(engine, queue):
    ids = [add_session(engine) for _ in range(20)]
    put_in(engine, queue, *ids)
    diary = Diary(lambda job, stopped: time.sleep(0.01))
    with working(queue, diary, workers=4):
        until(lambda: depth(engine, queue) == 0)
    assert sorted(diary.sessions()) == sorted(ids)


def test_an_idle_worker_takes_a_new_job_within_half_a_second(engine, queue):
    session_id = add_session(engine)
    diary = Diary()
    with working(queue, diary):
        time.sleep(1.0)
        put_in(engine, queue, session_id)
        until(lambda: diary.begun, seconds=0.5)


def test_progress_is_known_while_noted_and_forgotten_when_put_in_anew(engine, queue):
    session_id = add_session(engine)
    note_progress(engine, session_id, Progress(0, 40))
    note_progress(engine, session_id, Progress(12, 40))
    note_progress(engine, "gone", Progress(1, 2))
    with reading(engine) as conn:
        assert queue.progress(conn, session_id) == Progress(12, 40)
        assert queue.progress(conn, "gone") is None
    put_in(engine, queue, session_id)
    with reading(engine) as conn:
        assert queue.progress(conn, session_id) is None


def test_a_job_holds_the_sessions_id_and_nothing_else_of_it(engine, queue):
    session_id = add_session(engine)
    put_in(engine, queue, session_id)
    table = "procrastinate_jobs" if engine.dialect.name == "postgresql" else "jobs"
    with reading(engine) as conn:
        row = conn.execute(text(f"SELECT * FROM {table}")).mappings().one()
    words = {v for v in row.values() if isinstance(v, str)}
    assert words <= {"analyse", "queued", "todo", "default", session_id, f"analyse:{session_id}"}
    assert row.get("args", {"session_id": session_id}) == {"session_id": session_id}


# On SQLite the leases are ours.


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def leased(sqlite_engine, clock):
    return SqliteQueue(sqlite_engine, Pace(lease=60), clock)


def test_a_job_whose_lease_is_over_is_taken_up_by_another_worker(leased, clock):
    put_in(leased.engine, leased, add_session(leased.engine))
    first = leased.claim("one")
    clock.now += 59
    assert leased.claim("two") is None
    clock.now += 2
    assert leased.claim("two") == Job(first.id, "analyse", first.session_id, attempt=2, attempts=3)


def test_a_worker_that_lost_its_job_notices_and_cannot_end_it(leased, clock):
    put_in(leased.engine, leased, add_session(leased.engine))

    def too_slow(job, stopped):
        clock.now += 61
        assert leased.claim("two").attempt == 2
        assert stopped()

    leased._attempt(leased.claim("one"), too_slow, StopSignal(), "one")
    with leased.engine.begin() as conn:
        assert conn.execute(select(jobs.c.holder, jobs.c.state)).one() == ("two", "running")


def test_a_worker_that_lives_keeps_its_job_however_long_it_takes(leased, clock):
    put_in(leased.engine, leased, add_session(leased.engine))

    def slow(job, stopped):
        for _ in range(40):
            clock.now += 10
            assert not stopped()
            assert leased.claim("two") is None

    leased._attempt(leased.claim("one"), slow, StopSignal(), "one")
    assert depth(leased.engine, leased) == 0


def test_a_job_left_by_a_dead_worker_and_put_in_anew_has_all_its_attempts(leased, clock):
    session_id = add_session(leased.engine)
    put_in(leased.engine, leased, session_id)
    assert leased.claim("one").attempt == 1
    put_in(leased.engine, leased, session_id)
    clock.now += 61
    assert leased.claim("two").attempt == 1


def test_a_worker_restarted_under_its_name_takes_up_what_it_left_at_once(leased):
    put_in(leased.engine, leased, add_session(leased.engine))
    leased.claim("spawned")
    stop = StopSignal()

    def deed(job, stopped):
        stop.ask(0)

    diary = Diary(deed)
    leased.run(diary, stop, "spawned")
    assert [job.attempt for job in diary.begun] == [2]


def test_giving_back_does_not_count_as_an_attempt(leased):
    put_in(leased.engine, leased, add_session(leased.engine))

    def give_back(job, stopped):
        raise JobStopped

    for _ in range(5):
        leased._attempt(leased.claim("one"), give_back, StopSignal(), "one")
    assert leased.claim("one").attempt == 1


def test_an_idle_queue_never_takes_the_write_lock(leased):
    with leased.engine.begin():  # somebody writes for a long time
        began = time.monotonic()
        assert leased.claim("one") is None
        assert time.monotonic() - began < 1


# On PostgreSQL the engine is procrastinate; what we add to it is the care around its locks.


def test_a_waiting_job_is_not_taken_up_before_the_caller_has_committed(postgres_engine):
    queue, session_id = open_queue(postgres_engine, PACE), add_session(postgres_engine)
    put_in(postgres_engine, queue, session_id)
    seen = []

    def look(job, stopped):
        with reading(postgres_engine) as conn:
            seen.append(conn.scalar(select(therapy_sessions.c.roles_version)))

    with postgres_engine.begin() as conn:
        queue.enqueue(conn, session_id)  # it waits already, and so must go on waiting
        with working(queue, look):
            time.sleep(1.5)
            assert seen == []
            conn.execute(update(therapy_sessions).values(roles_version=2))
            conn.commit()
            until(lambda: seen)
    assert seen == [2]


def test_the_server_needs_neither_torch_nor_spacy_for_its_queue():
    script = (
        "import sys, api.jobs, api.jobs_sqlite, api.jobs_postgres, api.worker, api.serving\n"
        "print([m for m in ('torch', 'spacy', 'transformers', 'openvino', 'models') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
