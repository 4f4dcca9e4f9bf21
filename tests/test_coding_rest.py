"""Coding over REST and the pages around it: what a coder's program gets, keeps and is refused."""

import pytest

from tests.served import SMALL, serve

NOTHING, CODED = {"state": "nothing"}, {"state": "coded", "codes": [{"code": "denial", "start": 0, "end": 4}]}


@pytest.fixture
def served(settings, cheap_passwords):
    return serve(settings, cheap_passwords)


@pytest.fixture
def lead(served):
    return served.person("researcher", name="Lena Lead")


@pytest.fixture
def coder(served):
    return served.person("tutor", name="Cora Coder")


@pytest.fixture
def project(served, lead, coder):
    """A project of the lead's session and of the example, coded by one."""
    program = served.program(lead)
    session_id = program.post("/api/v1/sessions", files={"file": ("a.txt", SMALL)}).json()["id"]
    new = {"name": "Pilot", "sessions": [session_id], "coders": [coder.id], "example": True}
    answer = program.post("/api/v1/projects", json=new)
    assert answer.status_code == 201, answer.text
    return answer.json()


def first_task(served, coder) -> str:
    tasks = served.program(coder).get("/api/v1/assignments").json()["assignments"]
    return f"/api/v1/assignments/{next(t['id'] for t in tasks if t['turns'] == 4)}"


def put(program, task, *entries):
    sent = [{"turn": turn, "base": 0, "whole" if turn == -1 else "entry": said} for turn, said in entries]
    return program.put(f"{task}/entries", json=sent)


def code_of(response) -> str:
    return response.json()["error"]["code"]


def test_a_project_over_rest_from_making_to_finishing(served, project, lead, coder):
    program, task = served.program(coder), first_task(served, coder)
    assert [len(s["tasks"]) for s in project["sessions"]] == [1, 1]
    opened = program.get(task).json()
    assert opened["transcript"][1]["text"] == "Fine, I guess." and opened["entries"] == []
    assert (opened["resume"], opened["keys"]["denial"]) == (0, "d")
    whole = {
        "episodes": [{"start": 0, "end": 3, "kind": "mixed", "resolved": "no"}],
        "ratings": {"resolution": 3},
    }
    answer = put(program, task, (0, NOTHING), (1, CODED), (2, NOTHING), (-1, whole))
    assert [e["outcome"] for e in answer.json()["entries"]] == ["saved"] * 4
    opened = program.get(task).json()
    assert opened["resume"] == 3
    by_turn = {e["turn"]: e for e in opened["entries"]}
    assert by_turn[1]["entry"]["codes"] == [{"code": "denial", "start": 0, "end": 4, "intensity": 2}]
    assert by_turn[-1]["whole"]["ratings"]["resolution"] == 3
    assert code_of(program.post(f"{task}/first-pass")) == "wrong_state"
    assert code_of(program.post(f"{task}/suggestions")) == "wrong_state"
    put(program, task, (3, NOTHING))
    assert program.post(f"{task}/first-pass").json()["state"] == "first_pass"
    served.work(opened["session_id"])
    assert program.post(f"{task}/suggestions").json() == {"suggestions": []}
    assert program.post(f"{task}/finish").json()["state"] == "finished"
    refused = put(program, task, (3, CODED))
    assert (refused.status_code, code_of(refused)) == (409, "wrong_state")
    seen = served.program(lead).get(f"/api/v1/projects/{project['id']}").json()
    assert ("finished", 4) in [(t["state"], t["judged"]) for s in seen["sessions"] for t in s["tasks"]]


