"""The therapy sessions kept here: sealed, shown only to those who may see them, every access on record."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, delete, update
from sqlalchemy.exc import IntegrityError

from api import grants
from api.audit import AuditCheck, AuditTrail, entries
from api.crypto import DataKey, MasterKey, load_master_key
from api.database import open_engine, reading, upgrade, utc_now
from api.grants import Grant
from api.keys import ServiceKeys, add_service_keys, has_keys, load_service_keys
from api.listing import list_page
from api.people import SYSTEM, User, find_user, require_admin
from api.settings import Settings
from api.stored import (
    Created,
    Page,
    SessionRow,
    SessionStatus,
    StoredSession,
    Upload,
    checked_roles,
    insert_session,
    load_analysis,
    load_reading,
    replace_transcript,
    tidy_title,
    unseal_row,
)
from api.tables import analyses, therapy_sessions
from nlp.errors import InputError
from nlp.reading import ReadResult
from nlp.transcript import Speaker, with_roles

Hook = Callable[[Connection, str], object]  # runs in the same transaction, with the session's id
PURPOSES = {"read": "session.read", "export": "session.exported", "look": "session.looked_at"}


@dataclass(frozen=True)
class Store:
    """The database with the keys to it. Every method takes the person who asks, and what it shows or
    changes leaves a row in the audit trail in the same transaction; `get_status` alone does not."""

    engine: Engine
    master: MasterKey
    keys: ServiceKeys
    trail: AuditTrail
    clock: Callable[[], datetime]

    def create_session(
        self,
        user: User,
        result: ReadResult,
        *,
        raw: bytes,
        filename: str = "",
        title: str = "",
        status: str = "queued",
        in_transaction: Hook | None = None,
    ) -> Created:
        """Keeps an upload. The same bytes by the same person again give the session already there."""
        upload = Upload(result, raw, filename, tidy_title(title or result.transcript.title), status)
        try:
            return self._create(user, upload, in_transaction)
        except IntegrityError:  # the same file by the same person at the same moment: now it is there
            return self._create(user, upload, in_transaction)

    def get_session(self, user: User, session_id: str, level: str = "read") -> SessionRow:
        """What a list shows of one session, to who may do with it what `level` says."""
        with self._acting(user, "session.looked_at", session_id, level) as (_, row, key):
            return unseal_row(row, key)

    def get_status(self, user: User, session_id: str) -> SessionStatus:
        """How far the session is; cheap, to be asked again and again."""
        with self.refusals_recorded(user, "session.looked_at", session_id), reading(self.engine) as conn:
            row = grants.require(conn, user, session_id, lock=False)
        return SessionStatus(row.id, row.status, row.failure, row.roles_version, row.updated_at)

    def list_sessions(self, user: User, *, limit: int = 50, after: str | None = None) -> Page:
        """The sessions this person owns or was granted, newest first."""
        with self.engine.begin() as conn:
            page = list_page(conn, self.master, user, limit, after)
            self.trail.append(conn, user.id, "session.listed")
        return page

    def read_session(self, user: User, session_id: str, purpose: str = "read") -> StoredSession:
        """The whole session as of one moment, to read it, to export it, or to look at its state."""
        with self._acting(user, PURPOSES[purpose], session_id, "read") as (conn, row, key):
            return StoredSession(unseal_row(row, key), load_reading(conn, key), load_analysis(conn, key))

    def set_roles(
        self, user: User, session_id: str, roles: Mapping[str, Speaker], in_transaction: Hook | None = None
    ) -> SessionRow:
        """Confirms or changes who is who. Other roles than before make the scores void and queue the
        session again; the same roles change nothing, unless it was waiting for them or had failed."""
        with self._acting(user, "session.roles_set", session_id, "write") as (conn, row, key):
            transcript = load_reading(conn, key).transcript
            changed = with_roles(transcript, checked_roles(transcript, roles))
            if changed == transcript and row.status in ("queued", "analysing", "ready"):
                return unseal_row(row, key)
            replace_transcript(conn, key, changed)
            conn.execute(delete(analyses).where(analyses.c.session_id == session_id))
            return self._queue_again(conn, row, key, row.roles_version + 1, in_transaction)

    def retry(self, user: User, session_id: str, in_transaction: Hook | None = None) -> SessionRow:
        """Queues a session whose analysis failed."""
        with self._acting(user, "session.retried", session_id, "write") as (conn, row, key):
            if row.status != "failed":
                raise InputError("Only a session whose analysis failed can be tried again.", "wrong_state")
            return self._queue_again(conn, row, key, row.roles_version, in_transaction)

    def rename(self, user: User, session_id: str, title: str) -> SessionRow:
        """Gives the session another title."""
        with self._acting(user, "session.renamed", session_id, "write") as (conn, row, key):
            title = tidy_title(title)
            self._update(conn, session_id, sealed_title=key.seal("title", title.encode("utf-8", "replace")))
            return replace(unseal_row(row, key), title=title)

    def delete_session(self, user: User, session_id: str, in_transaction: Hook | None = None) -> None:
        """Destroys the session's key and rows. Only the owner may."""
        with self._acting(user, "session.deleted", session_id, "own") as (conn, _, _):
            conn.execute(delete(therapy_sessions).where(therapy_sessions.c.id == session_id))
            if in_transaction:
                in_transaction(conn, session_id)
        self._empty_journal()

    def grant(self, user: User, session_id: str, reader: str, level: str = "read") -> Grant:
        """Lets another person (by id or e-mail) read the session, or also change it. Only the owner may."""
        person = self._person(user, "session.granted", session_id, reader)
        with self._acting(user, "session.granted", session_id, "own", person.id) as (conn, row, _):
            return grants.add(conn, row, person, level, self.clock())

    def revoke(self, user: User, session_id: str, reader: str) -> None:
        """Takes back what was granted. Only the owner may."""
        person = self._person(user, "session.revoked", session_id, reader)
        with self._acting(user, "session.revoked", session_id, "own", person.id) as (conn, _, _):
            grants.remove(conn, session_id, person.id)

    def grants(self, user: User, session_id: str) -> tuple[Grant, ...]:
        """Whom the session is shared with. Only the owner may ask."""
        with self._acting(user, "session.looked_at", session_id, "own") as (conn, _, _):
            return grants.all_of(conn, session_id)

    def read_audit(self, user: User, limit: int = 100, before: int | None = None) -> list[Row]:
        """The newest audit rows; only an admin may ask."""
        require_admin(user)
        with self.engine.begin() as conn:
            rows = entries(conn, limit, before)
            self.trail.append(conn, user.id, "audit.read")
        return rows

    def verify_audit(self, user: User = SYSTEM) -> AuditCheck:
        """Checks the whole audit trail."""
        with reading(self.engine) as conn:
            check = self.trail.verify(conn)
        if check.ok:  # a broken trail is left as it was found
            with self.engine.begin() as conn:
                self.trail.append(conn, user.id, "audit.verified")
        return check

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()

    @contextmanager
    def _acting(
        self, user: User, what: str, session_id: str, level: str, other_id: str = ""
    ) -> Iterator[tuple[Connection, Row, DataKey]]:
        """A transaction in which `user` does `what` with a session they may see, on record."""
        with self.refusals_recorded(user, what, session_id), self.engine.begin() as conn:
            row = grants.require(conn, user, session_id, level)
            yield conn, row, self.master.unwrap(row.id, row.wrapped)
            self.trail.append(conn, user.id, what, session_id, other_id)

    @contextmanager
    def refusals_recorded(self, user: User, what: str, session_id: str) -> Iterator[None]:
        """Puts it on record when what happens inside is refused to `user`."""
        try:
            yield
        except InputError as error:
            if error.code in ("not_found", "forbidden"):
                with self.engine.begin() as conn:
                    self.trail.append(conn, user.id, what, session_id, outcome="refused")
            raise

    def _create(self, user: User, upload: Upload, hook: Hook | None) -> Created:
        mac = self.keys.mac("content", upload.raw)
        own = grants.visible_to(user).where(
            therapy_sessions.c.owner_id == user.id, therapy_sessions.c.content_mac == mac
        )
        with self.engine.begin() as conn:
            row = conn.execute(own).one_or_none()
            new = row is None
            if new:
                session_id = insert_session(conn, self.master, user.id, upload, mac, self.clock())
                row = conn.execute(own).one()
                if hook:
                    hook(conn, session_id)
            self.trail.append(conn, user.id, "session.created" if new else "session.looked_at", row.id)
        return Created(unseal_row(row, self.master.unwrap(row.id, row.wrapped)), new)

    def _person(self, user: User, what: str, session_id: str, id_or_email: str) -> User:
        """Whom the owner means. Others are refused before it is looked up, so that they learn of no address."""
        with self.refusals_recorded(user, what, session_id), reading(self.engine) as conn:
            grants.require(conn, user, session_id, "own", lock=False)
            person = find_user(conn, id_or_email)
        if person is None:
            raise InputError("There is no such person here.", "no_such_user")
        return person

    def _queue_again(
        self, conn: Connection, row: Row, key: DataKey, roles_version: int, hook: Hook | None
    ) -> SessionRow:
        self._update(conn, row.id, status="queued", failure=None, roles_version=roles_version)
        if hook:
            hook(conn, row.id)
        shown = unseal_row(row, key)
        return replace(shown, status="queued", failure=None, roles_version=roles_version)

    def _update(self, conn: Connection, session_id: str, **values: object) -> None:
        where = therapy_sessions.c.id == session_id
        conn.execute(update(therapy_sessions).where(where).values(**values, updated_at=self.clock()))

    def _empty_journal(self) -> None:
        """On SQLite the write-ahead journal still holds what was deleted until it is emptied."""
        if self.engine.dialect.name == "sqlite":
            with closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def open_store(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Store:
    """The store of these settings, made the first time. Safe when several processes start at once."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(settings.database_url)
    upgrade(engine)
    master = load_master_key(settings.master_key, settings.master_key_file, is_new=not has_keys(engine))
    _add_keys(engine, master, clock)
    keys = load_service_keys(engine, master)
    return Store(engine, master, keys, AuditTrail(keys, clock), clock)


def _add_keys(engine: Engine, master: MasterKey, clock: Callable[[], datetime]) -> None:
    try:
        with engine.begin() as conn:
            if made := add_service_keys(conn, master):
                AuditTrail(made, clock).start(conn)
    except IntegrityError:
        pass  # another process made them at the same moment
