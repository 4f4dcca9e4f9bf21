"""Running the service: one web process, and on SQLite one worker beside it."""

import socket
from collections.abc import Callable

import uvicorn

from api.app import create_app
from api.links import first_run_link
from api.logs import set_up_logs
from api.service import Parts
from api.settings import Settings
from api.spawning import spawn_worker
from nlp.errors import InputError

STOP_SECONDS = 10  # how long requests under way may take to finish when the service is stopped


def serve(settings: Settings, say: Callable[[str], None], tagger: str | None = None) -> None:
    """Serve until interrupted. `say` prints for the person who started it."""
    listening = listen(settings)
    set_up_logs()
    app = create_app(settings)
    parts = app.state.parts
    worker = spawn_worker(settings, tagger) if parts.store.engine.dialect.name == "sqlite" else None
    say(greeting(parts, worker is not None))
    try:
        _server(app).run(sockets=[listening])
    except KeyboardInterrupt:  # how the server ends when Ctrl-C stopped it
        pass
    finally:
        say("Stopping.")
        if worker:
            worker.stop()
        parts.store.close()


def listen(settings: Settings) -> socket.socket:
    """A socket that listens where the settings say."""
    host, port = settings.host, settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(256)
    except OSError as error:
        listening.close()
        raise InputError(
            f"Cannot listen on {host} port {port}: {error.strerror}. Another service may be using it; "
            "stop that one or choose another port with --port.",
            "port_in_use",
        ) from error
    return listening


def greeting(parts: Parts, worker: bool) -> str:
    """Where the service is and how to sign in the first time."""
    address = parts.settings.public_url
    lines = [f"Suture is at {address}  (Ctrl-C stops it)"]
    token = first_run_link(parts.accounts)
    if token:
        lines.append(
            f"Nobody has an account yet. Make the first one, once, here:\n  {address}/welcome/{token}"
        )
    if not worker:
        lines.append("No worker runs beside it: start `suture worker` on this or other machines.")
    return "\n".join(lines)


def _server(app) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # ours says no more than it should
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=32 * 1024,
    )
    return uvicorn.Server(config)
