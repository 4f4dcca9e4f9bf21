"""The command line: help, accounts, keys, the audit trail, and the service as it is really started."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from api import rotation, service
from api.cli import app
from api.serving import greeting, listen
from api.settings import load_settings
from api.store import open_store
from nlp.errors import InputError
from tests.served import PASSWORD, SMALL, serve

SUTURE = str(Path(sys.executable).with_name("suture"))
COMMANDS = (
    "analyse",
    "train",
    "evaluate",
    "serve",
    "worker",
    "migrate",
    "rotate-key",
    "users",
    "audit",
    "corpus",
    "deidentify",
)
ROOT = Path(__file__).resolve().parent.parent


def environment(folder: Path, **more: str) -> dict[str, str]:
    own = {"SUTURE_DATA_DIR": str(folder / "var"), "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    return {k: v for k, v in os.environ.items() if not k.startswith("SUTURE_")} | own | more


def suture(folder: Path, *words: str, typed: str = "", **more: str) -> subprocess.CompletedProcess:
    env = environment(folder, **more)
    return subprocess.run([SUTURE, *words], env=env, input=typed, capture_output=True, text=True, timeout=60)


def told(folder: Path, *words: str, typed: str = "", **more: str) -> Result:
    """The same within this process, which starts faster."""
    return CliRunner(env=environment(folder, **more)).invoke(app, list(words), input=typed)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def test_help_names_every_command(tmp_path):
    shown = suture(tmp_path, "--help")
    assert shown.returncode == 0
    assert all(command in shown.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(tmp_path, command):
    shown = told(tmp_path, command, "--help")
    assert shown.exit_code == 0
    assert f"Usage: suture {command}" in shown.stdout and len(shown.stdout) > 200


def test_a_mistake_is_one_line_and_no_traceback(tmp_path):
    shown = suture(tmp_path, "migrate", SUTURE_PORT="many")
    assert shown.returncode == 1
    assert shown.stderr.startswith("suture: SUTURE_PORT must be a whole number")
    assert len(shown.stderr.splitlines()) == 1


def test_a_worker_without_its_tagger_says_so_in_one_sentence(tmp_path):
    shown = suture(tmp_path, "worker", SUTURE_MODEL="none-such")
    assert shown.returncode == 1
    assert shown.stderr.startswith("suture: The tagger could not be loaded, so nothing is analysed: ")
    assert "none-such" in shown.stderr and len(shown.stderr.splitlines()) == 1


def test_settings_are_listed_with_their_defaults(tmp_path):
    shown = told(tmp_path, "settings").stdout
    assert "SUTURE_DATABASE_URL" in shown and "[8000]" in shown


def test_accounts_from_the_command_line(tmp_path):
    name = ["--name", "A Person", "--role"]
    assert told(tmp_path, "users", "first-link").stdout.startswith("http://127.0.0.1:8000/welcome/")
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    added = told(tmp_path, "users", "add", "a@example.org", *name, "admin", typed=typed)
    assert "can sign in as admin" in added.stdout
    assert PASSWORD not in added.stdout
    assert "/invitation/" in told(tmp_path, "users", "invite", "b@example.org", *name, "tutor").stdout
    assert "/new-password/" in told(tmp_path, "users", "password-link", "a@example.org").stdout
    assert told(tmp_path, "users", "first-link").exception.code == "wrong_state"
    assert told(tmp_path, "users", "disable", "a@example.org").exception.code == "last_admin"
    assert "a@example.org\tA Person\tadmin" in told(tmp_path, "users", "list").stdout


def test_the_audit_trail_is_verified_and_a_cut_is_found(tmp_path):
    told(tmp_path, "users", "invite", "b@example.org", "--name", "B")
    assert "is whole" in told(tmp_path, "audit", "verify").stdout
    with sqlite3.connect(tmp_path / "var" / "suture.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    assert told(tmp_path, "audit", "verify").exception.code == "broken_trail"


def test_a_rotated_key_opens_everything_and_the_old_one_nothing(tmp_path, cheap_passwords):
    settings = load_settings(environment(tmp_path))
    served = serve(settings, cheap_passwords)
    person = served.person()
    session_id = service.upload(served.parts, person, SMALL, "a.txt").session.id
    served.parts.store.close()
    key_file = tmp_path / "var" / "master.key"
    before = key_file.read_text()
    assert "keys are wrapped" in told(tmp_path, "rotate-key").stdout
    assert key_file.read_text() != before
    assert key_file.stat().st_mode & 0o077 == 0
    after = serve(settings, cheap_passwords)
    transcript = service.read_transcript_of(after.parts, person, session_id)
    assert transcript.turns[0].text == "How was the week?"
    after.parts.store.close()
    assert "is whole" in told(tmp_path, "audit", "verify").stdout
    old_key = {"SUTURE_MASTER_KEY": before.strip()}
    assert told(tmp_path, "migrate", **old_key).exception.code == "wrong_master_key"


def test_there_is_a_key_file_at_every_moment_of_a_rotation(tmp_path):
    settings = load_settings(environment(tmp_path))
    open_store(settings).close()
    missing = []

    def look(frame, event, _):
        if frame.f_code.co_filename == rotation.__file__ and not settings.master_key_file.is_file():
            missing.append(frame.f_lineno)
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        assert rotation.rotate(settings) > 0
    finally:
        sys.settrace(before)
    assert not missing
    assert {p.name for p in settings.data_dir.glob("master.key*")} == {"master.key", "master.key.old"}


def test_a_port_in_use_is_said_in_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shown = suture(tmp_path, "serve", "--port", str(port))
        with pytest.raises(InputError) as refused:
            listen(load_settings({"SUTURE_PORT": str(port), "SUTURE_DATA_DIR": str(tmp_path)}))
    assert shown.returncode == 1
    assert f"port {port}" in shown.stderr and "--port" in shown.stderr
    assert len(shown.stderr.splitlines()) == 1
    assert refused.value.code == "port_in_use"


def test_the_greeting_tells_the_first_person_how_to_begin_and_nobody_after(tmp_path, cheap_passwords):
    served = serve(load_settings(environment(tmp_path)), cheap_passwords)
    assert "/welcome/" in greeting(served.parts, worker=True)
    served.person("admin")
    again = greeting(served.parts, worker=False)
    assert "/welcome/" not in again
    assert "suture worker" in again


@contextmanager
def running_service(folder: Path):
    """`suture serve` on a free port with its worker and the tagger that ships; ended by Ctrl-C."""
    port = free_port()
    words = [SUTURE, "serve", "--port", str(port)]
    log = folder / "log.txt"
    with log.open("w") as writing:
        process = subprocess.Popen(
            words, env=environment(folder), stdout=writing, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            wait_until(lambda: "/welcome/" in log.read_text(), process)
            yield process, f"http://127.0.0.1:{port}", log
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def wait_until(condition, process=None, seconds: float = 180) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it took too long"
        assert process is None or process.poll() is None, "the service ended"
        time.sleep(0.3)


def first_admin(home: str, log: Path) -> httpx.Client:
    """Whoever follows the printed link, signed in."""
    client = httpx.Client(base_url=home, headers={"Origin": home}, timeout=30)
    path = re.search(r"/welcome/\S+", log.read_text()).group()
    token = client.get(path).text.split('name="csrf_token" value="')[1].split('"')[0]
    words = {"password": PASSWORD, "password_again": PASSWORD, "csrf_token": token}
    made = client.post(path, data=words | {"email": "me@example.org", "name": "Me"})
    assert made.status_code == 303
    page = client.get("/account").text
    client.headers["X-CSRF-Token"] = page.split('name="csrf-token" content="')[1].split('"')[0]
    return client


def test_the_service_analyses_a_file_as_the_command_line_does_and_stops_on_ctrl_c(tmp_path):
    raw = service.example_file()
    (tmp_path / "full-01.json").write_bytes(raw)
    with running_service(tmp_path) as (process, home, log):
        client = first_admin(home, log)
        sent = client.post("/api/v1/sessions", files={"file": ("full-01.json", raw)})
        session_id = sent.json()["id"]
        status = f"/api/v1/sessions/{session_id}/status"
        wait_until(lambda: client.get(status).json()["status"] == "ready")
        by_api = client.get(f"/api/v1/sessions/{session_id}/report").json()
        by_page = client.get(f"/sessions/{session_id}/export/json").json()
        page = client.get(f"/sessions/{session_id}").text
        everything = log.read_text()
    assert process.returncode == 0
    file, out = str(tmp_path / "full-01.json"), tmp_path / "out"
    assert suture(tmp_path, "analyse", file, "--format", "json", "--out", str(out)).returncode == 0
    by_command = json.loads((out / "full-01.json").read_text())
    assert by_api == by_command == by_page
    assert by_api["model"]["name"] == "small" and by_api["ruptures"]
    assert all(f'"{rupture["id"]}"' in page or f"-{rupture['id']}" in page for rupture in by_api["ruptures"])
    assert "Bev" not in everything and "full-01" not in everything
    assert "Traceback" not in log.read_text()
