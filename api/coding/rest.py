"""REST for coding: projects, what one is to code, saving entries, one's keys."""

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter

from annotation.assigning import Design
from api.coding import keys, overview, projects, service, work
from api.coding.entries import WHOLE, Entry, Whole
from api.coding.rest_json import opened_json, project_json, state_json, tag_json
from api.errors import refuse
from api.rest_docs import problems
from api.security import PartsHere, SignedIn

PROJECT, ASSIGNMENT = "/projects/{project_id}", "/assignments/{assignment_id}"
router = APIRouter(tags=["coding"])


@dataclass(frozen=True)
class ProjectToMake:
    """A project: sessions and people by their ids. `example` adds the fictional session."""

    name: str
    sessions: list[str]
    coders: list[str]
    adjudicators: list[str] = ()
    design: Design = Design()
    example: bool = False


@dataclass(frozen=True)
class SessionsToAdd:
    """Sessions to put into a project, and how they were chosen."""

    sessions: list[str]
    chosen: Literal[projects.CHOSEN] = "hand"


@dataclass(frozen=True)
class SentEntry:
    """A judgement of one turn (`entry`), or of the whole session (`whole`, as turn -1), and the version
    that it was made from (0: none before)."""

    turn: int
    base: int
    entry: Entry | None = None
    whole: Whole | None = None


@router.get("/projects", summary="List coding projects")
def get_projects(user: SignedIn, parts: PartsHere) -> dict:
    """The projects that one leads, codes or adjudicates in, newest first."""
    lines = overview.list_projects(parts.store, user)
    return {"projects": [vars(line) | {"created_at": line.created_at.isoformat()} for line in lines]}


@router.post("/projects", summary="Make a coding project", status_code=201)
def post_project(new: ProjectToMake, user: SignedIn, parts: PartsHere) -> dict:
    """Makes a project and shares out its sessions among the coders at once.

    `design` says how many code a session (`coders_per_session`) and for which share of the sessions
    (`overlap_share`); the others are coded by one. All members may then read the sessions that are
    one's own; one of somebody else's must be shared with every member already.
    """
    made = projects.NewProject(new.name, new.sessions, new.coders, new.design, new.adjudicators)
    project_id = service.make_project(parts, user, made, new.example)
    return project_json(overview.read_project(parts.store, user, project_id))


@router.get(PROJECT, summary="Look at a coding project", responses=problems(404))
def get_project(project_id: str, user: SignedIn, parts: PartsHere) -> dict:
    """Its people, its sessions and who codes what. How far others are is shown to who leads it."""
    return project_json(overview.read_project(parts.store, user, project_id))


@router.post(f"{PROJECT}/sessions", summary="Add sessions to a project", responses=problems(404))
def post_project_sessions(project_id: str, new: SessionsToAdd, user: SignedIn, parts: PartsHere) -> dict:
    """Shares them out by the project's design, to those first who have least to do."""
    projects.add_sessions(parts.store, user, project_id, new.sessions, new.chosen)
    return project_json(overview.read_project(parts.store, user, project_id))


@router.get("/assignments", summary="List what one is to code")
def get_assignments(user: SignedIn, parts: PartsHere) -> dict:
    """One's own assignments, those not finished first."""
    return {"assignments": [vars(task) for task in overview.my_tasks(parts.store, user)]}


@router.get(ASSIGNMENT, summary="Open a session to code it", responses=problems(404))
def get_assignment(assignment_id: str, user: SignedIn, parts: PartsHere) -> dict:
    """The transcript with one's own entries; nobody else's, and not the report."""
    opened = work.open_assignment(parts.store, user, assignment_id)
    return opened_json(opened) | {"keys": keys.keys_of(parts.store, user)}


@router.put(f"{ASSIGNMENT}/entries", summary="Save entries", responses=problems(404, 409))
def put_entries(assignment_id: str, sent: list[SentEntry], user: SignedIn, parts: PartsHere) -> dict:
    """Keeps each entry as one more version. The outcome is said entry by entry: `saved`; `conflict`, where
    another version came first (send it again from that one to put it on top); `refused`, and why.
    Sending again what is saved already changes nothing.
    """
    entries = [work.Sent(one.turn, one.base, _said(one)) for one in sent]
    answers = work.save_entries(parts.store, user, assignment_id, entries, parts.codebook)
    return {"entries": [vars(answer) for answer in answers]}


@router.post(f"{ASSIGNMENT}/first-pass", summary="End the first pass", responses=problems(404, 409))
def post_first_pass(assignment_id: str, user: SignedIn, parts: PartsHere) -> dict:
    """Once every turn was looked at. From then on the tagger's suggestions can be shown."""
    return state_json(work.save_first_pass(parts.store, user, assignment_id))


@router.post(
    f"{ASSIGNMENT}/suggestions", summary="See the tagger's suggestions", responses=problems(404, 409)
)
def post_suggestions(assignment_id: str, user: SignedIn, parts: PartsHere) -> dict:
    """What the tagger would mark (balanced). What is saved after this is kept as made after seeing it."""
    tags = work.suggestions(parts.store, user, assignment_id, parts.codebook)
    return {"suggestions": [tag_json(tag) for tag in tags]}


@router.post(f"{ASSIGNMENT}/finish", summary="Finish a session", responses=problems(404, 409))
def post_finish(assignment_id: str, user: SignedIn, parts: PartsHere) -> dict:
    """Nothing can be changed after it. Others may see it once they have finished theirs."""
    return state_json(work.finish(parts.store, user, assignment_id))


@router.get("/coding-keys", summary="One's keys for coding")
def get_coding_keys(user: SignedIn, parts: PartsHere) -> dict:
    """The key for each code on the coding page."""
    return {"keys": keys.keys_of(parts.store, user)}


@router.put("/coding-keys", summary="Change one's keys for coding")
def put_coding_keys(wanted: dict[str, str], user: SignedIn, parts: PartsHere) -> dict:
    """A small letter for each code; codes not named keep their default."""
    return {"keys": keys.set_keys(parts.store, user, wanted, parts.codebook)}


def _said(sent: SentEntry) -> Entry | Whole:
    said = sent.whole if sent.turn == WHOLE else sent.entry
    if said is None:
        raise refuse(422, "Send `entry` for a turn, or `whole` for the session as turn -1.")
    return said
