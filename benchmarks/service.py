"""The running service: from `make run` to the first report, many uploads at once, and its memory.

python benchmarks/service.py                 uploads at once and memory, with this checkout
python benchmarks/service.py --from-nothing  a fresh clone, `make run`, the example's report
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from annotation.corpus import load_written

PORT = 8765
ROOT = Path(__file__).resolve().parent.parent
HELD = (1, 4, 16)


@contextmanager
def service(command: list[str], folder: Path, where: Path) -> Iterator[subprocess.Popen]:
    """The service as its user would start it, on a data folder of its own, ready to answer."""
    environment = {**_environment(), "SUTURE_DATA_DIR": str(folder), "SUTURE_PORT": str(PORT)}
    process = subprocess.Popen(
        command, cwd=where, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        for line in process.stdout:
            if "Suture is at" in line:
                break
        while not _answers():
            time.sleep(0.05)
        yield process
    finally:
        for part in (*psutil.Process(process.pid).children(recursive=True), process):
            part.terminate()
        process.wait(timeout=30)


def client(folder: Path) -> httpx.Client:
    """A program with an API token of an account made for it."""
    from api.accounts import open_accounts
    from api.members import add_user
    from api.people import SYSTEM
    from api.settings import load_settings
    from api.store import open_store
    from api.tokens import create_token

    settings = load_settings({"SUTURE_DATA_DIR": str(folder), "SUTURE_PORT": str(PORT)})
    store = open_store(settings)
    accounts = open_accounts(store, settings)
    user = add_user(accounts, SYSTEM, "bench@example.org", "Bench", "a long enough password", "supervisor")
    token, _ = create_token(store, user, "benchmark")
    store.close()
    return httpx.Client(
        base_url=f"http://127.0.0.1:{PORT}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
    )


def until_ready(http: httpx.Client, session_ids: list[str]) -> None:
    """Waits for the reports of these sessions."""
    waiting = set(session_ids)
    while waiting:
        for session_id in list(waiting):
            status = http.get(f"/sessions/{session_id}").json()["status"]
            if status == "failed":
                raise RuntimeError(f"{session_id} failed")
            if status == "ready":
                waiting.discard(session_id)
        time.sleep(0.1)


def upload(http: httpx.Client, copies: int, marker: str) -> list[str]:
    """Uploads copies of a full-length session that differ in their last turn; their ids."""
    turns = next(c.transcript for c in load_written() if c.transcript.id == "full-02").turns
    ids = []
    for n in range(copies):
        said = [{"index": t.index, "speaker": t.speaker, "text": t.text} for t in turns]
        said[-1]["text"] += f" {marker} {n}"
        raw = json.dumps({"id": f"copy-{n}", "turns": said}).encode()
        answer = http.post("/sessions", files={"file": ("session.json", raw)})
        answer.raise_for_status()
        ids.append(answer.json()["id"])
    return ids


def memory(process: subprocess.Popen) -> float:
    """GiB held by the service and all it started (memory shared between them counted once)."""
    parts = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    return sum(p.memory_full_info().pss for p in parts) / 2**30


def uploads_at_once() -> None:
    """Prints seconds until every report is ready, by number of uploads, and memory."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("suture")), "serve"]
        with service(command, Path(folder), ROOT) as process, client(Path(folder)) as http:
            until_ready(http, upload(http, 1, "warm-up"))
            print("50-minute sessions at once   accepted after   all reports after   a session   memory")
            for copies in HELD:
                began = time.perf_counter()
                ids = upload(http, copies, f"{copies} at once")
                accepted = time.perf_counter() - began
                until_ready(http, ids)
                taken = time.perf_counter() - began
                print(
                    f"{copies:<28} {accepted:>10.2f} s {taken:>17.1f} s {taken / copies:>11.1f} s"
                    f" {memory(process):>7.2f} GiB"
                )


def from_nothing() -> None:
    """Prints the seconds from `make run` in a fresh clone to the example's report."""
    with tempfile.TemporaryDirectory() as folder:
        clone, data = Path(folder) / "suture", Path(folder) / "data"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        began = time.perf_counter()
        with service(["make", "run"], data, clone):
            up = time.perf_counter() - began
            with client(data) as http:
                until_ready(http, [http.post("/example").json()["id"]])
            print(
                f"from `make run` to the sign-in page: {up:.0f} s, to the first report: {time.perf_counter() - began:.0f} s"
            )


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("SUTURE_", "VIRTUAL_ENV"))}


def _answers() -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{PORT}/api/v1/health").status_code == 200
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from-nothing", action="store_true", help="a fresh clone and `make run`")
    from_nothing() if parser.parse_args().from_nothing else uploads_at_once()
