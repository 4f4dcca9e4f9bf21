"""The pages of coding: projects, making one, one project, and the page on which a session is coded."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from annotation.assigning import Design
from api import service
from api.coding import keys, overview, work
from api.coding.projects import NewProject, add_sessions
from api.coding.service import SESSIONS_OFFERED, make_project, possible_coders
from api.errors import status_of
from api.people import User
from api.rendering import page
from api.security import PartsHere, SignedIn, allow, frame_of, read_form
from api.service import Parts
from api.wording import speaker_of
from nlp.codebook import REPAIR, Codebook
from nlp.errors import InputError

FormHere = Annotated[FormData, Depends(read_form)]
Leader = Annotated[User, Depends(allow("lead"))]
SHARES = (100, 50, 33, 25, 20, 10)  # per cent of the sessions that several code
MOST_CODERS_SHOWN = 5
router = APIRouter(include_in_schema=False)


@router.get("/projects")
def get_projects(request: Request, user: SignedIn, parts: PartsHere) -> Response:
    """What one is to code, and one's projects."""
    context = {
        "tasks": overview.my_tasks(parts.store, user),
        "projects": overview.list_projects(parts.store, user),
        "may_lead": service.may(user, "lead"),
    }
    return HTMLResponse(page("coding/projects.html", frame_of(request, "projects"), **context))


@router.get("/projects/new")
def get_new_project(request: Request, user: Leader, parts: PartsHere) -> Response:
    """The form to make a project by."""
    return _new_page(request, parts, user)


@router.post("/projects/new")
def post_new_project(request: Request, user: Leader, parts: PartsHere, form: FormHere) -> Response:
    """Make the project and go to it."""
    try:
        project_id = make_project(parts, user, _new_project(form), example=bool(form.get("example")))
    except InputError as error:
        return _new_page(request, parts, user, error, form)
    return RedirectResponse(f"/projects/{project_id}", 303)


@router.get("/projects/{project_id}")
def get_project(request: Request, project_id: str, user: SignedIn, parts: PartsHere) -> Response:
    """Who codes what, and how far they are."""
    return _project_page(request, parts, user, project_id)


@router.post("/projects/{project_id}/sessions")
def post_sessions(
    request: Request, project_id: str, user: SignedIn, parts: PartsHere, form: FormHere
) -> Response:
    """Put more sessions into the project."""
    try:
        add_sessions(parts.store, user, project_id, _texts(form, "session"))
    except InputError as error:
        if status_of(error) in (403, 404):
            raise
        return _project_page(request, parts, user, project_id, error)
    return RedirectResponse(f"/projects/{project_id}", 303)


@router.get("/coding/{assignment_id}")
def get_coding(request: Request, assignment_id: str, user: SignedIn, parts: PartsHere) -> Response:
    """The page to code a session on; its script fetches what was coded so far."""
    opened = work.open_assignment(parts.store, user, assignment_id)
    names = {}
    for turn in opened.transcript.turns:
        names.setdefault(turn.speaker, set()).add(turn.name)
    context = {
        "state": opened.state,
        "turns": [(turn, speaker_of(turn, len(names[turn.speaker]))) for turn in opened.transcript.turns],
        "palettes": _palettes(parts.codebook),
        "codebook": parts.codebook,
        "commands": keys.COMMANDS,
    }
    return HTMLResponse(page("coding/coding.html", frame_of(request, "projects"), **context))


def _palettes(codebook: Codebook) -> list[tuple[str, list[tuple[str, list]]]]:
    """The codes by who speaks, then by kind."""

    def of(*kinds: str) -> list[tuple[str, list]]:
        return [(kind, [codebook[code] for code in codebook.of_kind(kind)]) for kind in kinds]

    return [("client", of("withdrawal", "confrontation")), ("therapist", of(REPAIR))]


def _new_page(
    request: Request, parts: Parts, user: User, error: InputError | None = None, form: FormData | None = None
) -> Response:
    sessions = service.list_sessions(parts, user, SESSIONS_OFFERED).sessions
    given = form or FormData()
    context = {
        "error": str(error) if error else "",
        "sessions": [s for s in sessions if s.title != service.EXAMPLE_TITLE],
        "people": possible_coders(parts, user),
        "me": user.id,
        "shares": SHARES,
        "most_coders": MOST_CODERS_SHOWN,
        "name": _texts(given, "name")[0] if _texts(given, "name") else "",
        "chosen": {name: _texts(given, name) for name in ("session", "coder", "adjudicator", "example")},
    }
    body = page("coding/new_project.html", frame_of(request, "projects"), **context)
    return HTMLResponse(body, status_of(error) if error else 200)


def _project_page(
    request: Request, parts: Parts, user: User, project_id: str, error: InputError | None = None
) -> Response:
    project = overview.read_project(parts.store, user, project_id)
    there = {session.id for session in project.sessions}
    leads = "lead" in project.roles
    offered = service.list_sessions(parts, user, SESSIONS_OFFERED).sessions if leads else ()
    context = {
        "error": str(error) if error else "",
        "project": project,
        "me": user.id,
        "leads": leads,
        "offered": [s for s in offered if s.id not in there],
        "my_tasks": [task for task in overview.my_tasks(parts.store, user) if task.project_id == project.id],
    }
    body = page("coding/project.html", frame_of(request, "projects"), **context)
    return HTMLResponse(body, status_of(error) if error else 200)


def _new_project(form: FormData) -> NewProject:
    design = Design(_number(form, "coders_per_session", 1), _number(form, "overlap_share", 100) / 100)
    return NewProject(
        name="".join(_texts(form, "name")[:1]),
        sessions=_texts(form, "session"),
        coders=_texts(form, "coder"),
        design=design,
        adjudicators=_texts(form, "adjudicator"),
    )


def _texts(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]


def _number(form: FormData, name: str, usual: int) -> int:
    text = "".join(_texts(form, name)[:1])
    return int(text) if text.isdecimal() and len(text) < 4 else usual
