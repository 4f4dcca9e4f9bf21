"""Who may ask what: one table over all routes, held against the application."""

import pytest

from tests.served import ROLES, SMALL, routes_of, serve

# What the session is to those who ask for it. "anyone": no sign-in needed.
ANYONE, SIGNED_IN, UPLOADERS, ADMINS = "anyone", "signed in", "uploaders", "admins"
READERS, WRITERS, OWNER = "readers", "writers", "owner"
LEADERS, MEMBERS = "leaders", "members"  # of coding projects: who may make one, who is in it
SESSION, PAGE = "/api/v1/sessions/{session_id}", "/sessions/{session_id}"
ASSIGNMENT = "/api/v1/assignments/{assignment_id}"
ACCESS = {
    "GET /api/v1/health": ANYONE,
    "GET /api/v1/openapi.json": ANYONE,
    "GET /api/v1/me": SIGNED_IN,
    "GET /api/v1/people": UPLOADERS,
    "GET /api/v1/tokens": SIGNED_IN,
    "POST /api/v1/tokens": SIGNED_IN,
    "DELETE /api/v1/tokens/{token_id}": SIGNED_IN,
    "GET /api/v1/sessions": SIGNED_IN,
    "POST /api/v1/sessions": UPLOADERS,
    "POST /api/v1/example": UPLOADERS,
    f"GET {SESSION}": READERS,
    f"GET {SESSION}/status": READERS,
    f"GET {SESSION}/report": READERS,
    f"GET {SESSION}/export": READERS,
    f"GET {SESSION}/turns/{{turn}}/similar": READERS,
    f"PATCH {SESSION}": WRITERS,
    f"PUT {SESSION}/roles": WRITERS,
    f"POST {SESSION}/retry": WRITERS,
    f"DELETE {SESSION}": OWNER,
    f"GET {SESSION}/grants": OWNER,
    f"PUT {SESSION}/grants/{{user_id}}": OWNER,
    f"DELETE {SESSION}/grants/{{user_id}}": OWNER,
    "GET /api/v1/projects": SIGNED_IN,
    "POST /api/v1/projects": LEADERS,
    "GET /api/v1/projects/{project_id}": MEMBERS,
    "POST /api/v1/projects/{project_id}/sessions": MEMBERS,
    "GET /api/v1/assignments": SIGNED_IN,
    f"GET {ASSIGNMENT}": MEMBERS,
    f"PUT {ASSIGNMENT}/entries": MEMBERS,
    f"POST {ASSIGNMENT}/first-pass": MEMBERS,
    f"POST {ASSIGNMENT}/suggestions": MEMBERS,
    f"POST {ASSIGNMENT}/finish": MEMBERS,
    "GET /api/v1/coding-keys": SIGNED_IN,
    "PUT /api/v1/coding-keys": SIGNED_IN,
    "GET /projects": SIGNED_IN,
    "GET /projects/new": LEADERS,
    "POST /projects/new": LEADERS,
    "GET /projects/{project_id}": MEMBERS,
    "POST /projects/{project_id}/sessions": MEMBERS,
    "GET /coding/{assignment_id}": MEMBERS,
    "GET /sign-in": ANYONE,
    "POST /sign-in": ANYONE,
    "GET /welcome/{token}": ANYONE,
    "POST /welcome/{token}": ANYONE,
    "GET /invitation/{token}": ANYONE,
    "POST /invitation/{token}": ANYONE,
    "GET /new-password/{token}": ANYONE,
    "POST /new-password/{token}": ANYONE,
    "POST /sign-out": SIGNED_IN,
    "GET /account": SIGNED_IN,
    "POST /account/password": SIGNED_IN,
    "POST /account/sign-out-everywhere": SIGNED_IN,
    "GET /tokens": SIGNED_IN,
    "POST /tokens": SIGNED_IN,
    "POST /tokens/{token_id}/revoke": SIGNED_IN,
    "GET /users": ADMINS,
    "POST /users/invite": ADMINS,
    "POST /users/{user_id}/reset": ADMINS,
    "POST /users/{user_id}/role": ADMINS,
    "POST /users/{user_id}/disable": ADMINS,
    "POST /users/{user_id}/enable": ADMINS,
    "GET /audit": ADMINS,
    "GET /about": ANYONE,
    "GET /": SIGNED_IN,
    "POST /example": UPLOADERS,
    "GET /upload": UPLOADERS,
    "POST /upload": UPLOADERS,
    f"GET {PAGE}": READERS,
    f"GET {PAGE}/roles": READERS,
    f"POST {PAGE}/roles": WRITERS,
    f"POST {PAGE}/retry": WRITERS,
    f"POST {PAGE}/rename": WRITERS,
    f"GET {PAGE}/export": READERS,
    f"GET {PAGE}/turns/{{number}}/similar": READERS,
    f"GET {PAGE}/export/{{format}}": READERS,
    f"GET {PAGE}/sharing": OWNER,
    f"POST {PAGE}/sharing": OWNER,
    f"POST {PAGE}/sharing/stop": OWNER,
    f"GET {PAGE}/delete": OWNER,
    f"POST {PAGE}/delete": OWNER,
}
PEOPLE = {  # who asks: their role, and what the session is to them
    "nobody": (None, None),
    "a supervisor": ("supervisor", None),
    "a researcher": ("researcher", None),
    "a tutor": ("tutor", None),
    "a trainee": ("trainee", None),
    "an admin": ("admin", None),
    "a trainee who may read": ("trainee", "read"),
    "a supervisor who may write": ("supervisor", "write"),
    "the owner": ("supervisor", "own"),
}
BODIES = {
    "POST /api/v1/sessions": {"files": {"file": ("a.txt", SMALL)}},
    "POST /api/v1/tokens": {"json": {"name": "mine"}},
    f"PATCH {SESSION}": {"json": {"title": "Another"}},
    f"POST {PAGE}/rename": {"data": {"title": "Another"}},
    f"PUT {SESSION}/roles": {"json": ROLES},
    "POST /upload": {"files": {"file": ("a.txt", SMALL)}},
    f"GET {SESSION}/export": {"params": {"format": "json"}},
    "POST /api/v1/projects": {"json": {"name": "One", "sessions": [], "coders": []}},
    "POST /api/v1/projects/{project_id}/sessions": {"json": {"sessions": []}},
    f"PUT {ASSIGNMENT}/entries": {"json": [{"turn": 0, "base": 0, "entry": {"state": "nothing"}}]},
    "PUT /api/v1/coding-keys": {"json": {"denial": "w"}},
}
ALLOWED, HIDDEN, REFUSED, UNKNOWN = "allowed", "hidden", "refused", "sign in first"


