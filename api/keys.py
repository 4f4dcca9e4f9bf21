"""Keys kept in the database, wrapped by the master key: one per therapy session, a few of the service."""

import hashlib
import hmac
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Engine, Table, select, update

from api.crypto import AlteredError, DataKey, MasterKey, new_data_key
from api.database import reading
from api.tables import service_keys, session_keys
from nlp.errors import InputError

# What the service itself needs keys for. They stay the same when the master key is changed.
PURPOSES = ("content", "csrf", "audit", "throttle")


@dataclass(frozen=True)
class ServiceKeys:
    """The service's own keys, by purpose."""

    by_purpose: dict[str, bytes] = field(repr=False)

    def mac(self, purpose: str, message: bytes) -> str:
        """A keyed hash of `message`, of no use to anyone without the key."""
        return hmac.new(self.by_purpose[purpose], message, hashlib.sha256).hexdigest()


def has_keys(engine: Engine) -> bool:
    """Whether the database has been used with a master key already."""
    with reading(engine) as conn:
        return conn.execute(select(service_keys.c.name)).first() is not None


def add_service_keys(conn: Connection, master: MasterKey) -> ServiceKeys | None:
    """Makes the service's keys in a new database; None where they are already there."""
    if conn.execute(select(service_keys.c.name)).first() is not None:
        return None
    made = [new_data_key(purpose) for purpose in PURPOSES]
    rows = [{"name": k.owner, "master_id": master.id, "wrapped": master.wrap(k)} for k in made]
    conn.execute(service_keys.insert(), rows)
    return ServiceKeys({k.owner: k.secret for k in made})


def load_service_keys(engine: Engine, master: MasterKey) -> ServiceKeys:
    """The service's keys; InputError if this database was made with another master key."""
    with reading(engine) as conn:
        rows = conn.execute(select(service_keys)).all()
    if any(row.master_id != master.id for row in rows):
        raise InputError(
            "The master key is not the one this database was made with. Put back the right "
            "SUTURE_MASTER_KEY or master key file; without it nothing in the database can be read.",
            "wrong_master_key",
        )
    return ServiceKeys({row.name: master.unwrap(row.name, row.wrapped).secret for row in rows})


def add_session_key(conn: Connection, master: MasterKey, key: DataKey) -> None:
    """Keeps the key of a therapy session, wrapped."""
    row = {"session_id": key.owner, "master_id": master.id, "wrapped": master.wrap(key)}
    conn.execute(session_keys.insert().values(**row))


def session_key(conn: Connection, master: MasterKey, session_id: str) -> DataKey:
    """The key of a therapy session."""
    wrapped = conn.execute(
        select(session_keys.c.wrapped).where(session_keys.c.session_id == session_id)
    ).scalar_one()
    return master.unwrap(session_id, wrapped)


def rewrap_all(conn: Connection, old: MasterKey, new: MasterKey) -> int:
    """Wraps every key by the new master key instead of the old one; how many. Stop the service first."""
    count = 0
    for table, id_column in ((service_keys, service_keys.c.name), (session_keys, session_keys.c.session_id)):
        for owner, wrapped in conn.execute(select(id_column, table.c.wrapped)).all():
            _rewrap(conn, table, id_column == owner, _open(old, owner, wrapped), new)
            count += 1
    return count


def _open(old: MasterKey, owner: str, wrapped: bytes) -> DataKey:
    try:
        return old.unwrap(owner, wrapped)
    except AlteredError as error:
        raise InputError(
            "The old master key is not the one this database was made with; nothing was changed.",
            "wrong_master_key",
        ) from error


def _rewrap(conn: Connection, table: Table, where: ColumnElement, key: DataKey, new: MasterKey) -> None:
    conn.execute(update(table).where(where).values(wrapped=new.wrap(key), master_id=new.id))
