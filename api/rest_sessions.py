"""REST for therapy sessions: upload, state, roles, report, export, sharing, deletion."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi import Path as ApiPath
from starlette.responses import JSONResponse, Response

from api import service
from api.exporting import EXPORTS, report_json
from api.people import User
from api.rest_docs import (
    PROGRESS_EXAMPLE,
    SESSION_EXAMPLE,
    SIMILAR_EXAMPLE,
    UPLOAD_BODY,
    VIEW_EXAMPLE,
    answer,
    problems,
)
from api.rest_json import grant_json, page_json, progress_json, row_json, view_json
from api.security import PartsHere, SignedIn
from api.service import Parts
from api.similar import similar_json, similar_to
from api.uploading import UploadForm, held_upload
from nlp.tagging import STRICTNESS_LEVELS
from nlp.transcript import Speaker

Strictness = Literal[STRICTNESS_LEVELS]
ExportFormat = Literal[tuple(EXPORTS)]
Level = Literal["read", "write"]
HeldUpload = Annotated[UploadForm, Depends(held_upload)]

router = APIRouter()


@router.post(
    "/sessions",
    tags=["sessions"],
    summary="Upload a transcript",
    status_code=201,
    openapi_extra=UPLOAD_BODY,
    responses=answer(201, "Kept as a new session.", VIEW_EXAMPLE)
    | answer(200, "The same file was uploaded before; here is its session.", VIEW_EXAMPLE)
    | problems(413, 415),
)
def post_session(user: SignedIn, parts: PartsHere, form: HeldUpload) -> Response:
    """Reads the file at once and refuses what cannot be read; then analyses it in the background.

    Sending the same bytes again gives the same session. When it is not clear who is therapist and
    who is client, the session waits (`needs_roles`) until `PUT .../roles`.
    """
    given = {"title": form.title, "roles": form.roles, "columns": form.columns}
    uploaded = service.upload(parts, user, form.raw, form.filename, **given)
    return _uploaded(parts, user, uploaded)


@router.post(
    "/example",
    tags=["sessions"],
    summary="Start the example session",
    status_code=201,
    responses=answer(201, "Kept as a new session.", VIEW_EXAMPLE)
    | answer(200, "It was started before.", VIEW_EXAMPLE),
)
def post_example(user: SignedIn, parts: PartsHere) -> Response:
    """Uploads the fictional session that ships with Suture."""
    return _uploaded(parts, user, service.start_example(parts, user))


@router.get(
    "/sessions",
    tags=["sessions"],
    summary="List sessions",
    responses=answer(200, "Newest first.", {"sessions": [SESSION_EXAMPLE], "next_cursor": None}),
)
def get_sessions(
    user: SignedIn,
    parts: PartsHere,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> dict:
    """One's own sessions and those one was granted. `next_cursor` leads to the next page."""
    return page_json(service.list_sessions(parts, user, limit, cursor))


@router.get(
    "/sessions/{session_id}",
    tags=["sessions"],
    summary="Look at a session",
    responses=answer(200, "Its state, warnings, counts and roles.", VIEW_EXAMPLE) | problems(404),
)
def get_session(session_id: str, user: SignedIn, parts: PartsHere) -> dict:
    """Everything about a session but its text and its report."""
    return view_json(service.view_session(parts, user, session_id))


@router.get(
    "/sessions/{session_id}/status",
    tags=["sessions"],
    summary="How far the analysis is",
    responses=answer(200, "Status words: needs_roles, queued, analysing, ready, failed.", PROGRESS_EXAMPLE)
    | problems(404),
)
def get_status(session_id: str, user: SignedIn, parts: PartsHere) -> dict:
    """Cheap; meant to be asked again and again. `done` and `total` count turns while it runs.

    `waits_for` is empty, or says in a sentence what holds it up: no worker runs, say.
    """
    return progress_json(service.progress(parts, user, session_id))


@dataclass(frozen=True)
class SessionChange:
    """What is to be other about a session: its title."""

    title: str


@router.patch(
    "/sessions/{session_id}",
    tags=["sessions"],
    summary="Rename a session",
    responses=answer(200, "The session with its new title.", SESSION_EXAMPLE) | problems(404),
)
def patch_session(session_id: str, change: SessionChange, user: SignedIn, parts: PartsHere) -> dict:
    """Gives the session another title, of 200 characters at most; a longer one is cut."""
    return row_json(service.rename(parts, user, session_id, change.title))


