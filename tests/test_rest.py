"""The REST API: uploading, waiting, reading, sharing, exporting, deleting; and how it says no."""

import json

import pytest

from api.exporting import EXPORTS
from tests.served import ROLES, SMALL, routes_of, serve

UNCLEAR = b"Anna: Hello there.\nBen: Hello.\nAnna: Nice day.\nBen: It is.\n"


@pytest.fixture
def served(settings, cheap_passwords):
    return serve(settings, cheap_passwords)


@pytest.fixture
def owner(served):
    return served.person(name="The Owner")


@pytest.fixture
def program(served, owner):
    return served.program(owner)


def send(client, raw=SMALL, filename="a.txt", **fields):
    return client.post("/api/v1/sessions", files={"file": (filename, raw)}, data=fields)


def ready_session(served, client) -> str:
    session_id = send(client).json()["id"]
    served.work(session_id)
    return session_id


def code_of(response) -> str:
    return response.json()["error"]["code"]


def test_an_upload_is_kept_and_queued(program):
    response = send(program, title="Week 3")
    body = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == f"/api/v1/sessions/{body['id']}"
    assert (body["title"], body["status"], body["turns"]) == ("Week 3", "queued", 4)
    assert body["roles"] == ROLES
    assert body["access"] == "own"


def test_the_same_bytes_again_give_the_same_session(program):
    first, second = send(program), send(program, filename="other.txt")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_the_same_bytes_from_another_person_are_another_session(served, program):
    other = send(served.program(served.person()))
    assert other.status_code == 201
    assert other.json()["id"] != send(program).json()["id"]


def test_roles_given_with_the_upload_are_taken_and_analysed_at_once(program):
    roles = {"Anna": "client", "Ben": "therapist"}
    body = send(program, UNCLEAR, roles=json.dumps(roles)).json()
    assert body["status"] == "queued"
    assert body["roles"] == roles


def test_unclear_roles_wait_for_a_person(program):
    body = send(program, UNCLEAR).json()
    assert body["status"] == "needs_roles"
    response = program.get(f"/api/v1/sessions/{body['id']}/report")
    assert (response.status_code, code_of(response)) == (409, "not_ready")
    roles = {"Anna": "therapist", "Ben": "client"}
    confirmed = program.put(f"/api/v1/sessions/{body['id']}/roles", json=roles)
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "queued")


def test_swapped_roles_are_analysed_anew(served, program):
    session_id = ready_session(served, program)
    swapped = {"T": "client", "C": "therapist"}
    assert program.put(f"/api/v1/sessions/{session_id}/roles", json=swapped).json()["status"] == "queued"
    assert program.get(f"/api/v1/sessions/{session_id}/report").status_code == 409
    served.work(session_id)
    turns = program.get(f"/api/v1/sessions/{session_id}/report").json()["transcript"]["turns"]
    assert [turn["speaker"] for turn in turns] == ["client", "therapist", "client", "therapist"]


def test_the_same_roles_again_change_nothing(served, program):
    session_id = ready_session(served, program)
    assert program.put(f"/api/v1/sessions/{session_id}/roles", json=ROLES).json()["status"] == "ready"


@pytest.mark.parametrize(
    "roles",
    [{"T": "therapist", "C": "therapist"}, {"T": "judge"}, {"Nobody": "client"}, {"T": "client"}],
)
def test_roles_that_do_not_fit_are_refused(program, roles):
    session_id = send(program).json()["id"]
    response = program.put(f"/api/v1/sessions/{session_id}/roles", json=roles)
    assert response.status_code == 422
    assert response.json()["error"]["message"]


def test_columns_say_how_a_table_is_read(program):
    table = b"a,b\nT,How are you?\nC,Fine.\nT,And your week?\nC,Long.\n"
    columns = json.dumps({"speaker": "a", "text": "b"})
    assert send(program, table, "t.csv", columns=columns).json()["turns"] == 4


@pytest.mark.parametrize("field", ["roles", "columns"])
@pytest.mark.parametrize("value", ["no json", "[1]", '{"T": 3}', "[" * 50_000])
def test_fields_that_are_no_json_object_are_refused(program, field, value):
    response = send(program, **{field: value})
    assert (response.status_code, code_of(response)) == (422, f"bad_{field}")


def test_a_report_has_the_same_transcript_and_its_strictness(served, program):
    session_id = ready_session(served, program)
    for strictness in ("sensitive", "balanced", "strict"):
        report = program.get(
            f"/api/v1/sessions/{session_id}/report", params={"strictness": strictness}
        ).json()
        assert report["schema"] == "suture.report/1"
        assert report["strictness"] == strictness
        assert [t["text"] for t in report["transcript"]["turns"]][1] == "Fine, I guess."
    response = program.get(f"/api/v1/sessions/{session_id}/report?strictness=harsh")
    assert (response.status_code, code_of(response)) == (422, "invalid")
    assert response.json()["error"]["where"] == "query.strictness"