def expected(access: str, role: str | None, level: str | None) -> str:
    if access == ANYONE:
        return ALLOWED
    if role is None:
        return UNKNOWN
    if access in (UPLOADERS, ADMINS):
        may = role == "admin" or (access == UPLOADERS and role != "trainee")
        return ALLOWED if may else REFUSED
    if access == LEADERS:
        return ALLOWED if role in ("admin", "supervisor", "researcher") else REFUSED
    if access == MEMBERS:  # of the project: the owner, who leads it and codes in it
        return ALLOWED if level == "own" else HIDDEN
    if access == SIGNED_IN:
        return ALLOWED
    if level is None:
        return HIDDEN
    levels = {READERS: ("read", "write", "own"), WRITERS: ("write", "own"), OWNER: ("own",)}[access]
    return ALLOWED if level in levels else REFUSED


def outcome(response, path: str) -> str:
    if response.headers.get("location", "").startswith("/sign-in?"):
        return UNKNOWN
    hidden = ("{session_id}", "{project_id}", "{assignment_id}")
    about_session = any(name in path for name in hidden) and response.status_code == 404
    unknown = UNKNOWN if "/api/" in path else ALLOWED  # a page sends people to sign in instead
    refusals = {401: unknown, 403: REFUSED, 404: HIDDEN if about_session else ALLOWED}
    return refusals.get(response.status_code, ALLOWED)


@pytest.fixture
def served(settings, cheap_passwords):
    return serve(settings, cheap_passwords)


def test_every_route_is_in_the_table(served):
    assert routes_of(served.app) == set(ACCESS)


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_what_the_table_says_and_nothing_else(who, served):
    role, level = PEOPLE[who]
    owner = served.person(name="The Owner")
    asking = owner if level == "own" else role and served.person(role, name="Who Asks")
    projects = {}  # one for each session
    for route, access in ACCESS.items():
        session_id = new_session(served, owner)
        if session_id not in projects:
            projects[session_id] = new_project(served, owner, session_id)
        if level in ("read", "write"):
            served.parts.store.grant(owner, session_id, asking.id, level)
        response = ask(served, asking, route, session_id, projects[session_id])
        assert response.status_code < 500
        assert outcome(response, route) == expected(access, role, level), route


def new_session(served, owner) -> str:
    """The owner's session, made anew where an earlier request deleted it."""
    response = served.program(owner).post("/api/v1/sessions", files={"file": ("a.txt", SMALL)})
    return response.json()["id"]


def new_project(served, owner, session_id: str) -> dict[str, str]:
    """The ids of a project of the session, led and coded by its owner, and of their assignment."""
    new = {"name": "A project", "sessions": [session_id], "coders": [owner.id]}
    made = served.program(owner).post("/api/v1/projects", json=new).json()
    return {"project_id": made["id"], "assignment_id": made["sessions"][0]["tasks"][0]["id"]}


def ask(served, person, route: str, session_id: str, ids: dict[str, str]):
    method, path = route.split(" ")
    somebody = served.person("trainee").id
    filled = path.format(
        session_id=session_id,
        user_id=somebody,
        token_id="none",
        token="none",
        format="json",
        turn=1,
        number=2,
        **ids,
    )
    client = served.browser(person) if person else visitor_with_form(served)
    body = BODIES.get(route) or ({"data": {"person": somebody}} if "/sharing" in path else {})
    return client.request(method, filled, **body)


def visitor_with_form(served):
    """A visitor who fetched the sign-in form and so has its token."""
    from hashlib import sha256
    from hmac import new

    client = served.visitor()
    client.cookies.set("suture_visit", "a visitor")
    client.headers["X-CSRF-Token"] = new(b"a visitor", b"suture form", sha256).hexdigest()
    return client
