"""Who may see which therapy session. Everything that reads one goes through `require` or `visible_to`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, and_, case, delete, or_, select

from api.audit import as_id
from api.people import User
from api.tables import grants, session_keys, therapy_sessions, users
from nlp.errors import InputError

LEVELS = ("read", "write", "own")  # each includes those before it; "own" cannot be granted
_TOO_LITTLE = {
    "write": "You may read this session but not change it; ask its owner.",
    "own": "Only its owner may share or delete a session.",
}


@dataclass(frozen=True)
class Grant:
    """A person who may see a therapy session they do not own."""

    user_id: str
    user_name: str
    email: str
    level: str


def visible_to(user: User) -> Select:
    """Every therapy session this person may see: their own and those granted to them. Nothing else,
    whatever their role. `level` says what they may do."""
    t, mine = therapy_sessions, therapy_sessions.c.owner_id == user.id
    granted = and_(grants.c.session_id == t.c.id, grants.c.user_id == user.id)
    return (
        select(
            t,
            users.c.name.label("owner_name"),
            session_keys.c.wrapped,
            case((mine, "own"), else_=grants.c.level).label("level"),
        )
        .join(users, users.c.id == t.c.owner_id)
        .join(session_keys, session_keys.c.session_id == t.c.id)
        .outerjoin(grants, granted)
        .where(or_(mine, grants.c.level.in_(LEVELS)))
    )


def require(conn: Connection, user: User, session_id: str, level: str = "read", lock: bool = True) -> Row:
    """The therapy session's row, locked for this transaction; InputError when `user` may not."""
    query = visible_to(user).where(therapy_sessions.c.id == as_id(session_id))
    if lock:
        query = query.with_for_update(read=level == "read", of=therapy_sessions)
    row = conn.execute(query).one_or_none()
    if row is None:
        raise InputError("There is no such session among those you may see.", "not_found")
    if LEVELS.index(row.level) < LEVELS.index(level):
        raise InputError(_TOO_LITTLE[level], "forbidden")
    return row


def add(conn: Connection, row: Row, person: User, level: str, now: datetime) -> Grant:
    """Lets `person` see the session at `level`, in place of any earlier grant."""
    if level not in LEVELS[:2]:
        raise InputError("A session is shared to read or to write.", "bad_grant")
    if person.id == row.owner_id or person.disabled:
        raise InputError("Share a session with somebody else who can sign in.", "bad_grant")
    remove(conn, row.id, person.id)
    values = {"session_id": row.id, "user_id": person.id, "level": level, "created_at": now}
    conn.execute(grants.insert().values(**values))
    return Grant(person.id, person.name, person.email, level)


def remove(conn: Connection, session_id: str, user_id: str) -> bool:
    """Takes a grant back; whether there was one."""
    where = and_(grants.c.session_id == session_id, grants.c.user_id == user_id)
    return conn.execute(delete(grants).where(where)).rowcount > 0


def all_of(conn: Connection, session_id: str) -> tuple[Grant, ...]:
    """Everyone the session is shared with, by name."""
    query = select(users.c.id, users.c.name, users.c.email, grants.c.level).join_from(grants, users)
    rows = conn.execute(query.where(grants.c.session_id == session_id).order_by(users.c.name, users.c.id))
    return tuple(Grant(*row) for row in rows)