@pytest.mark.parametrize("format", EXPORTS)
def test_every_export_is_a_file_with_the_session_in_it(served, program, format):
    session_id = ready_session(served, program)
    response = program.get(f"/api/v1/sessions/{session_id}/export", params={"format": format})
    assert response.status_code == 200
    assert response.headers["content-type"] == EXPORTS[format]
    assert response.headers["content-disposition"].startswith(f'attachment; filename="suture-{session_id}')
    assert ("4 turns" if format == "text" else "How was the week?") in response.text


def test_an_exported_report_is_the_report(served, program):
    session_id = ready_session(served, program)
    exported = program.get(f"/api/v1/sessions/{session_id}/export?format=json")
    assert exported.text == program.get(f"/api/v1/sessions/{session_id}/report").text


def test_the_list_is_paged_and_complete(program):
    sent = [
        send(program, SMALL + f"T: And {number}?\nC: Yes.\n".encode()).json()["id"] for number in range(5)
    ]
    listed, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = program.get("/api/v1/sessions", params=params).json()
        listed += [row["id"] for row in page["sessions"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert listed == sent[::-1]


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 1000}, {"limit": "x"}, {"cursor": "nonsense"}])
def test_a_senseless_page_is_refused(program, params):
    assert program.get("/api/v1/sessions", params=params).status_code == 422


def test_a_grant_lets_another_read_until_it_is_taken_back(served, owner, program):
    reader = served.person("trainee", name="Reader")
    reading = served.program(reader)
    session_id = ready_session(served, program)
    address = f"/api/v1/sessions/{session_id}"
    assert reading.get(address).status_code == 404
    assert program.put(f"{address}/grants/{reader.id}").status_code == 204
    assert program.get(f"{address}/grants").json()["grants"][0]["name"] == "Reader"
    assert reading.get(f"{address}/report").status_code == 200
    assert [row["access"] for row in reading.get("/api/v1/sessions").json()["sessions"]] == ["read"]
    assert program.delete(f"{address}/grants/{reader.id}").status_code == 204
    assert reading.get(f"{address}/report").status_code == 404


def test_people_one_can_share_with_are_listed_without_their_addresses(served, program):
    served.person("trainee", name="Reader")
    people = program.get("/api/v1/people").json()["people"]
    assert [(p["name"], set(p)) for p in people] == [("Reader", {"id", "name", "role"})]


def test_what_is_not_there_and_what_is_not_yours_look_the_same(served, program):
    session_id = send(program).json()["id"]
    stranger = served.program(served.person("admin"))
    for path in ("", "/status", "/report", "/export?format=json", "/grants"):
        hidden = stranger.get(f"/api/v1/sessions/{session_id}{path}")
        absent = stranger.get(f"/api/v1/sessions/00000000-0000-4000-8000-000000000000{path}")
        assert (hidden.status_code, hidden.json()) == (404, absent.json())


def test_a_deleted_session_is_gone_and_can_be_uploaded_again(served, program):
    session_id = ready_session(served, program)
    assert program.delete(f"/api/v1/sessions/{session_id}").status_code == 204
    assert program.get(f"/api/v1/sessions/{session_id}/report").status_code == 404
    assert program.get("/api/v1/sessions").json()["sessions"] == []
    assert send(program).status_code == 201


def test_only_a_failed_analysis_is_tried_again(served, program):
    from api.system_store import fail_analysis, start_analysis

    session_id = send(program).json()["id"]
    retry = f"/api/v1/sessions/{session_id}/retry"
    assert (program.post(retry).status_code, code_of(program.post(retry))) == (409, "wrong_state")
    work = start_analysis(served.parts.store, session_id)
    fail_analysis(served.parts.store, session_id, work.roles_version, "tagger_error")
    status = program.get(f"/api/v1/sessions/{session_id}/status").json()
    assert status["status"] == "failed" and status["failure"].endswith(".")
    assert program.post(retry).json()["status"] == "queued"


def test_the_example_starts_once_and_says_that_it_is_fictional(program):
    first, second = program.post("/api/v1/example"), program.post("/api/v1/example")
    assert (first.status_code, second.status_code) == (201, 200)
    assert "fictional" in first.json()["title"]
    assert first.json()["turns"] > 200
    assert first.json()["status"] == "queued"


