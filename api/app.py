"""The web application: the routes put together, with what surrounds every request."""

from importlib.resources import files
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api import account_pages, admin_pages, pages, rest
from api.accounts import open_accounts
from api.errors import install_errors
from api.jobs import open_queue, pace_of
from api.middleware import with_body_limit, with_headers, with_hosts, with_log
from api.passwords import Passwords
from api.security import guard_forgery, guard_visitor
from api.service import Parts
from api.settings import LOOPBACK, Settings
from api.store import open_store
from api.uploading import upload_slots
from nlp.codebook import load_codebook

UPLOAD_PATHS = ("/api/v1/sessions", "/upload")
FORM_BYTES = 64 * 1024  # what the other fields of a form may take
NO_TELEMETRY = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def create_app(settings: Settings, passwords: Passwords | None = None) -> FastAPI:
    """The application over the store that the settings name, with its tables brought up to date."""
    app = FastAPI(
        title="Suture",
        summary="Finds ruptures of the working alliance in session transcripts, and how to mend them.",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # the usual documentation pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,  # the framework would export traces where the environment says so
    )
    app.state.parts = open_parts(settings, passwords)
    app.state.upload_slots = upload_slots()
    install_errors(app)
    _add_routes(app)
    _add_surroundings(app, settings)
    return app


def open_parts(settings: Settings, passwords: Passwords | None = None) -> Parts:
    """What the use cases work with, opened once for a process."""
    store = open_store(settings)
    accounts = open_accounts(store, settings, passwords)
    return Parts(settings, store, accounts, open_queue(store.engine, pace_of(settings)), load_codebook())


def _add_routes(app: FastAPI) -> None:
    guarded = [Depends(guard_forgery)]
    app.include_router(rest.open_router)
    app.include_router(rest.router)
    app.include_router(account_pages.visitor_router, dependencies=[Depends(guard_visitor)])
    for router in (account_pages.router, admin_pages.router, pages.router):
        app.include_router(router, dependencies=guarded)
    app.mount("/static", StaticFiles(directory=str(files("api").joinpath("static"))), name="static")


def _add_surroundings(app: FastAPI, settings: Settings) -> None:
    """From the inside out: the last one added sees a request first."""
    app.add_middleware(with_body_limit, limit_of=_body_limit(settings))
    app.add_middleware(with_hosts, allowed=_allowed_hosts(settings))
    app.add_middleware(with_log)
    app.add_middleware(with_headers, hsts=settings.public_url.startswith("https:"))


def _body_limit(settings: Settings):
    def limit_of(scope: Scope) -> int:
        uploads = scope["method"] == "POST" and scope["path"] in UPLOAD_PATHS
        return settings.upload_bytes + FORM_BYTES if uploads else FORM_BYTES

    return limit_of


def _allowed_hosts(settings: Settings) -> tuple[str, ...]:
    """The names this service answers to: another name leading here is somebody's trick (DNS rebinding).

    Listening on all addresses without SUTURE_PUBLIC_URL, any name may be right.
    """
    public = urlsplit(settings.public_url).hostname or ""
    return () if public in ("0.0.0.0", "::") else (public, *LOOPBACK)
