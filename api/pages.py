"""The pages that are not about one session: the list, uploading, what Suture is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api import service, session_pages
from api.coding import pages as coding_pages
from api.errors import status_of
from api.people import User
from api.rendering import page
from api.security import LoginHere, PartsHere, SignedIn, allow, frame_of
from api.service import Parts
from api.uploading import ASKED_COLUMNS, UploadForm, held_upload
from nlp.errors import InputError

SESSIONS_A_PAGE = 25
Uploader = Annotated[User, Depends(allow("upload"))]
router = APIRouter(include_in_schema=False)
router.include_router(session_pages.router)
router.include_router(coding_pages.router)


@router.get("/")
def get_home(
    request: Request,
    user: SignedIn,
    parts: PartsHere,
    after: Annotated[str | None, Query(max_length=200)] = None,
    deleted: bool = False,
) -> Response:
    """One's sessions, newest first; while there are none, how to begin."""
    listed = service.list_sessions(parts, user, SESSIONS_A_PAGE, after)
    context = {
        "sessions": listed.sessions,
        "older": f"/?after={listed.next_cursor}" if listed.next_cursor else "",
        "first_page": after is None,
        "may_upload": service.may(user, "upload"),
        "has_example": any(s.title == service.EXAMPLE_TITLE for s in listed.sessions),
    }
    notice = "The session is deleted, and its key with it." if deleted else ""
    return HTMLResponse(page("sessions.html", frame_of(request, "sessions", notice), **context))


@router.post("/example")
def post_example(user: Uploader, parts: PartsHere) -> Response:
    """Start the fictional session and go to it."""
    uploaded = service.start_example(parts, user)
    return RedirectResponse(f"/sessions/{uploaded.session.id}", 303)


@router.get("/upload")
def get_upload(request: Request, user: Uploader, parts: PartsHere) -> Response:
    """The form to upload transcripts by."""
    return _upload_page(request, parts)


@router.post("/upload")
def post_upload(
    request: Request, user: Uploader, parts: PartsHere, form: Annotated[UploadForm, Depends(held_upload)]
) -> Response:
    """One file, from a browser without scripts."""
    try:
        uploaded = service.upload(
            parts, user, form.raw, form.filename, title=form.title, roles=form.roles, columns=form.columns
        )
    except InputError as error:
        return _upload_page(request, parts, error, form.filename)
    return RedirectResponse(f"/sessions/{uploaded.session.id}", 303)


@router.get("/about")
def get_about(request: Request, login: LoginHere, parts: PartsHere) -> Response:
    """What Suture is and is not, and its codebook; for everybody."""
    return HTMLResponse(page("about.html", frame_of(request, "about"), codebook=parts.codebook))


def _upload_page(
    request: Request, parts: Parts, error: InputError | None = None, filename: str = ""
) -> Response:
    most = parts.settings.upload_bytes
    context = {
        "error": str(error) if error else "",
        "columns": ASKED_COLUMNS,
        "asks_columns": error is not None and _may_need_columns(error, filename),
        "most_bytes": most,
        "most_words": f"{most // 2**20}\u202fMB" if most >= 2**20 else f"{most // 2**10}\u202fkB",
    }
    body = page("upload.html", frame_of(request, "upload"), **context)
    return HTMLResponse(body, status_of(error) if error else 200)


def _may_need_columns(error: InputError, filename: str) -> bool:
    table = filename.lower().endswith((".csv", ".tsv", ".tab", ".jsonl"))
    return error.code in ("columns", "several_transcripts") or (table and error.code != "too_large")
