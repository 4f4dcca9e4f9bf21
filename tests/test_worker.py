"""The worker as it really runs: processes of its own, killed for real, on both databases."""

import os
import pickle
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select, text, update

from api.audit import entries
from api.database import reading, utc_now
from api.jobs import JobFailed, JobStopped, Pace, Progress, Queue, open_queue
from api.people import User, insert_user
from api.presence import BROKEN, LOADING, WAITS_FOR, waits_for
from api.scorer import SPLITTER, Scorer
from api.settings import Settings
from api.spawning import spawn_worker, start_worker
from api.store import Store, open_store
from api.tables import analyses, therapy_sessions, transcripts
from nlp.reading import read_transcript
from nlp.tagging import ModelInfo
from nlp.transcript import Speaker
from tests.worker_taggers import FAKES, read_diary

PACE = Pace(lease=3, attempts=2, rest=0.1, limit=30, poll=0.05, grace=20)
ROOT = Path(__file__).parent.parent


@dataclass
class Place:
    """A service's data, and what happens to it."""

    settings: Settings
    store: Store
    queue: Queue
    owner: User

    def upload(self, name: str, *deeds: str) -> str:
        turns = [
            f"{'Therapist' if i % 2 else 'Client'}: {deed}" for i, deed in enumerate((*deeds, "Yes.", "No."))
        ]
        raw = "\n".join(turns).encode()
        result = read_transcript(raw + name.encode(), f"{name}.txt")
        hook = {"in_transaction": self.queue.enqueue}
        return self.store.create_session(self.owner, result, raw=raw + name.encode(), **hook).session.id

    def status(self, session_id: str) -> str:
        return self.store.get_status(self.owner, session_id).status

    def failure(self, session_id: str) -> str | None:
        return self.store.get_status(self.owner, session_id).failure

    def unfinished(self) -> int:
        waiting = therapy_sessions.c.status.in_(["queued", "analysing"])
        with reading(self.store.engine) as conn:
            return conn.scalar(select(func.count()).select_from(therapy_sessions).where(waiting))

    def depth(self) -> int:
        with reading(self.store.engine) as conn:
            return self.queue.depth(conn)

    def waits_for(self) -> str:
        with reading(self.store.engine) as conn:
            return waits_for(conn, utc_now())

    def saved(self) -> Counter:
        """How often the scores of each session were kept."""
        with reading(self.store.engine) as conn:
            return Counter(row.object_id for row in entries(conn, 10_000) if row.what == "analysis.saved")

    def diary(self) -> list:
        return read_diary(Path(self.settings.model))

    def begun(self, name: str) -> int:
        return sum(entry.what == "begin" and entry.session == name for entry in self.diary())

    @contextmanager
    def worker(self, pace: Pace = PACE, **options):
        worker = start_worker(self.settings, pace=pace, **FAKES | options)
        try:
            yield worker
        finally:
            worker.kill()
            worker.wait()
            worker.stdin.close()


@contextmanager
def opened(settings, tmp_path):
    settings = replace(settings, model=str(tmp_path / "diary"))
    store = open_store(settings)
    with store.engine.begin() as conn:
        owner = insert_user(conn, "owner@example.org", "Owner", "supervisor", "", utc_now())
    yield Place(settings, store, open_queue(store.engine, PACE), owner)
    store.close()


@pytest.fixture
def sqlite_place(settings, tmp_path):
    with opened(settings, tmp_path) as place:
        yield place


@pytest.fixture
def postgresql_place(postgres_settings, tmp_path):
    with opened(postgres_settings, tmp_path) as place:
        yield place


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request):
    return request.getfixturevalue(f"{request.param}_place")


def until(condition, seconds=240.0):  # only a test that fails waits so long; a busy machine takes its time
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.03)
    raise AssertionError(f"it did not come about within {seconds} s")


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def overlaps(diary) -> list:
    """Sessions that were begun again before an attempt that later ended had ended."""
    found, open_until = [], {}
    ends = {(e.session, e.pid, i): e.at for i, e in enumerate(diary) if e.what == "end"}
    for i, entry in enumerate(diary):
        if entry.what != "begin":
            continue
        if entry.at < open_until.get(entry.session, 0):
            found.append(entry)
        mine = [at for (s, pid, j), at in ends.items() if (s, pid) == (entry.session, entry.pid) and j > i]
        open_until[entry.session] = min(mine, default=0)
    return found


