"""A therapy session as it is kept: its nouns, and its rows sealed and unsealed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from api.crypto import DataKey, MasterKey, new_data_key
from api.keys import add_session_key
from api.packing import (
    pack_reading,
    pack_scores,
    pack_transcript,
    unpack_reading,
    unpack_scores,
    unpack_transcript,
)
from api.tables import analyses, therapy_sessions, transcripts
from nlp.errors import InputError
from nlp.reading import ReadResult
from nlp.tagging import ModelInfo, TurnScores
from nlp.transcript import Speaker, Transcript, with_roles

STATUSES = ("needs_roles", "queued", "analysing", "ready", "failed")
LONGEST_TITLE = 200


@dataclass(frozen=True)
class SessionRow:
    """What a list of therapy sessions shows of one. `level` is what the asking person may do."""

    id: str
    owner_id: str
    owner_name: str
    title: str
    filename: str
    source_format: str
    status: str
    failure: str | None
    roles_version: int
    turns: int
    size: int
    warnings: int
    created_at: datetime
    updated_at: datetime
    level: str


@dataclass(frozen=True)
class SessionStatus:
    """How far a therapy session is; holds nothing of its content."""

    id: str
    status: str
    failure: str | None
    roles_version: int
    updated_at: datetime


@dataclass(frozen=True)
class Analysis:
    """A tagger's scores for one therapy session, for one assignment of roles."""

    model: ModelInfo
    scores: tuple[TurnScores, ...]
    roles_version: int
    created_at: datetime


@dataclass(frozen=True)
class StoredSession:
    """A whole therapy session as of one moment."""

    session: SessionRow
    reading: ReadResult
    analysis: Analysis | None


@dataclass(frozen=True)
class Created:
    """A therapy session and whether it is new; the same file again is not."""

    session: SessionRow
    new: bool


@dataclass(frozen=True)
class Page:
    """A stretch of a list; `next` leads on, None at the end."""

    items: tuple[SessionRow, ...]
    next: str | None


@dataclass(frozen=True)
class Upload:
    """A transcript as it came in."""

    result: ReadResult
    raw: bytes
    filename: str
    title: str
    status: str


def tidy_title(title: str) -> str:
    """A title on one line, not too long."""
    return " ".join(title.split())[:LONGEST_TITLE]


def insert_session(
    conn: Connection, master: MasterKey, owner_id: str, upload: Upload, content_mac: str, now: datetime
) -> str:
    """Keeps a new therapy session under a key of its own; its id."""
    key, result = new_data_key(str(uuid.uuid4())), upload.result
    row = {
        "id": key.owner,
        "owner_id": owner_id,
        "sealed_title": key.seal("title", upload.title.encode("utf-8", "replace")),
        "sealed_filename": key.seal("filename", upload.filename.encode("utf-8", "replace")),
        "source_format": result.transcript.source_format[:40],
        "content_mac": content_mac,
        "status": upload.status,
        "roles_version": 1,
        "turns": len(result.transcript.turns),
        "size": len(upload.raw),
        "warnings": len(result.warnings),
        "created_at": now,
        "updated_at": now,
    }
    conn.execute(therapy_sessions.insert().values(**row))
    add_session_key(conn, master, key)
    sealed_transcript = key.seal("transcript", pack_transcript(result.transcript))
    sealed_reading = key.seal("reading", pack_reading(result))
    conn.execute(
        transcripts.insert().values(
            session_id=key.owner, sealed_transcript=sealed_transcript, sealed_reading=sealed_reading
        )
    )
    return key.owner


def unseal_row(row: Row, key: DataKey) -> SessionRow:
    """The row that `grants.visible_to` selected, with its title and file name readable."""
    plain = {f: getattr(row, f) for f in SessionRow.__dataclass_fields__ if f not in ("title", "filename")}
    return SessionRow(
        **plain,
        title=key.unseal("title", row.sealed_title).decode(),
        filename=key.unseal("filename", row.sealed_filename).decode(),
    )


def load_reading(conn: Connection, key: DataKey) -> ReadResult:
    """The transcript and what its reader said about it."""
    row = conn.execute(select(transcripts).where(transcripts.c.session_id == key.owner)).one()
    transcript = unpack_transcript(key.unseal("transcript", row.sealed_transcript))
    return unpack_reading(key.unseal("reading", row.sealed_reading), transcript)


def replace_transcript(conn: Connection, key: DataKey, transcript: Transcript) -> None:
    """Keeps another version of the transcript: other roles, or with its sentences."""
    sealed = key.seal("transcript", pack_transcript(transcript))
    conn.execute(
        update(transcripts).where(transcripts.c.session_id == key.owner).values(sealed_transcript=sealed)
    )


def load_analysis(conn: Connection, key: DataKey) -> Analysis | None:
    """The scores, where the session has been analysed."""
    row = conn.execute(select(analyses).where(analyses.c.session_id == key.owner)).one_or_none()
    if row is None:
        return None
    model, scores = unpack_scores(key.unseal("scores", row.sealed_scores))
    return Analysis(model, scores, row.roles_version, row.created_at)


def insert_analysis(conn: Connection, key: DataKey, analysis: Analysis) -> None:
    """Keeps the scores; a session that waits for its analysis has none yet."""
    row = {
        "session_id": key.owner,
        "roles_version": analysis.roles_version,
        "model_name": analysis.model.name,
        "model_version": analysis.model.version,
        "sealed_scores": key.seal("scores", pack_scores(analysis.model, analysis.scores)),
        "created_at": analysis.created_at,
    }
    conn.execute(analyses.insert().values(**row))


def checked_roles(transcript: Transcript, roles: Mapping[str, Speaker]) -> dict[str, Speaker]:
    """The roles, where they fit the transcript: known names, a therapist and a client among them."""
    speakers = set(Speaker)
    if not set(roles) <= {t.name for t in transcript.turns} or not set(roles.values()) <= speakers:
        raise InputError(
            "Give a role (therapist, client or other) to speakers as the transcript names them.", "bad_roles"
        )
    roles = {name: Speaker(role) for name, role in roles.items()}
    if not {Speaker.THERAPIST, Speaker.CLIENT} <= {t.speaker for t in with_roles(transcript, roles).turns}:
        raise InputError("At least one speaker must be the therapist and one the client.", "bad_roles")
    return roles
