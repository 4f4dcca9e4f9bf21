"""The whole service on a real port, with a worker beside it, for tests with a real browser."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from api.database import reading
from api.passwords import Passwords
from api.settings import load_settings
from api.system_store import waiting
from tests.served import Served, serve

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Live:
    """A service that listens. While somebody holds `resting`, nothing is analysed."""

    served: Served
    home: str
    resting: threading.Lock


@contextmanager
def live_service(folder: Path, passwords: Passwords) -> Iterator[Live]:
    """Serve on a free port until the block ends, analysing what is uploaded."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    settings = load_settings({"SUTURE_DATA_DIR": str(folder), "SUTURE_PORT": str(port)})
    served = serve(settings, passwords)
    server = uvicorn.Server(uvicorn.Config(served.app, log_level="warning"))
    ended, resting = threading.Event(), threading.Lock()
    threads = [
        threading.Thread(target=server.run, kwargs={"sockets": [listening]}),
        threading.Thread(target=_work, args=(served, ended, resting)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield Live(served, f"http://127.0.0.1:{port}", resting)
    finally:
        server.should_exit = True
        ended.set()
        for thread in threads:
            thread.join()
        served.parts.store.close()


def _work(served: Served, ended: threading.Event, resting: threading.Lock) -> None:
    """Analyse what waits, not too fast for a person to see it happen."""
    store = served.parts.store
    while not ended.wait(0.1):
        with resting:
            with reading(store.engine) as connection:
                found = waiting(connection)
            for session_id in found:
                time.sleep(0.5)
                served.work(session_id)
