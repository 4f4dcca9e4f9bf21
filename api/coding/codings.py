"""A project's finished codings as coded transcripts: what agreement, adjudication and training read."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Connection, Row, select

from annotation.corpus import CodedTranscript
from annotation.standoff import Episode
from api.coding.access import ADJUDICATOR, LEAD, may_read, require_project, roles_in
from api.coding.entries import UNSEEN, WHOLE, Whole
from api.coding.history import Saved, current
from api.coding.tables import coding_assignments, project_sessions
from api.crypto import DataKey
from api.people import User
from api.store import Store
from api.stored import load_reading
from api.tables import session_keys, therapy_sessions
from nlp.tagging import TurnTag
from nlp.transcript import Span, Transcript

SOURCE = "project"


def project_codings(
    store: Store, user: User, project_id: str, before_suggestions: bool = False
) -> tuple[CodedTranscript, ...]:
    """The finished codings that the person may see, a transcript a session, with coders by their id.

    Nobody sees others' work on a session that they have yet to finish themselves; beyond that who
    leads or adjudicates sees every session, a coder those they coded. `before_suggestions` leaves out
    what was changed after seeing the tagger's suggestions.
    """
    with (
        store.refusals_recorded(user, "project.codings_read", project_id),
        store.engine.begin() as conn,
    ):
        require_project(conn, user, project_id)
        sees_all = bool(roles_in(conn, user, project_id) & {LEAD, ADJUDICATOR})
        found = tuple(
            _coded(store, conn, row, assignments, before_suggestions)
            for row, assignments in _sessions(conn, user, project_id)
            if _open_to(user, assignments, sees_all)
        )
        for coded in found:
            store.trail.append(conn, user.id, "project.codings_read", coded.transcript.id)
    return found


def _sessions(conn: Connection, user: User, project_id: str) -> Iterator[tuple[Row, list[Row]]]:
    """The project's sessions that the person may read, in order, each with its assignments."""
    s, t, a = project_sessions.c, therapy_sessions.c, coding_assignments.c
    query = (
        select(s.session_id, s.chosen, t.sealed_title, session_keys.c.wrapped)
        .join_from(project_sessions, therapy_sessions)
        .join(session_keys, session_keys.c.session_id == t.id)
        .where(s.project_id == project_id, may_read(user))
        .order_by(s.place)
    )
    rows = conn.execute(query).all()
    assignments = conn.execute(
        select(coding_assignments).where(a.project_id == project_id).order_by(a.coder_id)
    ).all()
    for row in rows:
        yield row, [a for a in assignments if a.session_id == row.session_id]


def _open_to(user: User, assignments: list[Row], sees_all: bool) -> bool:
    own = [a for a in assignments if a.coder_id == user.id]
    if any(a.state != "finished" for a in own):
        return False
    return (sees_all or bool(own)) and any(a.state == "finished" for a in assignments)


def _coded(
    store: Store, conn: Connection, row: Row, assignments: list[Row], before_suggestions: bool
) -> CodedTranscript:
    key = store.master.unwrap(row.session_id, row.wrapped)
    said = {
        a.coder_id: current(conn, key, a.id, before_suggestions) for a in assignments if a.state == "finished"
    }
    return CodedTranscript(
        transcript=_transcript(conn, key, row),
        tags={coder: tuple(_tags(entries, coder)) for coder, entries in said.items()},
        episodes={coder: _episodes(entries) for coder, entries in said.items()},
        source=SOURCE,
        about={"project_choice": row.chosen},
        looked_at={coder: _looked_at(entries) for coder, entries in said.items()},
        ratings={coder: _whole(entries).ratings.given() for coder, entries in said.items()},
    )


def _transcript(conn: Connection, key: DataKey, row: Row) -> Transcript:
    title = key.unseal("title", row.sealed_title).decode()
    return replace(load_reading(conn, key).transcript, id=row.session_id, title=title)


def _tags(entries: Mapping[int, Saved], coder: str) -> Iterator[TurnTag]:
    for turn, saved in sorted(entries.items()):
        if turn != WHOLE:
            for on in saved.said.codes:
                yield TurnTag(turn, on.code, Span(on.start, on.end), intensity=on.intensity, source=coder)


def _looked_at(entries: Mapping[int, Saved]) -> frozenset[int]:
    return frozenset(t for t, saved in entries.items() if t != WHOLE and saved.said.state != UNSEEN)


def _episodes(entries: Mapping[int, Saved]) -> tuple[Episode, ...]:
    return _whole(entries).episodes


def _whole(entries: Mapping[int, Saved]) -> Whole:
    return entries[WHOLE].said if WHOLE in entries else Whole()
