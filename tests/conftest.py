"""Shared by all tests: no socket leaves this machine; stores on both databases, each test its own."""

import ipaddress
import os
import secrets
import socket
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from argon2 import PasswordHasher
from psycopg import sql

from api.accounts import open_accounts
from api.database import open_engine, upgrade
from api.members import add_user
from api.passwords import Passwords
from api.people import SYSTEM
from api.settings import load_settings
from api.store import open_store
from nlp.reading import read_transcript

_connect = socket.socket.connect


def _is_local(address) -> bool:
    if isinstance(address, str | bytes):  # a unix socket
        return True
    host = address[0]
    return host in ("localhost", "") or ipaddress.ip_address(host).is_loopback


class OutgoingConnectionError(AssertionError):
    """Something tried to reach another machine."""


def _guarded_connect(sock, address):
    if not _is_local(address):
        raise OutgoingConnectionError(f"a connection to {address!r} was attempted")
    return _connect(sock, address)


@pytest.fixture(scope="session", autouse=True)
def _no_outgoing_sockets():
    socket.socket.connect = _guarded_connect
    yield
    socket.socket.connect = _connect


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self):
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def settings(tmp_path):
    """Settings on SQLite in a folder of this test's own."""
    return load_settings({"SUTURE_DATA_DIR": str(tmp_path / "var")})


@pytest.fixture(scope="session")
def postgres_database():
    """The address of a PostgreSQL database made for this run of the tests and dropped after it.

    The server's address must be one of a superuser, as emptying the tables between tests needs one.
    """
    server = os.environ.get("SUTURE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432")
    try:
        admin = psycopg.connect(server, dbname="postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL is reachable; set SUTURE_TEST_POSTGRES to the address of one")
    name = sql.Identifier(f"suture_test_{secrets.token_hex(6)}")
    with admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            url = _postgres_url(server, name.as_string().strip('"'))
            engine = open_engine(url)
            upgrade(engine)
            engine.dispose()
            yield url
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture
def postgres_url(postgres_database):
    """The address of a PostgreSQL database with all tables, no rows, and nobody else in it."""
    with psycopg.connect(postgres_database.replace("+psycopg", ""), autocommit=True) as conn:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        conn.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        rows = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        with conn.transaction():  # much quicker than TRUNCATE
            conn.execute("SET LOCAL session_replication_role = replica")  # no triggers: audit refuses this
            for (table,) in rows:
                if table != "alembic_version":
                    conn.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    return postgres_database


def _postgres_url(server: str, name: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(server)
    login = parts.get("user", "") + (f":{parts['password']}" if "password" in parts else "")
    return f"postgresql+psycopg://{login}@{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{name}"


@pytest.fixture
def sqlite_store(settings, clock):
    store = open_store(settings, clock)
    yield store
    store.close()


@pytest.fixture
def postgres_settings(tmp_path, postgres_url):
    """Settings on a PostgreSQL database of this test's own."""
    return load_settings({"SUTURE_DATA_DIR": str(tmp_path / "var"), "SUTURE_DATABASE_URL": postgres_url})


@pytest.fixture
def postgres_store(postgres_settings, clock):
    store = open_store(postgres_settings, clock)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_settings(request):
    """Settings on SQLite and on PostgreSQL in turn."""
    return request.getfixturevalue("settings" if request.param == "sqlite" else "postgres_settings")


@pytest.fixture
def store(store_settings, clock):
    """A new store, on SQLite and on PostgreSQL in turn."""
    store = open_store(store_settings, clock)
    yield store
    store.close()


@pytest.fixture(scope="session")
def cheap_passwords():
    """Password hashing that is real but quick."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def accounts(store, store_settings, cheap_passwords):
    return open_accounts(store, store_settings, cheap_passwords)


@pytest.fixture
def make_user(accounts):
    """Makes a person with an account; their password is "correct horse battery"."""

    def make(role: str = "supervisor", email: str | None = None, name: str = "A Person"):
        email = email or f"{role}-{secrets.token_hex(4)}@example.org"
        return add_user(accounts, SYSTEM, email, name, "correct horse battery", role)

    return make


@pytest.fixture
def upload(store):
    """Keeps a small real transcript for a person: two turns, roles known."""

    def keep(user, raw: bytes = b"Therapist: How was it?\nClient: I dunno.\n", **options):
        return store.create_session(user, read_transcript(raw, "hour.txt"), raw=raw, **options)

    return keep
