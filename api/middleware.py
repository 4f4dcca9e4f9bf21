"""What surrounds every request: its number, the log, the security headers and the size limit.

Each is a plain ASGI wrapper, so that it also sees what the framework itself answers.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable

import anyio
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import error_response, internal_error, refuse, status_of
from api.logs import log_bug

access_log = logging.getLogger("suture.access")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
SESSION_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
DRAIN_SECONDS = 10
STATIC = "/static/..."  # all static files, in the log
NEW_COOKIE = "new_visit_cookie"  # scope["state"] key: a Set-Cookie value for a visitor without one


def with_headers(app: ASGIApp, hsts: bool = False) -> ASGIApp:
    """Put the security headers on every response, and `no-store` on all but static files."""
    fixed = SECURITY_HEADERS + (((b"strict-transport-security", b"max-age=31536000"),) if hsts else ())

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *fixed, *_headers_for(scope)]
            await send(message)

        if scope["type"] == "http":
            scope.setdefault("state", {})["number"] = secrets.token_hex(6)
            await app(scope, receive, send_with_headers)
        else:
            await app(scope, receive, send)

    return wrapped


def _headers_for(scope: Scope) -> list[tuple[bytes, bytes]]:
    still = scope["path"].startswith("/static/")
    headers = [
        (b"x-request-id", scope["state"]["number"].encode()),
        (b"cache-control", b"public, max-age=3600" if still else b"no-store"),
    ]
    if NEW_COOKIE in scope["state"]:
        headers.append((b"set-cookie", scope["state"][NEW_COOKIE].encode()))
    return headers


def with_log(app: ASGIApp) -> ASGIApp:
    """Log each request by its route (no query, no one-time link) and each bug without its message."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await app(scope, receive, send)
        began, status = time.perf_counter(), 0

        async def send_noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await app(scope, receive, send_noting)
        except Exception as bug:
            log_bug(bug, scope["state"]["number"], f"{scope['method']} {route_of(scope)}")
            if status:
                raise ConnectionAbortedError("the response broke off; see the log") from None
            await internal_error(Request(scope))(scope, receive, send_noting)
        finally:
            _log_access(scope, status, time.perf_counter() - began)

    return wrapped


def _log_access(scope: Scope, status: int, seconds: float) -> None:
    route = route_of(scope)
    often = status < 400 and (route == STATIC or route.endswith("/status"))
    level = logging.DEBUG if often else logging.INFO
    number = scope["state"]["number"]
    access_log.log(level, "%s %s %s %.0fms %s", scope["method"], route, status, seconds * 1000, number)


def route_of(scope: Scope) -> str:
    """All of a path that may be logged: its route, the session id filled in, other values left out."""
    if "route" not in scope:
        return STATIC if scope["path"].startswith("/static/") else "(no such route)"
    shown = {str(value): f"{{{name}}}" for name, value in scope["path_params"].items()}
    session_id = str(scope["path_params"].get("session_id", ""))
    if SESSION_ID.fullmatch(session_id):
        del shown[session_id]
    return "/".join(shown.get(part, part) for part in scope["path"].split("/"))


class _TooLarge(Exception):
    """The request body outgrew its limit."""


def with_body_limit(app: ASGIApp, limit_of: Callable[[Scope], int]) -> ASGIApp:
    """Refuse a body over the limit while it is still arriving, before anything gathers it."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await app(scope, receive, send)
        limit, received, more, started = limit_of(scope), 0, True, False
        over = _declared(scope) > limit

        async def receive_counting() -> Message:
            nonlocal received, more, over
            message = await receive()
            more = message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > limit:
                over = True
                raise _TooLarge
            return message

        async def send_unless_over(message: Message) -> None:
            nonlocal started
            if not over or started:  # whatever the app made of a body cut short is not the answer
                started = True
                await send(message)

        if not over:
            try:
                await app(scope, receive_counting, send_unless_over)
            except _TooLarge:
                pass
        if over and not started:
            if more:
                await _drain(receive, 2 * limit)
            await _too_large(scope, limit)(scope, receive, send)

    return wrapped


def _declared(scope: Scope) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() else 0


async def _drain(receive: Receive, most: int) -> None:
    """Take some more of the body, so that a client that is still sending gets to read the answer."""
    taken = 0
    with anyio.move_on_after(DRAIN_SECONDS):
        while taken < most:
            message = await receive()
            taken += len(message.get("body", b""))
            if not message.get("more_body"):
                return


def _too_large(scope: Scope, limit: int):
    error = refuse(413, f"The request is larger than the {limit // 1024} KiB that are accepted here.")
    return error_response(Request(scope), status_of(error), error.code, str(error))


def with_hosts(app: ASGIApp, allowed: tuple[str, ...]) -> ASGIApp:
    """Answer only to the names in `allowed`; to any where it is empty."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and allowed and Request(scope).url.hostname not in allowed:
            error = refuse(400, "This service does not answer to that name. Set SUTURE_PUBLIC_URL to use it.")
            answer = error_response(Request(scope), 400, error.code, str(error))
            return await answer(scope, receive, send)
        await app(scope, receive, send)

    return wrapped
