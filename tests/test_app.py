"""The application as a whole: every refusal has the one shape, and pages get pages."""

import re
from collections import defaultdict

import pytest
from starlette.requests import Request

from api.errors import STATUS_OF_CODE, WORDS, error_response, status_of
from nlp.errors import InputError
from tests.served import SMALL, routes_of, serve


@pytest.fixture
def served(settings, cheap_passwords):
    return serve(settings, cheap_passwords)


def is_error(response, status: int, code: str) -> bool:
    error = response.json()["error"]
    shape = set(response.json()) == {"error"} and {"code", "message"} <= set(error) <= {
        "code",
        "message",
        "where",
    }
    return (
        shape and (response.status_code, error["code"]) == (status, code) and error["message"].endswith(".")
    )


def test_every_way_the_api_refuses_has_the_one_shape(served):
    visitor, browser = served.visitor(), served.browser(served.person())
    session_id = browser.post("/api/v1/sessions", files={"file": ("a.txt", SMALL)}).json()["id"]
    session = f"/api/v1/sessions/{session_id}"
    trainee = served.program(served.person("trainee"))
    broken = browser.put(
        f"{session}/roles", content=b"{no json", headers={"content-type": "application/json"}
    )
    refusals = [
        (visitor.get("/api/v1/me"), 401, "sign_in_needed"),
        (visitor.post("/api/v1/sessions", files={"file": ("a", b"x")}), 401, "sign_in_needed"),
        (trainee.post("/api/v1/example"), 403, "forbidden"),
        (browser.get("/api/v1/nothing"), 404, "not_found"),
        (browser.get("/api/v1/sessions/nothing"), 404, "not_found"),
        (browser.get("/api/v1/sessions/%00"), 404, "not_found"),
        (browser.delete("/api/v1/tokens/nothing"), 404, "not_found"),
        (browser.put(session), 405, "method_not_allowed"),
        (browser.patch(session), 422, "invalid"),
        (browser.get(f"{session}/report"), 409, "not_ready"),
        (browser.post(f"{session}/retry"), 409, "wrong_state"),
        (browser.post("/api/v1/tokens", json={"name": "x" * 99_999}), 413, "too_large"),
        (
            browser.post("/api/v1/sessions", files={"file": ("a", bytes(range(256)) * 9)}),
            415,
            "binary",
        ),
        (browser.post("/api/v1/sessions", files={"file": ("a", b"")}), 422, "empty"),
        (browser.get("/api/v1/sessions?limit=many"), 422, "invalid"),
        (browser.put(f"{session}/roles", json={"T": "judge"}), 422, "invalid"),
        (browser.put(f"{session}/roles", json={"T": "client"}), 422, "bad_roles"),
        (browser.put(f"{session}/grants/nobody"), 422, "no_such_user"),
        (browser.get(f"{session}/export?format=pdf"), 422, "invalid"),
        (browser.get(f"{session}/export"), 422, "invalid"),
        (browser.post("/api/v1/tokens", json={"name": ""}), 422, "bad_name"),
        (broken, 422, "invalid"),
    ]
    for response, status, code in refusals:
        assert is_error(response, status, code), (response.status_code, response.text, code)


def test_a_refused_method_names_the_ones_that_are_taken(served):
    assert served.visitor().post("/api/v1/health").headers["allow"] == "GET"


def test_whoever_is_not_signed_in_learns_how_to_be(served):
    assert served.visitor().get("/api/v1/me").headers["www-authenticate"] == "Bearer"


def test_a_validation_error_says_where_but_not_what_was_sent(served):
    browser = served.browser(served.person())
    response = browser.post("/api/v1/tokens", json={"name": {"secret": "words"}, "days": "secret"})
    assert response.json()["error"]["where"].startswith("body.")
    assert "secret" not in response.text


@pytest.mark.parametrize("path", ["/nothing", "/sessions/nothing-like-it", "/static/nothing.css"])
def test_a_person_gets_an_error_page(served, path):
    browser = served.browser(served.person())
    response = browser.get(path, headers={"accept": "text/html,*/*"})
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "<h1" in response.text


def test_a_program_that_asks_for_a_page_gets_json(served):
    response = served.visitor().get("/nothing", headers={"accept": "application/json"})
    assert is_error(response, 404, "not_found")


def test_static_files_cannot_lead_out_of_their_folder(served):
    visitor = served.visitor()
    assert visitor.get("/static/base.css").status_code == 200
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"):
        assert visitor.get(path).status_code == 404


def test_a_head_request_for_every_page_does_not_break(served):
    browser = served.browser(served.person("admin"))
    for route in sorted(routes_of(served.app)):
        method, path = route.split(" ")
        if method == "GET":
            filled = path.format_map(defaultdict(lambda: "x"))
            assert browser.head(filled).status_code < 500
            assert browser.get(filled).status_code < 500
            assert browser.delete(filled).status_code < 500


@pytest.mark.parametrize("database", ["settings", "postgres_settings"])
def test_odd_ids_and_values_break_nothing_on_either_database(request, cheap_passwords, database):
    served = serve(request.getfixturevalue(database), cheap_passwords)
    browser = served.browser(served.person("admin"))
    for odd in ("%00", "%F0%9F%92%A9", "'%22;--", "x" * 3000, "..%2f", "%FF"):
        for route in sorted(routes_of(served.app) - {"POST /account/sign-out-everywhere", "POST /sign-out"}):
            method, path = route.split(" ")
            sent = {"email": "a\x00b", "name": "\x00", "role": "\x00", "person": "\x00", "password": "\x00"}
            body = {"json": sent} if "/api/" in path else {"data": sent}
            params = {"cursor": "\x00", "after": "\x00", "before": "\x00", "next": "\x00"}
            response = browser.request(method, re.sub(r"\{\w+\}", odd, path), params=params, **body)
            assert response.status_code < 500, (route, odd)
    served.parts.store.close()


def test_every_error_code_of_ours_has_a_status_and_the_rest_are_the_senders_to_mend():
    assert all(400 <= status < 600 for status in STATUS_OF_CODE.values())
    assert status_of(InputError("No.", "something_new")) == 422
    assert status_of(InputError("No.", "not_found")) == 404


def test_waiting_times_are_told_in_whole_seconds(served):
    visitor = served.visitor()
    for _ in range(25):
        page = visitor.get("/sign-in").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        data = {"email": "me@example.org", "password": "wrong", "csrf_token": token}
        response = visitor.post("/sign-in", data=data)
        if response.status_code == 429:
            break
    assert response.status_code == 429
    assert response.headers["retry-after"].isdigit()


def test_an_error_message_cannot_carry_markup_into_a_page(served):
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "app": served.app, "state": {}}
    scope |= {"query_string": b"", "server": ("127.0.0.1", 80), "scheme": "http"}
    response = error_response(Request(scope), 422, "bad", "<script>alert(1)</script>")
    assert b"<script>alert" not in response.body
    assert WORDS[404][0] == "not_found"