def test_uploads_become_ready_with_scores_for_every_turn(place):
    ids = [place.upload(f"s{n}") for n in range(3)]
    with place.worker():
        until(lambda: not place.unfinished() and not place.depth())
    for session_id in ids:
        stored = place.store.read_session(place.owner, session_id)
        assert stored.session.status == "ready"
        assert [s.turn for s in stored.analysis.scores] == [t.index for t in stored.reading.transcript.turns]
        assert all(t.sentences for t in stored.reading.transcript.turns)
        assert stored.analysis.model == ModelInfo("obedient", "1", "1", {})


def test_progress_can_be_seen_while_a_session_is_analysed(place):
    session_id = place.upload("long", "wait 0.7", "wait 0.7", "wait 0.7")

    def seen():
        with reading(place.store.engine) as conn:
            return place.queue.progress(conn, session_id) or Progress(0, 0)

    with place.worker():
        until(lambda: 0 < seen().done < seen().total == 5)
        assert place.status(session_id) == "analysing"
        until(lambda: place.status(session_id) == "ready")


def test_workers_killed_at_any_moment_lose_nothing_and_double_nothing(place):
    ids = [place.upload(f"s{n}", "wait 0.2") for n in range(8)]
    chance, pace = random.Random(7), replace(PACE, lease=1.5, attempts=100)
    workers = [start_worker(place.settings, pace=pace, **FAKES) for _ in range(2)]
    for round_ in range(6):
        time.sleep(chance.uniform(0.05, 1.3))
        victim = workers[round_ % 2]
        victim.kill()
        victim.wait()
        workers[round_ % 2] = start_worker(place.settings, pace=pace, **FAKES)
    until(lambda: not place.unfinished() and not place.depth())
    for worker in workers:
        worker.kill()
        worker.wait()
    assert {place.status(i) for i in ids} == {"ready"}
    assert place.saved() == dict.fromkeys(ids, 1)
    with reading(place.store.engine) as conn:
        assert conn.scalar(select(func.count()).select_from(analyses)) == len(ids)
    assert overlaps(place.diary()) == []


def test_a_server_killed_at_any_moment_loses_no_upload_that_it_accepted(place):
    env = os.environ | {
        "SUTURE_DATA_DIR": str(place.settings.data_dir),
        "SUTURE_DATABASE_URL": place.settings.database_url,
        "SUTURE_MODEL": place.settings.model,
    }
    chance, accepted, workers = random.Random(3), set(), set()
    for _ in range(2):
        command = [sys.executable, "-m", "tests.killed_server", place.owner.id, "8"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT)
        words = server.stdout.readline().split()
        workers.add(int(words[1]))
        time.sleep(chance.uniform(0.2, 1.5))
        server.kill()
        accepted |= {line.split()[1] for line in server.communicate()[0].splitlines()}
    until(lambda: all(map(gone, workers)), seconds=10)
    with place.worker(replace(PACE, lease=2, attempts=50)):
        until(lambda: not place.unfinished() and not place.depth())
    assert accepted
    assert {place.status(i) for i in accepted} == {"ready"}
    assert set(place.saved().values()) == {1}


def test_poisoned_transcripts_fail_with_a_reason_and_hold_up_nobody(place):
    raises, exits = place.upload("raises", "raise"), place.upload("exits", "exit")
    good = [place.upload(f"good{n}") for n in range(3)]
    with place.worker():
        until(lambda: not place.unfinished() and not place.depth())
    assert (place.status(raises), place.failure(raises)) == ("failed", "tagger_error")
    assert (place.status(exits), place.failure(exits)) == ("failed", "tagger_crashed")
    assert [place.status(i) for i in good] == ["ready"] * 3
    assert place.begun("raises") == place.begun("exits") == PACE.attempts


def test_a_transcript_that_hangs_the_tagger_fails_and_holds_up_nobody(sqlite_place):
    hangs, good = sqlite_place.upload("hangs", "hang"), sqlite_place.upload("good")
    with sqlite_place.worker(replace(PACE, limit=1.5)):
        until(lambda: not sqlite_place.unfinished())
    assert sqlite_place.failure(hangs) == "time_limit"
    assert sqlite_place.status(good) == "ready"


def test_a_transcript_that_kills_the_worker_itself_fails_in_the_end(place):
    murders, good = place.upload("murders", "murder"), place.upload("good")
    worker = spawn_worker(place.settings, pace=replace(PACE, lease=1), **FAKES)
    until(lambda: not place.unfinished())
    worker.stop()
    assert place.failure(murders) == "worker_died"
    assert place.status(good) == "ready"
    assert place.begun("murders") == PACE.attempts


