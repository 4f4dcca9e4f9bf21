"""What a person can do with therapy sessions, one function each.

Every function takes the parts it works with and the user who acts. The pages, the REST API and
the tests call these same functions, so that all of them see and allow the same.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from sqlalchemy import select

from api.accounts import Accounts
from api.database import reading
from api.exporting import Exported, export_report
from api.jobs import FAILURES, Queue
from api.people import User, as_user
from api.presence import waits_for
from api.settings import Settings
from api.store import Grant, SessionRow, Store, StoredSession, checked_roles
from api.system_store import UNFINISHED
from api.tables import users
from nlp.codebook import Codebook
from nlp.errors import InputError
from nlp.reading import ReadResult, read_transcript
from nlp.report import SessionReport, build_report
from nlp.roles import SURE, RoleProposal
from nlp.tagging import STRICTNESS_LEVELS
from nlp.transcript import Speaker, Transcript, with_roles

UPLOADERS = ("admin", "supervisor", "researcher", "tutor")
LEADERS = ("admin", "supervisor", "researcher")
WHO_MAY = {"upload": UPLOADERS, "lead": LEADERS, "manage_users": ("admin",), "read_audit": ("admin",)}
EXAMPLE, EXAMPLE_TITLE = "full-01", "Example session (fictional)"


@dataclass(frozen=True)
class Parts:
    """What the use cases work with."""

    settings: Settings
    store: Store
    accounts: Accounts
    queue: Queue
    codebook: Codebook


@dataclass(frozen=True)
class Uploaded:
    """The therapy session an upload led to; `created` is False where the same file was there already."""

    session: SessionRow
    created: bool


@dataclass(frozen=True)
class SessionView:
    """One therapy session as its reader sees it before and beside the report."""

    session: SessionRow
    warnings: tuple[str, ...]
    counts: Mapping[str, int]
    proposal: RoleProposal
    roles: Mapping[str, Speaker]


@dataclass(frozen=True)
class SessionProgress:
    """How far a therapy session's analysis is; `done` of `total` turns while it runs.

    `waits_for` is a sentence where it waits for more than its turn: a worker, say.
    """

    id: str
    status: str
    failure: str
    done: int | None = None
    total: int | None = None
    waits_for: str = ""


@dataclass(frozen=True)
class SessionPage:
    """Some therapy sessions, newest first, and where the next ones begin."""

    sessions: tuple[SessionRow, ...]
    next_cursor: str | None


def may(user: User, action: str) -> bool:
    """Whether the user's role allows the action (one of WHO_MAY)."""
    return user.role in WHO_MAY[action]


def read_upload(
    raw: bytes, filename: str, columns: Mapping[str, str] | None = None, roles: Mapping | None = None
) -> ReadResult:
    """The transcript in an uploaded file, with the roles that the uploader gave, if any."""
    result = read_transcript(raw, filename, dict(columns) if columns else None)
    if not roles:
        return result
    speakers = checked_roles(result.transcript, roles)
    given = RoleProposal(speakers, 1.0, "Given with the upload.")
    return replace(result, transcript=with_roles(result.transcript, speakers), roles=given)


