"""Coding projects: which sessions, who leads, codes and adjudicates, and how the work is shared out."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from annotation.assigning import Design, ToCode, assign, checked_design
from api import grants
from api.coding.access import ADJUDICATOR, CODER, LEAD, project_key, require_project
from api.coding.tables import coding_assignments, project_members, project_sessions, projects
from api.people import User, find_user
from api.service import may
from api.store import Store
from api.tables import therapy_sessions
from nlp.errors import InputError

CHOSEN = ("hand", "random", "uncertainty", "rare", "disagreement")
LONGEST_NAME, MOST_SESSIONS, MOST_CODERS = 100, 500, 50


@dataclass(frozen=True)
class NewProject:
    """A project to be made."""

    name: str
    sessions: Sequence[str]
    coders: Sequence[str]
    design: Design = Design()
    adjudicators: Sequence[str] = ()


def create_project(store: Store, user: User, new: NewProject, codebook_version: str) -> str:
    """Makes a project led by `user` and shares out its sessions at once; its id."""
    if not may(user, "lead"):
        raise InputError("Admins, supervisors and researchers make coding projects.", "forbidden")
    name, project_id = _checked_name(new.name), str(uuid.uuid4())
    coders = list(dict.fromkeys(new.coders))
    if not coders or len(coders) > MOST_CODERS:
        raise InputError(f"Choose 1 to {MOST_CODERS} coders.", "bad_coders")
    checked_design(new.design, len(coders))
    with store.engine.begin() as conn:
        row = {
            "id": project_id,
            "sealed_name": project_key(store, project_id).seal("name", name.encode()),
            "codebook_version": codebook_version,
            "created_at": store.clock(),
        }
        conn.execute(projects.insert().values(**row, **vars(new.design)))
        _add_members(conn, project_id, user, coders, new.adjudicators)
        _add_sessions(store, conn, user, project_id, new.sessions, "hand")
        store.trail.append(conn, user.id, "project.created", project_id)
    return project_id


def add_sessions(
    store: Store, user: User, project_id: str, session_ids: Sequence[str], chosen: str = "hand"
) -> None:
    """Puts more sessions into a project and shares them out; `chosen` says how they were chosen."""
    if chosen not in CHOSEN:
        raise InputError(f"Sessions are chosen by {', '.join(CHOSEN)}.", "bad_chosen")
    with store.refusals_recorded(user, "project.changed", project_id), store.engine.begin() as conn:
        require_project(conn, user, project_id, LEAD)
        conn.execute(select(projects.c.id).where(projects.c.id == project_id).with_for_update()).one()
        _add_sessions(store, conn, user, project_id, session_ids, chosen)
        store.trail.append(conn, user.id, "project.changed", project_id)


def _add_members(
    conn: Connection, project_id: str, lead: User, coders: Iterable[str], adjudicators: Iterable[str]
) -> None:
    roles = [(lead.id, LEAD), *((c, CODER) for c in coders), *((a, ADJUDICATOR) for a in adjudicators)]
    for person_id, role in dict.fromkeys(roles):
        person = find_user(conn, person_id)
        if person is None or person.id != person_id or person.disabled or person.role == "trainee":
            raise InputError(
                "Coders and adjudicators are people with an account who are no trainees.", "bad_coders"
            )
        row = {"project_id": project_id, "user_id": person_id, "role": role}
        conn.execute(project_members.insert().values(**row))


def _add_sessions(
    store: Store, conn: Connection, user: User, project_id: str, session_ids: Sequence[str], chosen: str
) -> None:
    there = set(_column(conn, project_sessions.c.session_id, project_id))
    new = [id_ for id_ in dict.fromkeys(session_ids) if id_ not in there]
    if not new or len(there) + len(new) > MOST_SESSIONS:
        raise InputError(f"Choose at least one session, and {MOST_SESSIONS} at most in all.", "bad_sessions")
    members = set(_column(conn, project_members.c.user_id, project_id))
    to_code = [_checked_session(conn, user, id_, members) for id_ in new]
    for place, session in enumerate(to_code, len(there)):
        row = {"project_id": project_id, "session_id": session.id, "place": place, "chosen": chosen}
        conn.execute(project_sessions.insert().values(**row, added_by=user.id, added_at=store.clock()))
    _share_out(store, conn, user, project_id, to_code)


def _checked_session(conn: Connection, user: User, session_id: str, members: set[str]) -> ToCode:
    """The session, where its owner's wish to let the members read it is clear and its speakers are known."""
    row = grants.require(conn, user, session_id)
    if row.status == "needs_roles":
        raise InputError("Say first who is who in every session; then it can be coded.", "bad_sessions")
    readers = {row.owner_id, *(grant.user_id for grant in grants.all_of(conn, session_id))}
    if row.level != "own" and not members <= readers:
        raise InputError(
            "A session that is not yours can be coded by those whom its owner shares it with. "
            "Ask its owner to share it with everybody in the project, or to make the project.",
            "bad_sessions",
        )
    return ToCode(row.id, row.turns)


def _share_out(
    store: Store, conn: Connection, user: User, project_id: str, to_code: Sequence[ToCode]
) -> None:
    project = conn.execute(select(projects).where(projects.c.id == project_id)).one()
    m = project_members.c
    query = select(m.user_id).where(m.project_id == project_id, m.role == CODER).order_by(m.user_id)
    coders = list(conn.execute(query).scalars())
    design = Design(project.coders_per_session, project.overlap_share)
    seed = uuid.UUID(project_id).int + len(to_code)
    shared_out = assign(to_code, coders, design, seed, _load(conn, project_id))
    for session_id, team in shared_out.items():
        for coder in team:
            row = {"id": str(uuid.uuid4()), "project_id": project_id, "session_id": session_id}
            row |= {"coder_id": coder, "state": "open", "assigned_at": store.clock()}
            conn.execute(coding_assignments.insert().values(**row))
    for session_id, team in shared_out.items():
        for coder in team:
            store.trail.append(conn, user.id, "session.assigned", session_id, coder)


def _load(conn: Connection, project_id: str) -> Counter[str]:
    """How many turns each coder of the project was given already."""
    a, t = coding_assignments.c, therapy_sessions.c
    query = (
        select(a.coder_id, func.sum(t.turns))
        .join_from(coding_assignments, therapy_sessions, t.id == a.session_id)
        .where(a.project_id == project_id)
        .group_by(a.coder_id)
    )
    return Counter({coder: int(turns) for coder, turns in conn.execute(query)})


def _column(conn: Connection, column, project_id: str) -> list[str]:
    where = column.table.c.project_id == project_id
    return list(conn.execute(select(column).where(where)).scalars())


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise InputError(f"Give the project a name of 1 to {LONGEST_NAME} characters.", "bad_name")
    return name