@router.put(
    "/sessions/{session_id}/roles",
    tags=["sessions"],
    summary="Say who is who",
    responses=answer(200, "The session, queued if the roles are other than before.", VIEW_EXAMPLE)
    | problems(404),
)
def put_roles(session_id: str, roles: dict[str, Speaker], user: SignedIn, parts: PartsHere) -> dict:
    """Confirms or changes the roles. Other roles than before are analysed anew."""
    return view_json(service.set_roles(parts, user, session_id, roles))


@router.post(
    "/sessions/{session_id}/retry",
    tags=["sessions"],
    summary="Try a failed analysis again",
    responses=answer(200, "The session, queued.", SESSION_EXAMPLE) | problems(404, 409),
)
def post_retry(session_id: str, user: SignedIn, parts: PartsHere) -> dict:
    """Queues a session whose analysis failed."""
    return row_json(service.retry(parts, user, session_id))


@router.get(
    "/sessions/{session_id}/report",
    tags=["report"],
    summary="Read the report",
    responses=answer(200, "The report, schema suture.report/1.", {"schema": "suture.report/1"})
    | problems(404, 409),
)
def get_report(
    session_id: str, user: SignedIn, parts: PartsHere, strictness: Strictness = "balanced"
) -> Response:
    """The whole report at one strictness. Changing the strictness costs nothing: no model runs."""
    report = service.report(parts, user, session_id, strictness)
    return Response(report_json(report), media_type="application/json")


@router.get(
    "/sessions/{session_id}/turns/{turn}/similar",
    tags=["report"],
    summary="Coded moments like a turn",
    responses=answer(200, "The moments of the written corpus most like the turn.", SIMILAR_EXAMPLE)
    | problems(404, 409),
)
def get_similar(
    session_id: str, turn: Annotated[int, ApiPath(ge=0)], user: SignedIn, parts: PartsHere
) -> dict:
    """Up to three, each with the codes that its coders (language models) put there; none on a turn that
    is marked at no strictness. Turns are counted from 0."""
    return similar_json(similar_to(parts, user, session_id, turn))


@router.get(
    "/sessions/{session_id}/export",
    tags=["report"],
    summary="Export the report",
    response_class=Response,
    responses={
        200: {"description": "A file.", "content": {kind.split(";")[0]: {} for kind in EXPORTS.values()}}
    }
    | problems(404, 409),
)
def get_export(
    session_id: str,
    user: SignedIn,
    parts: PartsHere,
    format: ExportFormat,
    strictness: Strictness = "balanced",
) -> Response:
    """The report as a file to keep: json, html (self-contained), text or csv (a row a turn)."""
    file = service.export(parts, user, session_id, format, strictness)
    named = {"Content-Disposition": f'attachment; filename="{file.filename}"'}
    return Response(file.body, media_type=file.media_type, headers=named)


@router.delete(
    "/sessions/{session_id}",
    tags=["sessions"],
    summary="Delete a session",
    status_code=204,
    response_class=Response,
    responses=problems(404),
)
def delete_session(session_id: str, user: SignedIn, parts: PartsHere) -> None:
    """Destroys the session and its key: text, roles, scores and report cannot be had back."""
    service.delete(parts, user, session_id)


@router.get(
    "/sessions/{session_id}/grants", tags=["sharing"], summary="With whom shared", responses=problems(404)
)
def get_grants(session_id: str, user: SignedIn, parts: PartsHere) -> dict:
    """Who else may see one's own session."""
    return {"grants": [grant_json(grant) for grant in service.grants(parts, user, session_id)]}


@router.put(
    "/sessions/{session_id}/grants/{user_id}",
    tags=["sharing"],
    summary="Share a session",
    status_code=204,
    response_class=Response,
    responses=problems(404),
)
def put_grant(session_id: str, user_id: str, user: SignedIn, parts: PartsHere, level: Level = "read") -> None:
    """Lets a person read one's own session, or (`level=write`) also set its roles and title."""
    service.grant(parts, user, session_id, user_id, level)


@router.delete(
    "/sessions/{session_id}/grants/{user_id}",
    tags=["sharing"],
    summary="Stop sharing a session",
    status_code=204,
    response_class=Response,
    responses=problems(404),
)
def delete_grant(session_id: str, user_id: str, user: SignedIn, parts: PartsHere) -> None:
    """Takes back what was granted."""
    service.revoke(parts, user, session_id, user_id)


def _uploaded(parts: Parts, user: User, uploaded: service.Uploaded) -> Response:
    view = service.view_session(parts, user, uploaded.session.id)
    location = {"Location": f"/api/v1/sessions/{uploaded.session.id}"}
    return JSONResponse(view_json(view), 201 if uploaded.created else 200, location)
