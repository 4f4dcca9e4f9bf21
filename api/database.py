"""Opening a database and bringing its tables up to date."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from nlp.errors import InputError

MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 7_883_210  # any number, the same in every process
_READING = "suture_reading"


def utc_now() -> datetime:
    """The moment now, aware, in UTC."""
    return datetime.now(UTC)


def open_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL with the habits the store relies on. Its errors tell no values."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    _make_private(make_url(url).database)
    # All who wait for their turn to write hold a connection.
    engine = create_engine(url, max_overflow=40, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(path: str) -> None:
    """Makes the file before SQLite does, so that only its owner may read it (its journals follow it)."""
    with suppress(OSError):  # what is wrong with the place is said when the database is opened
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, _record) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; see _begin_sqlite
    connection.execute("PRAGMA busy_timeout = 30000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # an accepted upload survives a power cut
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads and then writes would fail at once ("locked") if another wrote in
    # between; taking the write lock at the start makes it wait its turn instead.
    reading = connection.get_execution_options().get(_READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: one snapshot, and no write lock on SQLite."""
    options = {_READING: True}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect() as conn:
        conn.execution_options(**options)
        with conn.begin():
            yield conn


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Brings the tables up to date; safe when several processes start at once."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    _check_reachable(engine)
    try:
        with engine.begin() as conn:
            if conn.dialect.name == "postgresql":
                conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
            config.attributes["connection"] = conn
            command.upgrade(config, revision)
    except CommandError as error:
        raise InputError(
            "The database was made by a newer Suture than this one. Start the newer one.", "newer_database"
        ) from error


def _check_reachable(engine: Engine) -> None:
    try:
        engine.connect().close()
    except OperationalError as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise InputError(
            f"The database {shown} cannot be opened. Check that it is running and that the address, "
            "name and password are right.",
            "no_database",
        ) from error
