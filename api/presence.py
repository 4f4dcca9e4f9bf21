"""Which workers there are and what they are doing, so that who waits can be told what for."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from api.database import utc_now
from api.tables import workers

LOADING, READY, BROKEN = "loading", "ready", "broken"
BEAT = 5.0  # seconds between two signs of life
SEEN_WITHIN = timedelta(seconds=4 * BEAT)
BROKEN_WITHIN = timedelta(minutes=2)  # a worker that cannot load its tagger is started again within one
_FORGOTTEN = timedelta(days=1)
WAITS_FOR = {
    LOADING: "Suture is starting up and reads this session as soon as it can.",
    READY: "",
    BROKEN: "Suture could not load its tagger, so nothing is read for now. The service's log says why.",
    None: "No worker seems to be running, so it waits. Whoever runs this service can start one with “suture worker”.",
}


@contextmanager
def shown(
    engine: Engine, holder: str, beat: float = BEAT, clock: Callable[[], datetime] = utc_now
) -> Iterator[Callable[[str], None]]:
    """While the block runs, the worker is seen: loading until the yielded function says otherwise.

    Afterwards it is gone, but for one that said it is broken: that is worth telling for a while.
    """
    state, ended = [LOADING], threading.Event()

    def say(new: str) -> None:
        state[0] = new
        _note(engine, holder, new, clock())

    def keep_saying() -> None:
        while not ended.wait(beat):
            with suppress(OperationalError):  # the database is busy or away: the next beat may get through
                _note(engine, holder, state[0], clock())

    say(LOADING)
    beating = threading.Thread(target=keep_saying, name="presence", daemon=True)
    beating.start()
    try:
        yield say
    finally:
        ended.set()
        beating.join()
        if state[0] != BROKEN:
            with suppress(OperationalError), engine.begin() as conn:
                conn.execute(delete(workers).where(workers.c.holder == holder))


def waits_for(conn: Connection, now: datetime) -> str:
    """What a session that is not read yet waits for beside its turn, as a sentence; empty: nothing."""
    rows = conn.execute(select(workers.c.state, workers.c.seen_at)).all()
    states = {row.state for row in rows if now - row.seen_at < _fresh(row.state)}
    return WAITS_FOR[next((state for state in (READY, LOADING, BROKEN) if state in states), None)]


def _fresh(state: str) -> timedelta:
    return BROKEN_WITHIN if state == BROKEN else SEEN_WITHIN


def _note(engine: Engine, holder: str, state: str, now: datetime) -> None:
    values = {"state": state, "seen_at": now}
    with engine.begin() as conn:
        if not conn.execute(update(workers).where(workers.c.holder == holder).values(values)).rowcount:
            conn.execute(delete(workers).where(workers.c.seen_at < now - _FORGOTTEN))
            conn.execute(insert(workers).values(holder=holder, **values))