@pytest.mark.parametrize(
    "entries",
    [
        [{"turn": 0, "base": 0}],
        [{"turn": 0, "base": 0, "whole": {}}],
        [{"turn": -1, "base": 0, "entry": NOTHING}],
        [{"turn": "first", "base": 0, "entry": NOTHING}],
        [{"turn": 0, "base": 0, "entry": {"state": "nothing", "comment": ["Zebedee"]}}],
        [{"turn": 0, "base": 0, "entry": {"state": "coded", "codes": ["Zebedee"]}}],
        [{"turn": 0, "base": 0, "entry": NOTHING}] * 201,
        {"Zebedee": 1},
    ],
)
def test_what_is_not_a_list_of_entries_is_refused_without_repeating_it(served, project, coder, entries):
    response = served.program(coder).put(f"{first_task(served, coder)}/entries", json=entries)
    assert response.status_code == 422 and "Zebedee" not in response.text


def test_half_a_character_in_a_comment_breaks_nothing(served, project, coder):
    program, task = served.program(coder), first_task(served, coder)
    body = rb'[{"turn": 0, "base": 0, "entry": {"state": "nothing", "comment": "\ud83d"}}]'
    answer = program.put(f"{task}/entries", content=body, headers={"Content-Type": "application/json"})
    assert [e["outcome"] for e in answer.json()["entries"]] == ["refused"]
    assert program.get(task).status_code == 200


def test_keys_are_ones_own_over_rest(served, coder, lead):
    program = served.program(coder)
    assert program.put("/api/v1/coding-keys", json={"denial": "w"}).json()["keys"]["denial"] == "w"
    assert code_of(program.put("/api/v1/coding-keys", json={"denial": "m"})) == "bad_keys"
    assert program.get("/api/v1/coding-keys").json()["keys"]["denial"] == "w"
    assert served.program(lead).get("/api/v1/coding-keys").json()["keys"]["denial"] == "d"


def test_the_pages_of_a_project_show_each_member_what_is_theirs(served, project, lead, coder):
    page = served.browser(coder).get(f"/projects/{project['id']}").text
    assert "Pilot" in page and "Cora Coder" in page and "Add sessions" not in page
    assert "Yours to code" in page
    listed = served.browser(coder).get("/projects").text
    assert "Pilot" in listed and "Make a project" not in listed
    coding = served.browser(coder).get(
        first_task(served, coder).removeprefix("/api/v1/assignments").join(["/coding", ""])
    )
    assert coding.status_code == 200 and "Fine, I guess." in coding.text
    assert "<script>" not in coding.text and " style=" not in coding.text


def test_a_form_that_cannot_be_used_says_why_and_keeps_what_was_chosen(served, lead, coder):
    browser = served.browser(lead)
    response = browser.post(
        "/projects/new", data={"name": "Pilot", "coder": [coder.id], "overlap_share": "x"}
    )
    assert response.status_code == 422
    assert "Choose at least one session" in response.text
    assert f'value="{coder.id}" checked' in response.text
    assert served.browser(coder).get("/projects/new").status_code == 403


def test_the_lead_adds_sessions_on_the_page(served, project, lead, coder):
    browser = served.browser(lead)
    more = (
        served.program(lead).post("/api/v1/sessions", files={"file": ("b.txt", SMALL + b"T: So?\n")}).json()
    )
    address = f"/projects/{project['id']}"
    assert "Add and share out" in browser.get(address).text
    assert browser.post(f"{address}/sessions", data={"session": [more["id"]]}).status_code == 303
    assert browser.post(f"{address}/sessions", data={}).status_code == 422
    assert served.browser(coder).post(f"{address}/sessions", data={}).status_code == 403
    assert len(served.program(coder).get("/api/v1/assignments").json()["assignments"]) == 3


def test_no_code_and_no_comment_is_in_the_log(served, project, coder, caplog):
    caplog.set_level("DEBUG")
    task = first_task(served, coder)
    put(served.program(coder), task, (1, CODED | {"comment": "Zebedee"}))
    served.program(coder).get(task)
    logged = "".join(record.getMessage() for record in caplog.records if record.name.startswith("suture"))
    assert "/entries" in logged
    assert not any(word in logged for word in ("Zebedee", "denial", task.rpartition("/")[2]))
