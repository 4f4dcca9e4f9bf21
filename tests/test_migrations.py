"""The tables made by the migrations are the tables the code uses."""

import secrets
import sqlite3
import subprocess
import sys

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import api.coding.tables  # noqa: F401
import api.jobs  # noqa: F401  (adds its tables to the metadata)
import api.jobs_sqlite  # noqa: F401
from api.database import open_engine, reading, upgrade
from api.settings import load_settings
from api.store import open_store
from api.tables import metadata
from nlp.errors import InputError

OPEN = """
import sys
from api.settings import load_settings
from api.store import open_store
store = open_store(load_settings({"SUTURE_DATA_DIR": sys.argv[1], "SUTURE_DATABASE_URL": sys.argv[2]}))
with store.engine.begin() as conn:
    store.trail.append(conn, "system", "audit.verified")
"""


@pytest.fixture
def empty_postgres_url(postgres_database):
    """The address of a PostgreSQL database with nothing in it."""
    name = f"suture_test_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_database.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield postgres_database.rpartition("/")[0] + "/" + name
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def differences(engine):
    def ours(name, kind, _):
        return kind != "table" or name in metadata.tables

    with reading(engine) as conn:
        context = MigrationContext.configure(conn, opts={"include_name": ours, "compare_type": True})
        found = compare_metadata(context, metadata)
    # tables of one database only (the queue's, on SQLite) are in the metadata all the same
    return [d for d in found if engine.dialect.name == "sqlite" or not is_sqlite_only(d)]


def is_sqlite_only(difference) -> bool:
    table = getattr(difference[1], "table", difference[1]) if isinstance(difference, tuple) else None
    return getattr(table, "name", "") == "jobs"


def test_the_migrated_tables_are_those_the_code_describes(store):
    assert differences(store.engine) == []


def test_upgrading_again_changes_nothing(store):
    with store.engine.begin() as conn:
        store.trail.append(conn, "system", "audit.verified")
    upgrade(store.engine)
    assert store.verify_audit().rows == 1


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_processes_that_start_at_once_on_nothing_all_open_one_store(tmp_path, request, database):
    url = request.getfixturevalue("empty_postgres_url") if database == "postgresql" else ""
    command = [sys.executable, "-c", OPEN, str(tmp_path / "var"), url]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    errors = [process.communicate(timeout=120)[1].decode() for process in running]
    assert [p.returncode for p in running] == [0] * 4, errors
    store = open_store(load_settings({"SUTURE_DATA_DIR": str(tmp_path / "var"), "SUTURE_DATABASE_URL": url}))
    check = store.verify_audit()
    store.close()
    assert (check.rows, check.ok) == (4, True)


def test_a_database_of_a_newer_version_is_refused(store):
    with store.engine.begin() as conn:
        newest = conn.scalar(text("SELECT version_num FROM alembic_version"))
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(InputError, match="newer Suture") as caught:
            upgrade(store.engine)
        assert caught.value.code == "newer_database"
    finally:
        with store.engine.begin() as conn:
            conn.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://sue:pw9@127.0.0.1:1/none", "sqlite:////proc/none/x.db"]
)
def test_a_database_that_cannot_be_opened_is_named_without_its_password(url):
    with pytest.raises(InputError) as caught:
        upgrade(open_engine(url))
    assert caught.value.code == "no_database"
    assert "pw9" not in str(caught.value) and url.rpartition("/")[2] in str(caught.value)


def test_a_migration_that_fails_half_way_leaves_nothing_behind(tmp_path):
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE audit_head (id INTEGER)")  # in the way of the last table made
    engine = open_engine(f"sqlite:///{path}")
    with pytest.raises(OperationalError, match="audit_head already exists"):
        upgrade(engine)
    engine.dispose()
    with sqlite3.connect(path) as conn:
        assert conn.execute("SELECT name FROM sqlite_master").fetchall() == [("audit_head",)]
