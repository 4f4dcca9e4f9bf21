"""The pages of one session: its report, who is who, sharing, export, deletion."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api import service
from api.errors import status_of
from api.overview import guessed_roles
from api.people import User
from api.rendering import page
from api.report_view import report_view
from api.role_cards import can_swap, chosen_roles, proposal_sentence, role_cards, swapped
from api.security import PartsHere, SignedIn, frame_of, read_form
from api.service import Parts, SessionView
from api.similar import similar_to
from api.stored import SessionRow
from api.wording import KINDS
from nlp.errors import InputError

FORMATS = (
    ("html", "Web page", "The report as you see it, in one file that opens in any browser."),
    ("text", "Plain text", "Turns with their marks, to read or print anywhere."),
    ("csv", "Spreadsheet", "One row a turn, with scores and codes."),
    ("json", "JSON", "Everything, for programs (suture.report/1)."),
)
COUNT_NAMES = {"turns": "turns out", "words": "words out"}
Chosen = Annotated[list[str] | None, Query(max_length=10)]
FormHere = Annotated[FormData, Depends(read_form)]
router = APIRouter(prefix="/sessions/{session_id}", include_in_schema=False)


@router.get("")
def get_session(
    request: Request,
    session_id: str,
    user: SignedIn,
    parts: PartsHere,
    strictness: str = "balanced",
    filtered: bool = False,
    kind: Chosen = None,
) -> Response:
    """The report, or what there is to see before it is ready."""
    view, report = service.open_session(parts, user, session_id, strictness)
    if view.session.status == "needs_roles":
        return RedirectResponse(f"/sessions/{session_id}/roles", 303)
    if report is None:
        return _waiting_page(request, parts, user, view)
    context = {
        "session": view.session,
        "may_rename": view.session.level in ("own", "write"),
        "view": report_view(report, parts.codebook, address=f"/sessions/{session_id}"),
        "hidden": tuple(k for k in KINDS if filtered and k not in (kind or ())),
        "actions": _actions(view.session, strictness),
        "guessed": guessed_roles(view.proposal, confirmed=view.session.roles_version > 1),
    }
    return _page(request, "report.html", **context)


@router.get("/roles")
def get_roles(request: Request, session_id: str, user: SignedIn, parts: PartsHere) -> Response:
    """Who is who, as far as it was told, with what came out of the file."""
    return _roles_page(request, parts, user, session_id)


@router.post("/roles")
def post_roles(
    request: Request, session_id: str, user: SignedIn, parts: PartsHere, form: FormHere
) -> Response:
    """Confirm the roles, change them, or swap therapist and client; then read on."""
    cards = role_cards(*_transcript_and_roles(parts, user, session_id))
    roles = chosen_roles(cards, {key: value for key, value in form.items() if isinstance(value, str)})
    if form.get("swap"):
        roles = swapped({card.name: card.role for card in cards})
    try:
        service.set_roles(parts, user, session_id, roles)
    except InputError as error:
        if status_of(error) in (403, 404):
            raise
        return _roles_page(request, parts, user, session_id, error)
    return _to(session_id)


@router.post("/rename")
def post_rename(session_id: str, user: SignedIn, parts: PartsHere, form: FormHere) -> Response:
    """Give the session another title."""
    service.rename(parts, user, session_id, _field(form, "title"))
    return _to(session_id)


@router.post("/retry")
def post_retry(session_id: str, user: SignedIn, parts: PartsHere) -> Response:
    """Try a failed analysis again."""
    service.retry(parts, user, session_id)
    return _to(session_id)


@router.get("/turns/{number}/similar")
def get_similar_page(
    request: Request, session_id: str, number: int, user: SignedIn, parts: PartsHere
) -> Response:
    """Coded moments that resemble a turn; turns are counted from 1, as on the page."""
    found = similar_to(parts, user, session_id, number - 1)
    row = service.view_session(parts, user, session_id).session
    return _page(request, "similar.html", session=row, found=found, number=number)


@router.get("/export")
def get_export_page(
    request: Request, session_id: str, user: SignedIn, parts: PartsHere, strictness: str = "balanced"
) -> Response:
    """Which files there are to take away."""
    row = service.view_session(parts, user, session_id).session
    return _page(request, "export_page.html", session=row, strictness=strictness, formats=FORMATS)


@router.get("/export/{format}")
def get_export(
    session_id: str, format: str, user: SignedIn, parts: PartsHere, strictness: str = "balanced"
) -> Response:
    """The report as a file."""
    exported = service.export(parts, user, session_id, format, strictness)
    disposition = f'attachment; filename="{exported.filename}"'
    return Response(
        exported.body, media_type=exported.media_type, headers={"Content-Disposition": disposition}
    )


@router.get("/sharing")
def get_sharing(request: Request, session_id: str, user: SignedIn, parts: PartsHere) -> Response:
    """Who else sees the session."""
    return _sharing_page(request, parts, user, session_id)


@router.post("/sharing")
def post_sharing(
    request: Request, session_id: str, user: SignedIn, parts: PartsHere, form: FormHere
) -> Response:
    """Share it with one more colleague."""
    try:
        service.grant(parts, user, session_id, _field(form, "person"), _field(form, "level") or "read")
    except InputError as error:
        return _sharing_page(request, parts, user, session_id, error)
    return _to(session_id, "/sharing")


@router.post("/sharing/stop")
def post_sharing_stop(session_id: str, user: SignedIn, parts: PartsHere, form: FormHere) -> Response:
    """Share it with somebody no longer."""
    service.revoke(parts, user, session_id, _field(form, "person"))
    return _to(session_id, "/sharing")


@router.get("/delete")
def get_delete(request: Request, session_id: str, user: SignedIn, parts: PartsHere) -> Response:
    """Ask before destroying."""
    return _page(request, "delete.html", session=service.own_session(parts, user, session_id))


@router.post("/delete")
def post_delete(session_id: str, user: SignedIn, parts: PartsHere) -> Response:
    """Destroy the session and its key."""
    service.delete(parts, user, session_id)
    return RedirectResponse("/?deleted=1", 303)


def _actions(row: SessionRow, strictness: str) -> list[tuple[str, str]]:
    """What one may do with the session, as (address, words)."""
    base = f"/sessions/{row.id}"
    actions = [(f"{base}/export?strictness={strictness}", "Export")]
    if row.level in ("own", "write"):
        actions.append((f"{base}/roles", "Who is who"))
    if row.level == "own":
        actions += [(f"{base}/sharing", "Share"), (f"{base}/delete", "Delete")]
    return actions


def _waiting_page(request: Request, parts: Parts, user: User, view: SessionView) -> Response:
    row = view.session
    if row.status == "failed":
        reason = service.failure_sentence(row.failure)
        return _page(request, "failed.html", session=row, reason=reason, level=row.level)
    progress = service.progress(parts, user, row.id)
    return _page(request, "progress.html", session=row, waits_for=progress.waits_for, warnings=view.warnings)


def _transcript_and_roles(parts: Parts, user: User, session_id: str):
    transcript = service.read_transcript_of(parts, user, session_id)
    return transcript, {turn.name: turn.speaker for turn in transcript.turns}


def _roles_page(
    request: Request, parts: Parts, user: User, session_id: str, error: InputError | None = None
) -> Response:
    view = service.view_session(parts, user, session_id)
    cards = role_cards(*_transcript_and_roles(parts, user, session_id))
    context = {
        "session": view.session,
        "says": proposal_sentence(view.proposal),
        "cards": cards,
        "swappable": can_swap(cards),
        "counts": [(COUNT_NAMES.get(name, f"{name} in"), n) for name, n in view.counts.items()],
        "warnings": view.warnings,
    }
    return _page(request, "roles.html", error, **context)


def _sharing_page(
    request: Request, parts: Parts, user: User, session_id: str, error: InputError | None = None
) -> Response:
    granted = service.grants(parts, user, session_id)
    seen = {grant.user_id for grant in granted}
    people = [person for person in service.people(parts, user) if person.id not in seen]
    row = service.view_session(parts, user, session_id).session
    return _page(request, "sharing.html", error, session=row, grants=granted, people=people)


def _page(request: Request, template: str, error: InputError | None = None, **context) -> Response:
    body = page(template, frame_of(request, "sessions"), error=str(error) if error else "", **context)
    return HTMLResponse(body, status_of(error) if error else 200)


def _to(session_id: str, rest: str = "") -> Response:
    return RedirectResponse(f"/sessions/{session_id}{rest}", 303)


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
