"""Pages of one's own account: signing in and out, one-time links, password, API tokens."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api import links, tokens
from api.accounts import Login
from api.errors import status_of
from api.rendering import page
from api.security import (
    LoginHere,
    PartsHere,
    SignedIn,
    address_of,
    clear_login_cookie,
    frame_of,
    login_cookie,
    read_form,
    set_login_cookie,
)
from api.service import Parts
from nlp.errors import InputError

OLD_LINK = (
    "This link was used already, is too old, or was never given out. Ask an admin for a new one; for the "
    "very first sign-in, restart the service, which prints one."
)
FormHere = Annotated[FormData, Depends(read_form)]
visitor_router = APIRouter(include_in_schema=False)  # before signing in
router = APIRouter(include_in_schema=False)  # after it


@visitor_router.get("/sign-in")
def get_sign_in(request: Request, login: LoginHere, next: str = "/") -> Response:
    """The form to sign in by."""
    if login:
        return RedirectResponse(inner_path(next), 303)
    return _page(request, "sign_in.html", email="", next=inner_path(next))


@visitor_router.post("/sign-in")
def post_sign_in(request: Request, parts: PartsHere, form: FormHere) -> Response:
    """Start a login, in place of the one this browser may have had."""
    email, onward = field(form, "email"), inner_path(field(form, "next"))
    old = request.cookies.get(login_cookie(parts))
    try:
        login = parts.accounts.sign_in(email, field(form, "password"), address_of(request), old)
    except InputError as error:
        return _page(request, "sign_in.html", error, email=email, next=onward)
    return _signed_in(parts, login, onward)


@router.post("/sign-out")
def post_sign_out(parts: PartsHere, login: LoginHere) -> Response:
    """End this login."""
    parts.accounts.sign_out(login)
    return _signed_out(parts)


@visitor_router.get("/welcome/{token}")
@visitor_router.get("/invitation/{token}")
@visitor_router.get("/new-password/{token}")
def get_link(request: Request, parts: PartsHere, token: str) -> Response:
    """The form behind a one-time link: make the first account, one's own, or set a new password."""
    return _link_page(request, _link(parts, token))


@visitor_router.post("/welcome/{token}")
@visitor_router.post("/invitation/{token}")
@visitor_router.post("/new-password/{token}")
def post_link(request: Request, parts: PartsHere, token: str, form: FormHere) -> Response:
    """Use the link and sign in."""
    link = _link(parts, token)
    try:
        password = new_password(form)
        user = links.use(parts.accounts, token, password, field(form, "name"), field(form, "email"))
        login = parts.accounts.sign_in(user.email, password, address_of(request))
    except InputError as error:
        return _link_page(request, link, error, email=field(form, "email"), name=field(form, "name"))
    return _signed_in(parts, login, "/")


@router.get("/account")
def get_account(request: Request, user: SignedIn) -> Response:
    """One's own account."""
    return _page(request, "account.html", here="account")


@router.post("/account/password")
def post_password(
    request: Request, user: SignedIn, login: LoginHere, parts: PartsHere, form: FormHere
) -> Response:
    """Set another password; one's logins elsewhere end."""
    try:
        parts.accounts.change_password(user, field(form, "old"), new_password(form), keep=login)
    except InputError as error:
        return _page(request, "account.html", error, here="account")
    notice = "Your password is changed. You are signed out everywhere else."
    return _page(request, "account.html", here="account", notice=notice)


@router.post("/account/sign-out-everywhere")
def post_sign_out_everywhere(user: SignedIn, parts: PartsHere) -> Response:
    """End all of one's logins."""
    parts.accounts.sign_out_everywhere(user)
    return _signed_out(parts)


@router.get("/tokens")
def get_tokens(request: Request, user: SignedIn, parts: PartsHere) -> Response:
    """One's own API tokens."""
    return _tokens_page(request, parts, user)


@router.post("/tokens")
def post_token(request: Request, user: SignedIn, parts: PartsHere, form: FormHere) -> Response:
    """Make an API token; the page that answers is the only one to show it."""
    try:
        fresh, _ = tokens.create_token(parts.store, user, field(form, "name"))
    except InputError as error:
        return _tokens_page(request, parts, user, error)
    return _tokens_page(request, parts, user, fresh=fresh)


@router.post("/tokens/{token_id}/revoke")
def post_token_revoke(token_id: str, user: SignedIn, parts: PartsHere) -> Response:
    """End an API token."""
    tokens.revoke_token(parts.store, user, token_id)
    return RedirectResponse("/tokens", 303)


def field(form: FormData, name: str) -> str:
    """A text field of a form; empty where it is missing or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def new_password(form: FormData) -> str:
    """The password that was typed twice."""
    password = field(form, "password")
    if password != field(form, "password_again"):
        raise InputError("The two passwords differ. Type the same one twice.", "bad_password")
    return password


def inner_path(path: str) -> str:
    """`path` where it is one of our own pages, else the home page: a link may not send people elsewhere."""
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if plain else "/"


def _page(
    request: Request, template: str, error: InputError | None = None, here="", notice="", **context
) -> Response:
    status = status_of(error) if error else 200
    seconds = getattr(error, "retry_after", None)
    headers = None if seconds is None else {"Retry-After": str(int(seconds) + 1)}
    frame = frame_of(request, here, notice)
    body = page(template, frame, error=str(error) if error else "", **context)
    return HTMLResponse(body, status, headers)


def _tokens_page(request, parts: Parts, user, error: InputError | None = None, fresh: str = "") -> Response:
    own = tokens.tokens_of(parts.store, user)
    return _page(request, "tokens.html", error, here="account", tokens=own, fresh=fresh)


def _link_page(request, link, error: InputError | None = None, email: str = "", name: str = "") -> Response:
    return _page(
        request,
        "set_password.html",
        error,
        kind=link.kind,
        action=request.url.path,
        email=email or link.email,
        name=name or link.name,
        role=link.role,
    )


def _link(parts: Parts, token: str) -> links.Link:
    link = links.look_up(parts.accounts, token)
    if link is None:
        raise InputError(OLD_LINK, "bad_link")
    return link


def _signed_in(parts: Parts, login: Login, onward: str) -> Response:
    response = RedirectResponse(onward, 303)
    set_login_cookie(response, parts, login)
    return response


def _signed_out(parts: Parts) -> Response:
    response = RedirectResponse("/sign-in", 303)
    clear_login_cookie(response, parts)
    return response
