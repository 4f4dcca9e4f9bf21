"""Pages for admins: who has an account, and the audit trail."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Row
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api import links, members
from api.account_pages import FormHere, field
from api.errors import status_of
from api.people import ROLES, User
from api.rendering import page
from api.security import PartsHere, allow, frame_of
from api.service import Parts
from api.wording import AUDIT
from nlp.errors import InputError

UserAdmin = Annotated[User, Depends(allow("manage_users"))]
AuditReader = Annotated[User, Depends(allow("read_audit"))]
ROWS_A_PAGE = 100
router = APIRouter(include_in_schema=False)


@router.get("/users")
def get_users(request: Request, admin: UserAdmin, parts: PartsHere) -> Response:
    """Everybody with an account."""
    return _users_page(request, parts, admin)


@router.post("/users/invite")
def post_invite(request: Request, admin: UserAdmin, parts: PartsHere, form: FormHere) -> Response:
    """Make a one-time link by which somebody makes their account."""
    email, name, role = (field(form, key) for key in ("email", "name", "role"))
    try:
        token = links.invite(parts.accounts, admin, email, name, role)
    except InputError as error:
        return _users_page(request, parts, admin, error)
    link = f"{parts.settings.public_url}/invitation/{token}"
    return _users_page(request, parts, admin, fresh_link=link, fresh_for=name)


@router.post("/users/{user_id}/reset")
def post_reset(request: Request, user_id: str, admin: UserAdmin, parts: PartsHere) -> Response:
    """Make a one-time link by which somebody sets a new password."""
    token = links.reset_link(parts.accounts, admin, user_id)
    link = f"{parts.settings.public_url}/new-password/{token}"
    person = next(user for user in members.all_users(parts.accounts, admin) if user.id == user_id)
    return _users_page(request, parts, admin, fresh_link=link, fresh_for=person.name)


@router.post("/users/{user_id}/role")
def post_role(request: Request, user_id: str, admin: UserAdmin, parts: PartsHere, form: FormHere) -> Response:
    """Give somebody another role."""
    role = field(form, "role")
    return _change(request, parts, admin, lambda: members.set_role(parts.accounts, admin, user_id, role))


@router.post("/users/{user_id}/disable")
def post_disable(request: Request, user_id: str, admin: UserAdmin, parts: PartsHere) -> Response:
    """Let somebody sign in no more."""
    return _change(request, parts, admin, lambda: members.disable(parts.accounts, admin, user_id))


@router.post("/users/{user_id}/enable")
def post_enable(request: Request, user_id: str, admin: UserAdmin, parts: PartsHere) -> Response:
    """Let somebody sign in again."""
    return _change(request, parts, admin, lambda: members.enable(parts.accounts, admin, user_id))


@router.get("/audit")
def get_audit(
    request: Request,
    admin: AuditReader,
    parts: PartsHere,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """Who did what, newest first; the first page also checks the whole trail."""
    check = None if before else parts.store.verify_audit(admin)
    rows = parts.store.read_audit(admin, ROWS_A_PAGE, before)
    last = rows[-1].seq if len(rows) == ROWS_A_PAGE else 0
    context = {
        "rows": _shown(parts, admin, rows),
        "verified": check.ok if check else None,
        "checked": check.rows if check else 0,
        "older": f"/audit?before={last}" if last > 1 else "",
        "newer": "/audit" if before else "",
    }
    return HTMLResponse(page("audit.html", frame_of(request, "audit"), **context))


def _shown(parts: Parts, admin: User, rows: list[Row]) -> list[dict]:
    """Audit rows in words, with people's names; the same thing done over and over is one line."""
    names = {user.id: user.name for user in members.all_users(parts.accounts, admin)}
    lines: list[dict] = []
    for row in rows:
        ids = [i for i in (row.object_id, row.other_id) if i and i != row.who]
        line = {
            "who": names.get(row.who, row.who),
            "action": AUDIT[row.what] + ("" if row.outcome == "done" else f" ({row.outcome})"),
            "subjects": [(names.get(i, i[:8]), "" if i in names else i) for i in ids],
        }
        if lines and all(lines[-1][key] == line[key] for key in line):
            lines[-1] |= {"times": lines[-1]["times"] + 1, "since": row.at}
        else:
            lines.append({**line, "at": row.at, "times": 1, "since": row.at})
    return lines


def _change(request: Request, parts: Parts, admin: User, change) -> Response:
    try:
        change()
    except InputError as error:
        if error.code == "not_found":
            raise
        return _users_page(request, parts, admin, error)
    return RedirectResponse("/users", 303)


def _users_page(
    request: Request, parts: Parts, admin: User, error: InputError | None = None, fresh_link="", fresh_for=""
) -> Response:
    context = {
        "users": members.all_users(parts.accounts, admin),
        "me": admin.id,
        "roles": ROLES,
        "fresh_link": fresh_link,
        "fresh_for": fresh_for,
        "error": str(error) if error else "",
    }
    body = page("users.html", frame_of(request, "users"), **context)
    return HTMLResponse(body, status_of(error) if error else 200)