def test_what_a_failing_tagger_says_reaches_no_log(sqlite_place, capfd):
    session_id = sqlite_place.upload("raises", "raise")
    with sqlite_place.worker():
        until(lambda: sqlite_place.status(session_id) == "failed")
    logged = capfd.readouterr()
    assert "builtins.ValueError" in logged.err and "_obey" in logged.err
    assert "secret" not in logged.err + logged.out


def test_sigterm_lets_the_job_at_hand_end_and_takes_no_other(place):
    first, second = place.upload("first", "wait 1"), place.upload("second", "wait 1")
    with place.worker() as worker:
        until(lambda: place.begun("first"))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    assert [place.status(i) for i in (first, second)] == ["ready", "queued"]
    assert place.depth() == 1


def test_sigterm_gives_back_a_job_that_takes_too_long(place):
    slow = place.upload("slow", "wait 2")
    with place.worker(replace(PACE, lease=600, grace=0.3)) as worker:
        until(lambda: place.begun("slow"))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(5) == 0
    assert place.status(slow) != "ready"
    with place.worker(replace(PACE, lease=600, attempts=1)):  # so neither a lease nor an attempt was used up
        until(lambda: place.status(slow) == "ready")
    assert place.saved() == {slow: 1}


def test_a_session_deleted_while_it_is_analysed_leaves_nothing_and_stops_the_work(place):
    doomed, next_one = place.upload("doomed", "wait 60"), place.upload("next")
    with place.worker():
        until(lambda: place.begun("doomed"))
        place.store.delete_session(place.owner, doomed, in_transaction=place.queue.cancel)
        until(lambda: place.status(next_one) == "ready", seconds=15)
        until(lambda: not place.depth())
    with reading(place.store.engine) as conn:
        assert conn.scalars(select(analyses.c.session_id)).all() == [next_one]


def test_roles_changed_during_the_analysis_are_analysed_afterwards(place):
    session_id = place.upload("swapped", "wait 0.7")
    swapped = {"Client": Speaker.THERAPIST, "Therapist": Speaker.CLIENT}
    with place.worker():
        until(lambda: place.begun("swapped"))
        place.store.set_roles(place.owner, session_id, swapped, in_transaction=place.queue.enqueue)
        until(lambda: place.status(session_id) == "ready" and not place.depth())
    stored = place.store.read_session(place.owner, session_id)
    assert stored.analysis.roles_version == 2
    assert place.saved() == {session_id: 1}
    therapist = [s.repair is not None for s in stored.analysis.scores]
    assert therapist == [t.speaker is Speaker.THERAPIST for t in stored.reading.transcript.turns]


def test_a_session_that_waits_without_a_job_is_found_when_a_worker_starts(place):
    session_id = place.upload("forgotten")
    with place.store.engine.begin() as conn:
        place.queue.cancel(conn, session_id)
    assert place.depth() == 0
    with place.worker():
        until(lambda: place.status(session_id) == "ready")


def test_a_worker_outlives_connections_that_break(postgresql_place):
    place = postgresql_place
    during, after = place.upload("during", "wait 1"), place.upload("after")
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    with place.worker(replace(PACE, lease=1.5)) as worker:
        until(lambda: place.begun("during"))
        with place.store.engine.begin() as conn:
            conn.execute(text(f"{others} AND datname = current_database()"))
        until(lambda: not place.unfinished() and not place.depth())
        assert worker.poll() is None
    assert place.saved() == {during: 1, after: 1}


def test_a_tagger_that_cannot_be_loaded_spoils_no_job_and_is_told_in_a_sentence(sqlite_place, capfd):
    session_id = sqlite_place.upload("waits")
    with sqlite_place.worker(tagger="tests.worker_taggers:load_in_vain") as worker:
        assert worker.wait(30) == 1
    logged = capfd.readouterr().err
    assert "The tagger could not be loaded, so nothing is analysed: FileNotFoundError" in logged
    assert "Traceback" not in logged and len(logged.splitlines()) == 1
    assert sqlite_place.status(session_id) == "queued"
    assert sqlite_place.waits_for() == WAITS_FOR[BROKEN]
    with sqlite_place.worker():
        until(lambda: sqlite_place.waits_for() == "")
        until(lambda: sqlite_place.status(session_id) == "ready")


def test_while_the_tagger_is_loaded_one_can_see_it(place):
    session_id = place.upload("waits")
    with place.worker(tagger="tests.worker_taggers:load_slowly"):
        until(lambda: place.waits_for() == WAITS_FOR[LOADING])
        assert place.status(session_id) == "queued"
        until(lambda: place.status(session_id) == "ready")
        assert place.waits_for() == ""


