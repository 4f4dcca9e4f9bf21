"""Who may see which project and code which session. Everything that reads one goes through here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, or_, select

from api.audit import as_id
from api.coding.tables import coding_assignments, project_members, project_sessions, projects
from api.crypto import DataKey
from api.people import User
from api.store import Store
from api.tables import grants, session_keys, therapy_sessions
from nlp.errors import InputError

LEAD, CODER, ADJUDICATOR = "lead", "coder", "adjudicator"


@dataclass(frozen=True)
class Work:
    """One coder's assignment, locked for a transaction, with the key of its session."""

    conn: Connection
    row: Row
    key: DataKey


def project_key(store: Store, project_id: str) -> DataKey:
    """The key that seals a project's name; it comes from one of the service's own keys."""
    return DataKey(project_id, bytes.fromhex(store.keys.mac("content", f"project {project_id}".encode())))


def may_read(user: User) -> ColumnElement[bool]:
    """Whether a member may read a session of the project: its owner put it there, which lets all members
    read it, or they may read it anyway."""
    t = therapy_sessions.c
    granted = exists(select(grants).where(grants.c.session_id == t.id, grants.c.user_id == user.id))
    return or_(t.owner_id == project_sessions.c.added_by, t.owner_id == user.id, granted)


def roles_in(conn: Connection, user: User, project_id: str) -> frozenset[str]:
    """What the person is in the project; nothing where they are no member."""
    m = project_members.c
    found = select(m.role).where(m.project_id == as_id(project_id), m.user_id == user.id)
    return frozenset(conn.execute(found).scalars())


def require_project(conn: Connection, user: User, project_id: str, role: str = "") -> Row:
    """The project's row; InputError unless the person is a member, with that role where one is named."""
    roles = roles_in(conn, user, project_id)
    if not roles:
        raise InputError("There is no such project among yours.", "not_found")
    if role and role not in roles:
        raise InputError("Only who leads the project may do this.", "forbidden")
    return conn.execute(select(projects).where(projects.c.id == as_id(project_id))).one()


def assigned_to(user: User) -> Select:
    """The assignments that the person may work on."""
    a, s, t = coding_assignments, project_sessions, therapy_sessions
    return (
        select(a, t.c.turns, t.c.sealed_title, session_keys.c.wrapped)
        .join(s, (s.c.project_id == a.c.project_id) & (s.c.session_id == a.c.session_id))
        .join(t, t.c.id == a.c.session_id)
        .join(session_keys, session_keys.c.session_id == t.c.id)
        .where(a.c.coder_id == user.id, may_read(user))
    )


@contextmanager
def coding(store: Store, user: User, what: str, assignment_id: str) -> Iterator[Work]:
    """A transaction in which a coder does `what` with a session assigned to them, on record."""
    with store.refusals_recorded(user, what, assignment_id), store.engine.begin() as conn:
        query = assigned_to(user).where(coding_assignments.c.id == as_id(assignment_id))
        row = conn.execute(query.with_for_update(of=coding_assignments)).one_or_none()
        if row is None:
            raise InputError("There is no such session among those you code.", "not_found")
        yield Work(conn, row, store.master.unwrap(row.session_id, row.wrapped))
        store.trail.append(conn, user.id, what, row.session_id)
