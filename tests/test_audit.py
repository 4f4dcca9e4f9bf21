"""The audit trail: only added to, and any tampering shows."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from api.audit import ACTIONS, _hash, as_id, entries
from api.database import reading
from api.tables import audit, audit_head

SOMEONE = str(uuid.uuid4())


def add(store, count=1, what="session.read"):
    for _ in range(count):
        with store.engine.begin() as conn:
            store.trail.append(conn, SOMEONE, what, SOMEONE)


def tamper(store, statement):
    """Does what somebody with the database's own password, but not the master key, could do."""
    with store.engine.begin() as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            conn.execute(text("DROP TRIGGER IF EXISTS audit_no_update"))
            conn.execute(text("DROP TRIGGER IF EXISTS audit_no_delete"))
        conn.execute(statement)


def check(store):
    with reading(store.engine) as conn:
        return store.trail.verify(conn)


def test_an_untouched_trail_is_whole(store):
    add(store, 5)
    found = check(store)
    assert (found.rows, found.ok, found.first_bad, found.problem) == (5, True, None, "")
    with reading(store.engine) as conn:
        assert entries(conn, 1)[0].hash == found.head


def test_an_empty_trail_is_whole(store):
    assert (check(store).rows, check(store).ok) == (0, True)


@pytest.mark.parametrize(
    "statement", [update(audit).values(who="x"), delete(audit), update(audit).values(seq=9)]
)
def test_the_database_itself_refuses_to_change_or_remove_rows(store, statement):
    add(store)
    with pytest.raises(DatabaseError, match="only ever added"), store.engine.begin() as conn:
        conn.execute(statement)
    assert check(store).ok


def test_postgresql_refuses_to_empty_the_table(postgres_store):
    with pytest.raises(DatabaseError, match="only ever added"), postgres_store.engine.begin() as conn:
        conn.execute(text("TRUNCATE audit"))


@pytest.mark.parametrize(
    "column", ["at", "who", "what", "object_id", "other_id", "outcome", "previous", "hash"]
)
def test_a_change_to_any_column_shows_and_where(store, clock, column):
    add(store, 4)
    clock.advance(seconds=1)
    value = clock() if column == "at" else "f" * 10
    tamper(store, update(audit).where(audit.c.seq == 2).values({column: value}))
    found = check(store)
    assert (found.ok, found.first_bad, found.rows) == (False, 2, 1)


def test_a_row_taken_out_of_the_middle_shows(store):
    add(store, 4)
    tamper(store, delete(audit).where(audit.c.seq == 3))
    assert check(store).first_bad == 3


def test_rows_cut_off_at_the_end_show(store):
    add(store, 5)
    tamper(store, delete(audit).where(audit.c.seq > 3))
    found = check(store)
    assert (found.ok, found.first_bad, found.problem) == (False, 4, "rows are missing at the end")


def test_a_row_forged_at_the_end_shows(store):
    add(store, 2)
    with reading(store.engine) as conn:
        last = entries(conn, 1)[0]
    forged = last._asdict() | {"seq": 3, "previous": last.hash}
    tamper(store, audit.insert().values(forged | {"hash": _hash(last.hash, forged)}))
    assert (check(store).ok, check(store).first_bad) == (False, 3)


def test_a_chain_made_anew_without_the_key_shows(store):
    add(store, 3)
    with reading(store.engine) as conn:
        first = conn.execute(select(audit).where(audit.c.seq == 1)).one()
    tamper(store, delete(audit).where(audit.c.seq > 1))
    tamper(store, update(audit_head).values(rows=1, hash=first.hash))
    assert (check(store).ok, check(store).problem) == (False, "the signed head was altered")


def test_taking_the_whole_trail_away_shows(store):
    add(store, 3)
    tamper(store, delete(audit))
    assert not check(store).ok
    tamper(store, delete(audit_head))
    assert not check(store).ok


def test_a_row_undone_with_its_transaction_leaves_no_gap(store):
    add(store)
    with pytest.raises(RuntimeError), store.engine.begin() as conn:
        store.trail.append(conn, SOMEONE, "session.read")
        raise RuntimeError
    add(store)
    assert (check(store).rows, check(store).ok) == (2, True)


def test_many_at_once_make_one_whole_chain(store):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: add(store, 10), range(8)))
    assert (check(store).rows, check(store).ok) == (80, True)


def test_only_words_of_the_vocabulary_are_written(store):
    with store.engine.begin() as conn:
        with pytest.raises(ValueError):
            store.trail.append(conn, SOMEONE, "Wilhelmina said")
        with pytest.raises(ValueError):
            store.trail.append(conn, SOMEONE, "session.read", outcome="Wilhelmina")
    assert all(word.replace(".", "").replace("_", "").isalpha() for word in ACTIONS)


@given(st.text())
def test_an_object_is_one_of_our_ids_or_nothing(typed):
    assert as_id(typed) == ""
    assert as_id(SOMEONE) == SOMEONE


def test_a_check_of_the_trail_is_on_record_and_a_broken_one_left_as_found(store):
    add(store, 2)
    assert store.verify_audit().ok
    assert check(store).rows == 3
    tamper(store, delete(audit).where(audit.c.seq == 3))
    assert not store.verify_audit().ok
    with reading(store.engine) as conn:
        assert len(entries(conn)) == 2


def test_the_trail_is_shown_newest_first_page_by_page(store):
    add(store, 5)
    with reading(store.engine) as conn:
        assert [r.seq for r in entries(conn, 2)] == [5, 4]
        assert [r.seq for r in entries(conn, 2, before=4)] == [3, 2]
