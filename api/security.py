"""Who is asking, whether they may, and whether it is really they who ask.

A browser carries a login cookie and must show the login's CSRF token and its own origin with
whatever changes something; a program carries an API token and need not. These are dependencies
of the routes: nothing here looks at what is asked for.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from api.accounts import Login, same_token
from api.errors import is_api, refuse
from api.middleware import NEW_COOKIE
from api.people import User
from api.rendering import Frame
from api.service import Parts, may
from api.tokens import user_of_token
from nlp.errors import InputError

HARMLESS = ("GET", "HEAD", "OPTIONS")
FORM_FIELDS, FORM_FIELD_BYTES = 100, 64 * 1024
FORGED = "This page is out of date or the request came from elsewhere. Reload the page and try again."


def parts_of(request: Request) -> Parts:
    """What the app works with: settings, store, accounts, queue, codebook."""
    return request.app.state.parts


PartsHere = Annotated[Parts, Depends(parts_of)]


def login_cookie(parts: Parts) -> str:
    """The name of the login cookie; the `__Host-` prefix binds it to this host where https allows."""
    return "__Host-suture_login" if parts.settings.cookie_secure else "suture_login"


def set_login_cookie(response: Response, parts: Parts, login: Login) -> None:
    """Hand the browser its login."""
    response.set_cookie(
        login_cookie(parts),
        login.token,
        max_age=int(parts.settings.login_hours * 3600),
        httponly=True,
        secure=parts.settings.cookie_secure,
        samesite="lax",
        path="/",
    )


def clear_login_cookie(response: Response, parts: Parts) -> None:
    """Take the login from the browser."""
    secure = parts.settings.cookie_secure
    response.delete_cookie(login_cookie(parts), httponly=True, secure=secure, samesite="lax", path="/")


def login_of(request: Request, parts: PartsHere) -> Login | None:
    """The login whose cookie the browser sent, if it still holds."""
    token = request.cookies.get(login_cookie(parts))
    login = parts.accounts.login(token) if token else None
    request.state.login = login
    request.state.user = login.user if login else None
    return login


LoginHere = Annotated[Login | None, Depends(login_of)]


def bearer_token(request: Request) -> str:
    """The API token of the Authorization header, or an empty string."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def maybe_user(request: Request, parts: PartsHere, login: LoginHere) -> User | None:
    """Whoever asks: by API token under /api/ if one was sent, else by cookie, else nobody."""
    token = bearer_token(request)
    if token and is_api(request):
        request.state.user = user_of_token(parts.store, token)
    return request.state.user


def signed_in(user: Annotated[User | None, Depends(maybe_user)]) -> User:
    """The user who asks; refused when there is none."""
    if user is None:
        raise refuse(401)
    return user


SignedIn = Annotated[User, Depends(signed_in)]


def allow(action: str):
    """A dependency that gives the signed-in user if their role allows `action`."""

    def allowed(user: SignedIn) -> User:
        if not may(user, action):
            raise refuse(403)
        return user

    return allowed


class _InMemoryParser(MultiPartParser):
    """The framework's parser, without its temporary files: an upload never touches the disk in the clear."""

    spool_max_size = 1 << 40  # the body limit is what bounds it


async def read_form(request: Request) -> FormData:
    """The request's form, read once and held in memory."""
    if not hasattr(request.state, "form"):
        request.state.form = await _parse_form(request)
    return request.state.form


async def _parse_form(request: Request) -> FormData:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.form(max_fields=FORM_FIELDS, max_part_size=FORM_FIELD_BYTES)
    parser = _InMemoryParser(
        request.headers,
        request.stream(),
        max_files=1,
        max_fields=FORM_FIELDS,
        max_part_size=FORM_FIELD_BYTES,
    )
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise refuse(400) from error


async def guard_forgery(request: Request, login: LoginHere) -> None:
    """Refuse a change that a browser was tricked into: by where it came from and by the login's token."""
    if request.method in HARMLESS or (is_api(request) and bearer_token(request)):
        return
    if login is None:
        raise refuse(401)
    await _check_token(request)


async def guard_visitor(request: Request, login: LoginHere) -> None:
    """The same for the few forms that are there before anybody signed in."""
    if request.method not in HARMLESS:
        await _check_token(request)


async def _check_token(request: Request) -> None:
    given = request.headers.get("x-csrf-token", "")
    if not given and not is_api(request):
        given = (await read_form(request)).get("csrf_token", "")
    right = isinstance(given, str) and same_token(csrf_token(request), given)
    if not (right and _same_origin(request)):
        raise InputError(FORGED, "forged")


def csrf_token(request: Request) -> str:
    """The token that every form and changing fetch of this browser must carry."""
    login = getattr(request.state, "login", None)
    return login.csrf if login else _visitor_token(request)


def _same_origin(request: Request) -> bool:
    """Whether the browser says that the request came from one of our own pages.

    Under our Referrer-Policy a form's POST has `Origin: null`; then Sec-Fetch-Site tells, where the
    browser sends it, and the token alone where it does not (http on a local network).
    """
    origin = request.headers.get("origin", "null")
    if origin == "null":
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    ours = (request.headers.get("host"), urlsplit(parts_of(request).settings.public_url).netloc)
    return urlsplit(origin).netloc in ours


def _visitor_token(request: Request) -> str:
    """For the sign-in form: derived from a random cookie given to whoever has no login yet."""
    cookie = request.cookies.get("suture_visit") or getattr(request.state, "visit", "")
    if not cookie:
        cookie = request.state.visit = secrets.token_urlsafe(24)
        secure = "; Secure" if parts_of(request).settings.cookie_secure else ""
        setattr(
            request.state, NEW_COOKIE, f"suture_visit={cookie}; Path=/; HttpOnly; SameSite=Strict{secure}"
        )
    return hmac.new(cookie.encode(), b"suture form", sha256).hexdigest()


def address_of(request: Request) -> str:
    """Where the request comes from, for throttling sign-ins."""
    return request.client.host if request.client else ""


def frame_of(request: Request, here: str = "", notice: str = "") -> Frame:
    """What surrounds a page: who is signed in, their token for forms, where they are."""
    user = getattr(request.state, "user", None)
    name, role = (user.name, user.role) if user else ("", "")
    return Frame(user=name, role=role, csrf=csrf_token(request), here=here, notice=notice)
