"""What a member sees of a project: its people, its sessions, who codes what and how far they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select

from annotation.assigning import Design
from api.coding.access import LEAD, assigned_to, may_read, project_key, require_project
from api.coding.history import Tally, tallies
from api.coding.tables import coding_assignments, project_members, project_sessions, projects
from api.database import reading
from api.people import User
from api.store import Store
from api.tables import session_keys, therapy_sessions, users


@dataclass(frozen=True)
class Member:
    """Somebody in a project, and as what."""

    id: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """One coder's assignment. `judged` and `changed_after` are None for those who may not see them."""

    id: str
    session_id: str
    coder_id: str
    coder_name: str
    state: str
    judged: int | None
    changed_after: int | None


@dataclass(frozen=True)
class ProjectSession:
    """A session of a project with who codes it."""

    id: str
    title: str  # empty for those who may not read it
    turns: int
    chosen: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Project:
    """A project as one of its members sees it."""

    id: str
    name: str
    codebook_version: str
    design: Design
    created_at: datetime
    members: tuple[Member, ...]
    sessions: tuple[ProjectSession, ...]
    roles: tuple[str, ...]  # what the one who looks is in it


@dataclass(frozen=True)
class ProjectLine:
    """A project as in a list."""

    id: str
    name: str
    roles: tuple[str, ...]
    sessions: int
    created_at: datetime


@dataclass(frozen=True)
class MyTask:
    """A session that the one who asks is to code."""

    id: str
    project_id: str
    title: str
    state: str
    turns: int
    judged: int


def list_projects(store: Store, user: User) -> tuple[ProjectLine, ...]:
    """The projects of which the person is a member, newest first."""
    p, m, s = projects.c, project_members.c, project_sessions.c
    mine = select(p.id, p.sealed_name, p.created_at, m.role).join_from(projects, project_members)
    with store.engine.begin() as conn:
        rows = conn.execute(mine.where(m.user_id == user.id).order_by(p.created_at.desc(), p.id)).all()
        ids = list(dict.fromkeys(row.id for row in rows))
        counts = list(conn.execute(select(s.project_id).where(s.project_id.in_(ids))).scalars())
        store.trail.append(conn, user.id, "project.listed")
    return tuple(
        ProjectLine(
            first.id,
            _name(store, first),
            tuple(sorted(row.role for row in rows if row.id == id_)),
            counts.count(id_),
            first.created_at,
        )
        for id_ in ids
        for first in [next(row for row in rows if row.id == id_)]
    )


def my_tasks(store: Store, user: User) -> tuple[MyTask, ...]:
    """The sessions that the person is to code, those not finished first."""
    a = coding_assignments.c
    with reading(store.engine) as conn:
        rows = conn.execute(assigned_to(user).order_by(a.assigned_at, a.id)).all()
        done = tallies(conn, [row.id for row in rows])
    tasks = [
        MyTask(r.id, r.project_id, _title(store, r.session_id, r), r.state, r.turns, done[r.id].judged)
        for r in rows
    ]
    return tuple(sorted(tasks, key=lambda task: task.state == "finished"))


def read_project(store: Store, user: User, project_id: str) -> Project:
    """One project. Who codes what is shown to all its members; how far others are, to who leads it."""
    with (
        store.refusals_recorded(user, "project.looked_at", project_id),
        store.engine.begin() as conn,
    ):
        row = require_project(conn, user, project_id)
        members = _members(conn, row.id)
        roles = next(member.roles for member in members if member.id == user.id)
        project = Project(
            row.id,
            _name(store, row),
            row.codebook_version,
            Design(row.coders_per_session, row.overlap_share),
            row.created_at,
            members,
            _sessions(store, conn, user, row.id, _tasks(conn, user, row.id, LEAD in roles)),
            roles,
        )
        store.trail.append(conn, user.id, "project.looked_at", project_id)
    return project


def _members(conn: Connection, project_id: str) -> tuple[Member, ...]:
    m = project_members.c
    query = select(users.c.id, users.c.name, m.role).join_from(project_members, users)
    rows = conn.execute(query.where(m.project_id == project_id).order_by(users.c.name, users.c.id)).all()
    names = dict.fromkeys((row.id, row.name) for row in rows)
    return tuple(
        Member(id_, name, tuple(sorted(row.role for row in rows if row.id == id_))) for id_, name in names
    )


def _tasks(conn: Connection, user: User, project_id: str, all_shown: bool) -> list[Task]:
    a = coding_assignments.c
    query = select(coding_assignments, users.c.name).join(users, users.c.id == a.coder_id)
    rows = conn.execute(query.where(a.project_id == project_id).order_by(users.c.name, a.id)).all()
    done = tallies(conn, [row.id for row in rows])
    return [_task(row, done[row.id] if all_shown or row.coder_id == user.id else None) for row in rows]


def _task(row: Row, tally: Tally | None) -> Task:
    judged, changed = (tally.judged, tally.changed_after) if tally else (None, None)
    return Task(row.id, row.session_id, row.coder_id, row.name, row.state, judged, changed)


def _sessions(
    store: Store, conn: Connection, user: User, project_id: str, tasks: Sequence[Task]
) -> tuple[ProjectSession, ...]:
    s, t = project_sessions.c, therapy_sessions.c
    query = (
        select(s.session_id, s.chosen, t.turns, t.sealed_title, session_keys.c.wrapped, may_read(user))
        .join_from(project_sessions, therapy_sessions)
        .join(session_keys, session_keys.c.session_id == t.id)
        .where(s.project_id == project_id)
        .order_by(s.place)
    )
    return tuple(
        ProjectSession(
            row.session_id,
            _title(store, row.session_id, row) if row[-1] else "",
            row.turns,
            row.chosen,
            tuple(task for task in tasks if task.session_id == row.session_id),
        )
        for row in conn.execute(query)
    )


def _name(store: Store, row: Row) -> str:
    return project_key(store, row.id).unseal("name", row.sealed_name).decode()


def _title(store: Store, session_id: str, row: Row) -> str:
    return store.master.unwrap(session_id, row.wrapped).unseal("title", row.sealed_title).decode()
