"""What workers do with therapy sessions. They act as the system: nobody's permission is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, select, update

from api.audit import SYSTEM
from api.keys import session_key
from api.store import Store
from api.stored import Analysis, insert_analysis, load_reading, replace_transcript
from api.tables import therapy_sessions
from nlp.reading import ReadResult
from nlp.tagging import ModelInfo, TurnScores
from nlp.transcript import Transcript

UNFINISHED = ("queued", "analysing")


@dataclass(frozen=True)
class Work:
    """A transcript to analyse, and for which assignment of roles."""

    session_id: str
    roles_version: int
    reading: ReadResult


def start_analysis(store: Store, session_id: str) -> Work | None:
    """The transcript to analyse, now marked as being analysed; None when there is nothing to do."""
    with store.engine.begin() as conn:
        row = _locked(conn, session_id)
        if row is None or row.status not in UNFINISHED:
            return None
        _update(conn, store, session_id, status="analysing", failure=None)
        result = load_reading(conn, session_key(conn, store.master, session_id))
        store.trail.append(conn, SYSTEM, "analysis.started", session_id)
    return Work(session_id, row.roles_version, result)


def save_analysis(
    store: Store,
    session_id: str,
    roles_version: int,
    transcript: Transcript,
    model: ModelInfo,
    scores: Sequence[TurnScores],
) -> bool:
    """Keeps the scores and the transcript with its sentences; False, and nothing is written, when the
    session is gone, has other roles by now, or waits for no analysis."""
    with store.engine.begin() as conn:
        if not _awaits(_locked(conn, session_id), roles_version):
            return False
        key = session_key(conn, store.master, session_id)
        replace_transcript(conn, key, transcript)
        insert_analysis(conn, key, Analysis(model, tuple(scores), roles_version, store.clock()))
        _update(conn, store, session_id, status="ready", failure=None)
        store.trail.append(conn, SYSTEM, "analysis.saved", session_id)
    return True


def fail_analysis(store: Store, session_id: str, roles_version: int | None, reason: str) -> bool:
    """Marks the analysis as failed for a reason (a short code word, never text); False when the session
    is gone or waits for another analysis by now. `roles_version` None: whichever it is."""
    with store.engine.begin() as conn:
        row = _locked(conn, session_id)
        if not _awaits(row, roles_version):
            return False
        _update(conn, store, session_id, status="failed", failure=reason)
        store.trail.append(conn, SYSTEM, "analysis.failed", session_id)
    return True


def waiting(conn: Connection) -> list[str]:
    """The sessions that wait for their analysis or are in it, oldest first."""
    t = therapy_sessions.c
    return list(conn.execute(select(t.id).where(t.status.in_(UNFINISHED)).order_by(t.updated_at)).scalars())


def _locked(conn: Connection, session_id: str) -> Row | None:
    query = select(therapy_sessions).where(therapy_sessions.c.id == session_id).with_for_update()
    return conn.execute(query).one_or_none()


def _awaits(row: Row | None, roles_version: int | None) -> bool:
    return row is not None and row.status in UNFINISHED and roles_version in (None, row.roles_version)


def _update(conn: Connection, store: Store, session_id: str, **values: object) -> None:
    where = therapy_sessions.c.id == session_id
    conn.execute(update(therapy_sessions).where(where).values(**values, updated_at=store.clock()))
