"""Whatever is uploaded: an answer in time, never a 5xx, and nothing accepted is lost."""

import threading
import time

import pytest

from tests.hostile import hostile_files
from tests.served import SMALL, Served, serve

SECONDS = 20  # for one file, on a machine that does other things too
STALL = 5.0  # how long another request may have to wait meanwhile


@pytest.fixture
def served(settings, cheap_passwords):
    return serve(settings, cheap_passwords)


def test_every_hostile_upload_is_answered_and_every_accepted_one_kept(served: Served):
    program = served.program(served.person())
    kept = {}
    for filename, raw in hostile_files():
        began = time.monotonic()
        response = program.post("/api/v1/sessions", files={"file": (filename, raw)})
        assert time.monotonic() - began < SECONDS, filename
        assert response.status_code in (200, 201, 413, 415, 422), (filename, response.text)
        body = response.json()
        if response.is_success:
            kept[body["id"]] = body["turns"]
        else:
            assert set(body) == {"error"} and body["error"]["message"].endswith("."), filename
    assert len(kept) >= 40
    assert listed(program) == kept
    some = list(kept)[::10]
    assert all(program.get(f"/api/v1/sessions/{i}").json()["turns"] == kept[i] for i in some)


def listed(program) -> dict[str, int]:
    found, cursor = {}, None
    while True:
        params = {"limit": 200} | ({"cursor": cursor} if cursor else {})
        page = program.get("/api/v1/sessions", params=params).json()
        found |= {row["id"]: row["turns"] for row in page["sessions"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("name", ["many_numbers.json", "many_rows.csv", "many_paragraphs.docx"])
def test_others_are_served_while_a_hostile_file_is_read(served: Served, name):
    raw = next(raw for filename, raw in hostile_files() if filename == name)
    with served.program(served.person()) as program:  # all in one event loop, as on a server
        sending = threading.Thread(target=at_once, args=(program, [(name, raw)]))
        longest = 0.0
        sending.start()
        while sending.is_alive():
            began = time.monotonic()
            assert program.get("/api/v1/me").status_code == 200
            longest = max(longest, time.monotonic() - began)
    assert longest < STALL


@pytest.mark.parametrize(
    "filename",
    ["../../etc/passwd", "a\x00b.txt", "x" * 300, "<script>.txt", 'a";evil="1.txt', "ü\u202e.txt", ".txt"],
)
def test_a_hostile_file_name_is_only_a_name(served: Served, filename):
    program = served.program(served.person())
    response = program.post("/api/v1/sessions", files={"file": (filename, SMALL)})
    assert response.status_code == 201
    exported = program.get(f"/api/v1/sessions/{response.json()['id']}/export?format=json")
    assert exported.status_code == 409


def at_once(program, uploads: list[tuple[str, bytes]]) -> list:
    """The answers to uploads that are sent at the same time, in any order."""
    answers = []

    def send(upload: tuple[str, bytes]) -> None:
        answers.append(program.post("/api/v1/sessions", files={"file": upload}))

    threads = [threading.Thread(target=send, args=(upload,)) for upload in uploads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_many_uploads_at_once_are_all_kept(served: Served):
    uploads = [(f"{n}.txt", SMALL + f"T: Is it {n}?\nC: It is.\n".encode()) for n in range(24)]
    with served.program(served.person()) as program:  # all in one event loop, as on a server
        answers = at_once(program, uploads)
        assert [answer.status_code for answer in answers] == [201] * 24
        assert len(listed(program)) == 24


def test_the_same_file_sent_many_times_at_once_is_kept_once(served: Served):
    with served.program(served.person()) as program:
        answers = at_once(program, [("a.txt", SMALL)] * 8)
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