def test_a_token_works_until_it_is_revoked(served, program):
    made = program.post("/api/v1/tokens", json={"name": "script", "days": 3})
    assert made.status_code == 201
    script = served.visitor()
    script.headers["Authorization"] = f"Bearer {made.json()['token']}"
    assert script.get("/api/v1/me").json()["role"] == "supervisor"
    listed = program.get("/api/v1/tokens").json()["tokens"]
    assert "script" in [token["name"] for token in listed]
    assert not any("token" in token for token in listed)
    assert program.delete(f"/api/v1/tokens/{made.json()['id']}").status_code == 204
    assert script.get("/api/v1/me").status_code == 401


def test_health_needs_no_sign_in_and_tells_nothing(served):
    response = served.visitor().get("/api/v1/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("raw", "filename", "status"),
    [(b"", "a.txt", 422), (bytes(range(256)) * 20, "a.bin", 415), (b"just prose. " * 30, "a.txt", 422)],
)
def test_an_unreadable_file_is_refused_and_nothing_is_kept(program, raw, filename, status):
    response = send(program, raw, filename)
    assert response.status_code == status
    assert len(response.json()["error"]["message"]) > 20
    assert program.get("/api/v1/sessions").json()["sessions"] == []


def test_a_request_without_a_file_is_refused(program):
    for request in ({}, {"data": {"file": "text"}}, {"json": {"file": "text"}}, {"content": b"text"}):
        response = program.post("/api/v1/sessions", **request)
        assert (response.status_code, code_of(response)) == (422, "invalid")


def test_broken_multipart_is_refused(program):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"garbage", b"--x\r\n\r\nfoo\r\n--x--", b"--x\r\nContent-Disposition: form-data\r\n\r\n"):
        response = program.post("/api/v1/sessions", content=body, headers=headers)
        assert response.status_code in (400, 422)
        assert set(response.json()) == {"error"}
    no_boundary = {"Content-Type": "multipart/form-data"}
    assert program.post("/api/v1/sessions", content=b"x", headers=no_boundary).status_code == 400


def test_every_operation_says_what_it_does_and_how_it_refuses(served):
    document = served.visitor().get("/api/v1/openapi.json").json()
    documented = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            documented.add(f"{method.upper()} {path}")
            assert operation["summary"] and operation["description"] and operation["tags"]
            for status, response in operation["responses"].items():
                if status >= "4":
                    assert response["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorBody")
                    assert response["content"]["application/json"]["example"]["error"]["code"]
    routes = {r for r in routes_of(served.app) if "/api/" in r}
    assert documented == routes - {"GET /api/v1/openapi.json"}


def test_the_error_examples_are_what_is_sent(served, program):
    document = served.visitor().get("/api/v1/openapi.json").json()
    answers = document["paths"]["/api/v1/sessions/{session_id}"]["get"]["responses"]
    refused = served.visitor().get("/api/v1/sessions/x")
    assert answers["401"]["content"]["application/json"]["example"] == refused.json()


def test_a_session_is_renamed(served, program, owner):
    session_id = send(program, title="Week 3").json()["id"]
    address = f"/api/v1/sessions/{session_id}"
    renamed = program.patch(address, json={"title": "Week 4"})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Week 4")
    assert program.get(address).json()["title"] == "Week 4"
    for body, code in (({"title": ""}, "bad_title"), ({}, "invalid"), ({"title": 4}, "invalid")):
        refused = program.patch(address, json=body)
        assert (refused.status_code, code_of(refused)) == (422, code)


def test_whoever_waits_is_told_what_for(program):
    session_id = send(program).json()["id"]
    status = program.get(f"/api/v1/sessions/{session_id}/status").json()
    assert status["status"] == "queued" and "suture worker" in status["waits_for"]


def test_a_table_is_refused_by_a_code_that_tells_what_to_send_with_it_and_then_taken(program):
    rows = b"7,therapist,How was it?\n7,client,Fine.\n9,therapist,Hello.\n9,client,So.\n"
    several = b"transcript_id,interlocutor,utterance_text\n" + rows
    refused = send(program, several, "two.csv")
    assert (refused.status_code, code_of(refused)) == (422, "several_transcripts")
    chosen = send(program, several, "two.csv", columns=json.dumps({"choose": "9"}))
    assert (chosen.status_code, chosen.json()["turns"]) == (201, 2)
    odd = several.replace(b"interlocutor,utterance_text", b"a,b")
    refused = send(program, odd, "odd.csv", columns=json.dumps({"speaker": "c"}))
    assert (refused.status_code, code_of(refused)) == (422, "columns")
    columns = {"speaker": "a", "text": "b", "transcript": "1", "choose": "7"}
    assert send(program, odd, "odd.csv", columns=json.dumps(columns)).json()["turns"] == 2
    told = program.get("/api/v1/openapi.json").text
    assert "several_transcripts" in told