def test_a_worker_whose_tagger_is_gone_ends_with_a_reason_and_gives_its_job_back(sqlite_place, capfd):
    session_id = sqlite_place.upload("exits", "exit")
    with sqlite_place.worker(tagger="tests.worker_taggers:load_once") as worker:
        assert worker.wait(30) == 1
    assert "could not be loaded, so nothing is analysed: RuntimeError" in capfd.readouterr().err
    assert sqlite_place.status(session_id) != "failed"
    assert sqlite_place.depth() == 1


def test_a_session_that_cannot_be_opened_fails_and_holds_up_nobody(sqlite_place):
    broken, good = sqlite_place.upload("broken"), sqlite_place.upload("good")
    with sqlite_place.store.engine.begin() as conn:
        conn.execute(
            update(transcripts).where(transcripts.c.session_id == broken).values(sealed_transcript=b"x")
        )
    with sqlite_place.worker():
        until(lambda: not sqlite_place.unfinished())
    assert sqlite_place.failure(broken) == "internal_error"
    assert sqlite_place.status(good) == "ready"


def test_a_spawned_worker_that_is_killed_is_started_again(sqlite_place):
    worker = spawn_worker(sqlite_place.settings, pace=PACE, **FAKES)
    killed = worker.pid
    session_id = sqlite_place.upload("s", "wait 0.3")
    until(lambda: sqlite_place.begun("s"))
    os.kill(killed, signal.SIGKILL)
    until(lambda: sqlite_place.status(session_id) == "ready", seconds=20)
    assert worker.pid != killed and worker.running
    worker.stop()
    assert not worker.running


def test_worker_and_tagger_end_with_a_killed_server_even_if_the_tagger_is_frozen(sqlite_place):
    script = (
        "import pickle, sys, time; from api.spawning import spawn_worker\n"
        "settings, pace = pickle.loads(sys.stdin.buffer.read())\n"
        f"print(spawn_worker(settings, pace=pace, **{FAKES!r}).pid, flush=True); time.sleep(3600)"
    )
    sqlite_place.upload("frozen", "freeze")
    server = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    server.stdin.write(pickle.dumps((sqlite_place.settings, PACE)))
    server.stdin.close()
    worker = int(server.stdout.readline())
    until(lambda: sqlite_place.begun("frozen"))
    family = [worker, *(child.pid for child in psutil.Process(worker).children(recursive=True))]
    assert len(family) == 2
    server.kill()
    server.wait()
    server.stdout.close()
    until(lambda: all(map(gone, family)), seconds=5)


def test_an_idle_worker_costs_next_to_nothing(sqlite_place):
    sqlite_place.upload("s")
    with sqlite_place.worker(replace(PACE, poll=0.2)) as worker:
        until(lambda: not sqlite_place.depth())
        process = psutil.Process(worker.pid)
        family = [process, *process.children(recursive=True)]
        before = sum(sum(p.cpu_times()[:2]) for p in family)
        time.sleep(2)
        spent = sum(sum(p.cpu_times()[:2]) for p in family) - before
    assert spent < 0.1  # seconds of two


def transcript(*deeds: str):
    raw = "\n".join(
        f"{'Therapist' if i % 2 else 'Client'}: {d}" for i, d in enumerate((*deeds, "Yes.", "No."))
    )
    return read_transcript(raw.encode(), "t.txt").transcript


def test_a_frozen_tagger_is_killed_and_the_next_transcript_scored(tmp_path):
    scorer = Scorer(name=str(tmp_path / "diary"), limit=0.5, **FAKES)
    steps = []
    try:
        with pytest.raises(JobFailed, match="time_limit"):
            scorer.score(transcript("freeze"), lambda *_: None, lambda: False)
        scored = scorer.score(transcript(), lambda done, total: steps.append((done, total)), lambda: False)
    finally:
        scorer.close()
    assert len(scored.scores) == 2
    assert steps == [(1, 2), (2, 2)]


def test_the_real_splitter_finds_the_sentences(tmp_path):
    scorer = Scorer(FAKES["tagger"], str(tmp_path / "diary"), splitter=SPLITTER)
    scored = scorer.score(transcript("It is late. I am tired."), lambda *_: None, lambda: False)
    scorer.close()
    assert len(scored.transcript.turns[0].sentences) == 2


def test_a_scorer_breaks_off_when_told_to(tmp_path):
    scorer = Scorer(name=str(tmp_path / "diary"), **FAKES)
    scorer.start()
    began = time.monotonic()
    with pytest.raises(JobStopped):
        scorer.score(transcript("hang"), lambda *_: None, lambda: time.monotonic() - began > 0.3)
    assert time.monotonic() - began < 1.5
    scorer.close()