def upload(
    parts: Parts,
    user: User,
    raw: bytes,
    filename: str,
    *,
    title: str = "",
    roles: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Uploaded:
    """Keep a transcript and, when it is clear who is who, ask for its analysis in the same transaction."""
    if not may(user, "upload"):
        raise InputError("This account may read sessions but not upload them. Ask an admin.", "forbidden")
    result = read_upload(raw, filename, columns, roles)
    sure = result.roles.confidence >= SURE
    created = parts.store.create_session(
        user,
        result,
        raw=raw,
        filename=filename,
        title=title,
        status="queued" if sure else "needs_roles",
        in_transaction=parts.queue.enqueue if sure else None,
    )
    return Uploaded(created.session, created.new)


def start_example(parts: Parts, user: User) -> Uploaded:
    """Upload the written example session, titled as fictional."""
    return upload(parts, user, example_file(), f"{EXAMPLE}.json", title=EXAMPLE_TITLE)


@cache
def example_file() -> bytes:
    """The example as a file of our own JSON."""
    rows = files("annotation").joinpath("data/written_sessions.jsonl").read_text(encoding="utf-8")
    return next(row for row in rows.splitlines() if json.loads(row)["id"] == EXAMPLE).encode()


def list_sessions(parts: Parts, user: User, limit: int = 50, cursor: str | None = None) -> SessionPage:
    """The therapy sessions the user may see, newest first."""
    page = parts.store.list_sessions(user, limit=limit, after=cursor)
    return SessionPage(tuple(page.items), page.next)


def view_session(parts: Parts, user: User, session_id: str) -> SessionView:
    """Status, warnings, counts and roles of one therapy session."""
    return _view(parts.store.read_session(user, session_id, "look"))


def open_session(
    parts: Parts, user: User, session_id: str, strictness: str = "balanced"
) -> tuple[SessionView, SessionReport | None]:
    """What there is to see of a therapy session: its report once it is ready, one row in the audit."""
    _check_strictness(strictness)
    ready = parts.store.get_status(user, session_id).status == "ready"
    stored = parts.store.read_session(user, session_id, "read" if ready else "look")
    return _view(stored), _report(parts, stored, strictness) if stored.analysis else None


def own_session(parts: Parts, user: User, session_id: str) -> SessionRow:
    """The therapy session, for what only its owner may do with it."""
    return parts.store.get_session(user, session_id, "own")


def rename(parts: Parts, user: User, session_id: str, title: str) -> SessionRow:
    """Give a therapy session another title."""
    if not title.strip():
        raise InputError("Give the session a title: one line of words.", "bad_title")
    return parts.store.rename(user, session_id, title)


def read_transcript_of(parts: Parts, user: User, session_id: str) -> Transcript:
    """The transcript itself, with the roles as they are now."""
    return _titled(parts.store.read_session(user, session_id))


def progress(parts: Parts, user: User, session_id: str) -> SessionProgress:
    """How far the analysis is: cheap, for asking again and again."""
    status = parts.store.get_status(user, session_id)
    with reading(parts.store.engine) as connection:
        running = parts.queue.progress(connection, session_id)
        waiting = waits_for(connection, parts.store.clock()) if status.status in UNFINISHED else ""
    done, total = (running.done, running.total) if running else (None, None)
    return SessionProgress(status.id, status.status, failure_sentence(status.failure), done, total, waiting)


def failure_sentence(word: str | None) -> str:
    """Why an analysis failed, for people; empty where none did."""
    return FAILURES.get(word, "The analysis failed.") if word else ""


def set_roles(parts: Parts, user: User, session_id: str, roles: Mapping[str, str]) -> SessionView:
    """Say who is therapist and who is client; other roles than before are analysed anew."""
    parts.store.set_roles(user, session_id, roles, in_transaction=parts.queue.enqueue)
    return view_session(parts, user, session_id)


def retry(parts: Parts, user: User, session_id: str) -> SessionRow:
    """Try a failed analysis again."""
    return parts.store.retry(user, session_id, in_transaction=parts.queue.enqueue)


def report(
    parts: Parts, user: User, session_id: str, strictness: str = "balanced", purpose: str = "read"
) -> SessionReport:
    """The report at one strictness, built from the stored scores."""
    _check_strictness(strictness)
    stored = parts.store.read_session(user, session_id, purpose)
    if stored.analysis is None:
        raise InputError(_not_ready(stored.session), "not_ready")
    return _report(parts, stored, strictness)


def export(parts: Parts, user: User, session_id: str, format: str, strictness: str = "balanced") -> Exported:
    """The report as a file to keep: json, html, text or csv."""
    return export_report(report(parts, user, session_id, strictness, "export"), format, session_id)


def people(parts: Parts, user: User) -> tuple[User, ...]:
    """Whom a therapy session can be shared with: everybody else with an account that works."""
    if not may(user, "upload"):
        raise InputError("This account may not share sessions.", "forbidden")
    others = select(users).where(users.c.disabled.is_(False), users.c.id != user.id).order_by(users.c.name)
    with reading(parts.store.engine) as connection:
        return tuple(as_user(row) for row in connection.execute(others))


def grant(parts: Parts, user: User, session_id: str, other_id: str, level: str = "read") -> None:
    """Let another user read (or also change) the user's own therapy session."""
    parts.store.grant(user, session_id, other_id, level)


def revoke(parts: Parts, user: User, session_id: str, other_id: str) -> None:
    """Take a grant back."""
    parts.store.revoke(user, session_id, other_id)


def grants(parts: Parts, user: User, session_id: str) -> tuple[Grant, ...]:
    """Who else may see the user's own therapy session."""
    return parts.store.grants(user, session_id)


def delete(parts: Parts, user: User, session_id: str) -> None:
    """Destroy a therapy session and its key."""
    parts.store.delete_session(user, session_id, in_transaction=parts.queue.cancel)


def _check_strictness(strictness: str) -> None:
    if strictness not in STRICTNESS_LEVELS:
        raise InputError(f"Strictness is one of {', '.join(STRICTNESS_LEVELS)}.", "bad_strictness")


def _report(parts: Parts, stored: StoredSession, strictness: str) -> SessionReport:
    analysis, warnings = stored.analysis, stored.reading.warnings
    return build_report(
        _titled(stored), warnings, analysis.model, analysis.scores, strictness, parts.codebook
    )


def _titled(stored: StoredSession) -> Transcript:
    transcript = stored.reading.transcript
    return replace(transcript, title=stored.session.title or transcript.title)


def _view(stored: StoredSession) -> SessionView:
    read = stored.reading
    roles = {turn.name: turn.speaker for turn in read.transcript.turns}
    return SessionView(stored.session, read.warnings, read.counts, read.roles, roles)


def _not_ready(session_row: SessionRow) -> str:
    return {
        "needs_roles": "Say first who is therapist and who is client; then the session is analysed.",
        "failed": "The analysis failed. Try it again, or ask whoever runs this service to look at its log.",
    }.get(session_row.status, f"The report is not ready yet (status: {session_row.status}). Try again soon.")
