"""Who waits is told what for: a worker that loads its tagger, that has none, or that is not there."""

import pytest

from api.database import reading
from api.presence import BROKEN, LOADING, READY, WAITS_FOR, shown, waits_for


def told(store) -> str:
    with reading(store.engine) as conn:
        return waits_for(conn, store.clock())


def test_where_no_worker_was_ever_seen_one_is_told_how_to_start_one(store):
    assert told(store) == WAITS_FOR[None]
    assert "suture worker" in told(store)


def test_a_worker_is_seen_loading_then_ready_and_then_no_more(store, clock):
    with shown(store.engine, "one", clock=clock) as say:
        assert told(store) == WAITS_FOR[LOADING]
        say(READY)
        assert told(store) == ""
        with shown(store.engine, "two", clock=clock):
            assert told(store) == ""  # one that is ready is enough
    assert told(store) == WAITS_FOR[None]


def test_a_worker_that_lives_is_seen_however_long_it_does_nothing(store, clock):
    with shown(store.engine, "one", beat=0.02, clock=clock) as say:
        say(READY)
        for _ in range(3):
            clock.advance(seconds=60)
            assert eventually(lambda: told(store) == "")


def eventually(condition) -> bool:
    import time

    ends = time.monotonic() + 10
    while not condition() and time.monotonic() < ends:
        time.sleep(0.01)
    return condition()


def test_a_worker_that_was_killed_is_not_seen_for_long(store, clock):
    with shown(store.engine, "one", clock=clock) as say:
        say(READY)
        clock.advance(seconds=60)  # no sign of life since
        assert told(store) == WAITS_FOR[None]


def test_that_a_tagger_could_not_be_loaded_is_told_until_the_next_worker_does_better(store, clock):
    with pytest.raises(KeyError), shown(store.engine, "one", clock=clock) as say:
        say(BROKEN)
        raise KeyError
    clock.advance(seconds=60)  # as long as the next try may be away
    assert told(store) == WAITS_FOR[BROKEN]
    with shown(store.engine, "one", clock=clock) as say:
        assert told(store) == WAITS_FOR[LOADING]
        say(READY)
        assert told(store) == ""
    assert told(store) == WAITS_FOR[None]
