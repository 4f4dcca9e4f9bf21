"""Slows down guessing at passwords, per account and per address, whether or not the account exists.

An attempt is counted before the password is looked at and given back when it was right, so many
attempts at once gain nothing.
"""

import math
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.tables import sign_in_failures
from nlp.errors import InputError

LONGEST_WAIT = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(hours=1)


class Throttled(InputError):
    """Too many wrong passwords; `retry_after` seconds must pass before the next."""

    def __init__(self, retry_after: int):
        super().__init__(f"Too many attempts. Wait {retry_after} seconds, then try again.", "throttled")
        self.retry_after = retry_after


def spend(conn: Connection, key: str, free: int, now: datetime) -> None:
    """Counts an attempt, or raises Throttled when the wait after the earlier ones is not over."""
    row = _locked(conn, key, now)
    if row.blocked_until > now:
        raise Throttled(math.ceil((row.blocked_until - now).total_seconds()))
    earlier = 0 if now - row.last_at > FORGOTTEN_AFTER else row.failures
    _set(conn, key, earlier + 1, free, now)


def give_back(conn: Connection, key: str, free: int, now: datetime) -> None:
    """Takes back one counted attempt: the password was right."""
    _set(conn, key, max(0, _locked(conn, key, now).failures - 1), free, now)


def forget(conn: Connection, key: str) -> None:
    """Takes back all counted attempts."""
    conn.execute(delete(sign_in_failures).where(sign_in_failures.c.key == key))


def forget_old(conn: Connection, now: datetime) -> None:
    """Removes counts that no longer matter, passing over those in use."""
    old = select(sign_in_failures.c.key).where(sign_in_failures.c.last_at < now - FORGOTTEN_AFTER)
    conn.execute(
        delete(sign_in_failures).where(sign_in_failures.c.key.in_(old.with_for_update(skip_locked=True)))
    )


def _wait(failures: int, free: int) -> timedelta:
    """Nothing for the first few, then 1, 2, 4, ... seconds."""
    if failures < free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - free, 20)), LONGEST_WAIT)


def _locked(conn: Connection, key: str, now: datetime) -> Row:
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    fresh = insert(sign_in_failures).values(key=key, failures=0, last_at=now, blocked_until=now)
    kept = fresh.on_conflict_do_update(index_elements=["key"], set_={"key": key})  # changes nothing, locks it
    return conn.execute(kept.returning(*sign_in_failures.c)).one()


def _set(conn: Connection, key: str, failures: int, free: int, now: datetime) -> None:
    values = {"failures": failures, "last_at": now, "blocked_until": now + _wait(failures, free)}
    conn.execute(update(sign_in_failures).where(sign_in_failures.c.key == key).values(**values))
