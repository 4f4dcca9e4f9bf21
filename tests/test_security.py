"""Cookies, forgery, headers, sizes, the log: what keeps one person's sessions from another."""

import logging
import os
import subprocess
import sys
from tempfile import SpooledTemporaryFile
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from api.links import first_run_link
from api.logs import DiscreetFormatter
from api.middleware import CONTENT_SECURITY_POLICY, with_body_limit
from api.security import read_form
from api.settings import load_settings
from tests.served import HOME, PASSWORD, SMALL, routes_of, serve

SECRET = "my father never said he loved me"
FILES = {"file": ("a.txt", SMALL)}


@pytest.fixture
def served(settings, cheap_passwords):
    return serve(settings, cheap_passwords)


@pytest.fixture
def browser(served):
    return served.browser(served.person())


def form_token(response) -> str:
    return response.text.split('name="csrf_token" value="')[1].split('"')[0]


def sign_in(client, email, password=PASSWORD, **fields):
    token = form_token(client.get("/sign-in"))
    return client.post("/sign-in", data={"email": email, "password": password, "csrf_token": token} | fields)


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(served):
    person, client = served.person(), served.visitor()
    response = sign_in(client, person.email)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    cookie = response.headers["set-cookie"].lower()
    assert cookie.startswith("suture_login=")
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie
    assert "secure" not in cookie  # plain http on loopback
    assert client.get("/api/v1/me").json()["id"] == person.id


def test_over_https_cookies_are_secure_and_bound_to_the_host(tmp_path, cheap_passwords):
    environment = {"SUTURE_DATA_DIR": str(tmp_path), "SUTURE_PUBLIC_URL": "https://suture.example.org"}
    served = serve(load_settings(environment), cheap_passwords)
    person = served.person()
    client = TestClient(served.app, base_url="https://suture.example.org", follow_redirects=False)
    page = client.get("/sign-in")
    assert "; secure" in page.headers["set-cookie"].lower()
    assert "max-age" in page.headers["strict-transport-security"]
    response = sign_in(client, person.email)
    assert response.headers["set-cookie"].startswith("__Host-suture_login=")
    assert "secure" in response.headers["set-cookie"].lower()
    assert client.get("/api/v1/me").json()["id"] == person.id


def test_signing_in_again_ends_the_login_before(served):
    person, client = served.person(), served.visitor()
    sign_in(client, person.email)
    before = client.cookies["suture_login"]
    token = form_token(client.get("/account"))
    data = {"email": person.email, "password": PASSWORD, "csrf_token": token}
    assert client.post("/sign-in", data=data).status_code == 303
    old = served.visitor()
    old.cookies.set("suture_login", before)
    assert old.get("/api/v1/me").status_code == 401


def test_signing_out_ends_the_login_on_the_server(served):
    person, client = served.person(), served.visitor()
    sign_in(client, person.email)
    kept = client.cookies["suture_login"]
    token = form_token(client.get("/account"))
    assert client.post("/sign-out", data={"csrf_token": token}).headers["location"] == "/sign-in"
    thief = served.visitor()
    thief.cookies.set("suture_login", kept)
    assert thief.get("/api/v1/me").status_code == 401


def test_a_wrong_password_and_an_unknown_address_look_the_same(served):
    person = served.person()
    wrong = sign_in(served.visitor(), person.email, "wrong horse battery")
    unknown = sign_in(served.visitor(), "nobody@example.org", "wrong horse battery")
    assert wrong.status_code == unknown.status_code == 401
    sentence = "The e-mail address or the password is wrong."
    assert sentence in wrong.text and sentence in unknown.text


def test_guessing_passwords_is_slowed_down(served):
    person, client = served.person(), served.visitor()
    answers = [sign_in(client, person.email, f"wrong horse {n}") for n in range(12)]
    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("asked", "onward"),
    [
        ("/sessions/x", "/sessions/x"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\nb", "/"),
        ("evil", "/"),
    ],
)
def test_signing_in_leads_only_to_our_own_pages(served, asked, onward):
    response = sign_in(served.visitor(), served.person().email, next=asked)
    assert response.headers["location"] == onward


def test_a_page_sends_whoever_is_not_signed_in_to_sign_in_and_back(served):
    response = served.visitor().get("/account", headers={"accept": "text/html"})
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in?next=/account")


def test_a_change_by_cookie_needs_the_token(browser):
    del browser.headers["X-CSRF-Token"]
    response = browser.post("/api/v1/sessions", files=FILES)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "forged")
    browser.headers["X-CSRF-Token"] = "guessed"
    assert browser.post("/api/v1/sessions", files=FILES).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_change_by_cookie_from_elsewhere_is_refused_even_with_the_token(browser, headers):
    assert browser.post("/api/v1/sessions", files=FILES, headers=headers).status_code == 403


def test_our_own_forms_pass_although_their_origin_is_withheld(browser):
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/api/v1/sessions", files=FILES, headers=headers).status_code == 201


def test_one_browsers_token_is_no_good_in_another(served, browser):
    other = served.browser(served.person())
    browser.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
    assert browser.post("/api/v1/sessions", files=FILES).status_code == 403


def test_reading_by_cookie_needs_no_token(browser):
    del browser.headers["X-CSRF-Token"]
    assert browser.get("/api/v1/sessions").status_code == 200


def test_a_program_needs_no_csrf_token_and_its_token_opens_no_page(served):
    program = served.program(served.person())
    assert program.post("/api/v1/sessions", files=FILES).status_code == 201
    assert program.get("/account").status_code == 303


def test_a_wrong_token_is_not_made_good_by_a_cookie(browser):
    browser.headers["Authorization"] = "Bearer sut_wrong"
    assert browser.get("/api/v1/me").status_code == 401


def test_a_sign_in_form_from_elsewhere_is_refused(served):
    person, client = served.person(), served.visitor()
    client.get("/sign-in")
    data = {"email": person.email, "password": PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 403
    assert client.post("/sign-in", data=data | {"csrf_token": "guessed"}).status_code == 403


def test_no_route_takes_form_parameters_that_bypass_the_reader_of_forms(served):
    """Declared form parameters would be read before the guard and spooled to the disk in the clear."""
    for route in served.app.router.routes:
        included = getattr(route, "effective_route_contexts", None)
        for context in included() if included else ():
            field = getattr(getattr(context, "original_route", None), "body_field", None)
            assert field is None or "Form" not in type(field.field_info).__name__, context.path


def test_an_upload_never_touches_the_disk_in_the_clear():
    raw = SMALL * 40_000  # larger than what the framework keeps in memory
    sent = httpx.Request("POST", HOME, files={"file": ("a.txt", raw)})
    headers = [(name.lower(), value) for name, value in sent.headers.raw]
    scope = {"type": "http", "method": "POST", "headers": headers, "path": "/", "state": {}}
    body = [{"type": "http.request", "body": sent.read(), "more_body": False}]

    async def receive():
        return body.pop()

    file = anyio.run(read_form, Request(scope, receive))["file"].file
    assert isinstance(file, SpooledTemporaryFile) and not file._rolled
    assert file.read() == raw


def test_every_response_has_the_security_headers(served, browser):
    visitor = served.visitor()
    responses = [
        visitor.get("/sign-in"),
        visitor.get("/nothing"),
        visitor.get("/static/base.css"),
        visitor.get("/api/v1/health"),
        visitor.post("/api/v1/health"),
        visitor.post("/api/v1/sessions", headers={"content-length": "999999999"}),
        browser.get("/account"),
    ]
    for response in responses:
        assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["cross-origin-opener-policy"] == "same-origin"
        assert response.headers["x-request-id"]
        private = urlsplit(str(response.url)).path.split("/")[1] != "static"
        assert ("no-store" in response.headers["cache-control"]) == private


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline():
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")
    assert "unsafe" not in CONTENT_SECURITY_POLICY and "http" not in CONTENT_SECURITY_POLICY


def test_another_host_name_is_not_answered(served):
    client = TestClient(served.app, base_url="http://evil.example:8000")
    response = client.get("/api/v1/health")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")


def test_a_body_over_the_limit_is_refused_and_nothing_is_kept(tmp_path, cheap_passwords):
    environment = {"SUTURE_DATA_DIR": str(tmp_path), "SUTURE_UPLOAD_MB": "0.1"}
    served = serve(load_settings(environment), cheap_passwords)
    program = served.program(served.person())
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    untold = (b"x" * 50_000 for _ in range(8))  # without a Content-Length
    response = program.post("/api/v1/sessions", content=untold, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
    told = program.post("/api/v1/sessions", files={"file": ("a.txt", SMALL * 2000)})
    assert told.status_code == 413
    assert program.get("/api/v1/sessions").json()["sessions"] == []


def test_a_body_over_the_limit_is_cut_off_while_it_arrives(served):
    taken, sent = 0, []

    async def gather(scope, receive, send):
        nonlocal taken
        while (message := await receive()).get("more_body"):
            taken += len(message["body"])

    async def endless():
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/x", "headers": [], "app": served.app}
    limited = with_body_limit(gather, lambda _: 5000)
    anyio.run(limited, scope | {"query_string": b"", "server": ("h", 1), "scheme": "http"}, endless, send)
    assert taken == 5000
    assert sent[0]["status"] == 413


def test_other_requests_may_be_small_only(served, browser):
    response = browser.post("/api/v1/tokens", json={"name": "x" * 100_000})
    assert response.status_code == 413
    page = served.visitor().post("/sign-in", data={"email": "x" * 100_000}, headers={"accept": "text/html"})
    assert page.status_code == 413
    assert "<html" in page.text


def test_a_bug_tells_neither_the_asker_nor_the_log_what_it_was_about(served, caplog):
    @served.app.get("/api/v1/broken")
    def broken():
        text = SECRET  # a local
        try:
            raise KeyError(text)
        except KeyError as error:
            raise RuntimeError(f"cannot read: {text}") from error

    @served.app.get("/broken")
    def broken_page():
        raise RuntimeError(SECRET)

    with caplog.at_level(logging.INFO):
        response = served.visitor().get(f"/api/v1/broken?q={SECRET}")
        page = served.visitor().get("/broken", headers={"accept": "text/html"})
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal")
    assert page.status_code == 500 and "<html" in page.text
    ours = [record for record in caplog.records if record.name.startswith("suture")]
    log = "\n".join(record.getMessage() for record in ours)
    for said in (response.text, page.text, log):
        assert SECRET not in said and "father" not in said
    assert "builtins.RuntimeError" in log and "builtins.KeyError" in log
    assert "test_security.py" in log and "GET /api/v1/broken" in log
    assert response.headers["x-request-id"] in log
    assert response.headers["x-request-id"] in response.text
    assert not any(record.exc_info for record in ours)


def test_the_access_log_names_routes_and_session_ids_only(served, browser, caplog):
    session_id = browser.post("/api/v1/sessions", files=FILES).json()["id"]
    with caplog.at_level(logging.INFO, "suture.access"):
        browser.get(f"/api/v1/sessions/{session_id}/export?format=json&secret=1")
        browser.get("/welcome/a-one-time-secret")
        browser.get("/a-secret-path?secret=1")
        browser.get("/api/v1/sessions/a%0Asecret")
    log = [record.getMessage() for record in caplog.records]
    assert log[0].startswith(f"GET /api/v1/sessions/{session_id}/export 409")
    assert log[1].startswith("GET /welcome/{token} 404")
    assert log[2].startswith("GET (no such route) 404")
    assert "secret" not in "".join(log)


def test_a_library_that_logs_a_transcript_is_cut_short():
    formatter = DiscreetFormatter("%(name)s %(message)s")
    for name, shown in (("pdfminer.x", False), ("asyncio", False), ("suture.access", True)):
        record = logging.LogRecord(name, logging.ERROR, "f.py", 1, "said %s", (SECRET,), None)
        assert (SECRET in formatter.format(record)) is shown
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        trouble = (type(error), error, error.__traceback__)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "f.py", 1, "failed", (), trouble)
    assert SECRET not in formatter.format(record)
    assert "ValueError" in formatter.format(record)


def test_the_framework_sends_no_telemetry_even_when_the_environment_asks(settings, cheap_passwords):
    program = (
        "from api.app import create_app; from api.settings import load_settings; "
        "app = create_app(load_settings()); print(sorted(app._telemetry.items(), key=str))"
    )
    environment = os.environ | {
        "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
        "SUTURE_DATA_DIR": str(settings.data_dir),
    }
    told = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert told.returncode == 0
    for switch in ("tracing", "metrics", "logs", "auto_configure"):
        assert f"('{switch}', False)" in told.stdout


def test_an_invitation_makes_an_account_once(served):
    admin = served.browser(served.person("admin"))
    page = admin.post(
        "/users/invite", data={"email": "new@example.org", "name": "New Person", "role": "tutor"}
    )
    path = "/invitation/" + page.text.split("/invitation/")[1].split('"')[0].split("<")[0]
    visitor = served.visitor()
    token = form_token(visitor.get(path))
    words = {"password": "long enough phrase", "password_again": "long enough phrase"}
    fields = {"name": "New Person", "csrf_token": token} | words
    differing = visitor.post(path, data=fields | {"password_again": "another phrase"})
    assert differing.status_code == 422 and "differ" in differing.text
    assert visitor.post(path, data=fields).headers["location"] == "/"
    assert visitor.get("/api/v1/me").json()["role"] == "tutor"
    assert served.visitor().get(path).status_code == 404


def test_a_link_for_a_new_password_ends_the_logins_before(served):
    person = served.person()
    before, admin = served.browser(person), served.browser(served.person("admin"))
    page = admin.post(f"/users/{person.id}/reset")
    path = "/new-password/" + page.text.split("/new-password/")[1].split('"')[0].split("<")[0]
    visitor = served.visitor()
    words = {"password": "a new long phrase", "password_again": "a new long phrase"}
    fields = {"csrf_token": form_token(visitor.get(path))} | words
    assert visitor.post(path, data=fields).status_code == 303
    assert before.get("/api/v1/me").status_code == 401
    assert sign_in(served.visitor(), person.email, "a new long phrase").status_code == 303


def test_the_first_run_link_makes_the_first_admin(served):
    path = f"/welcome/{first_run_link(served.parts.accounts)}"
    visitor = served.visitor()
    words = {"password": "long enough phrase", "password_again": "long enough phrase"}
    fields = {"email": "me@example.org", "name": "Me", "csrf_token": form_token(visitor.get(path))} | words
    assert visitor.post(path, data=fields).status_code == 303
    assert visitor.get("/api/v1/me").json()["role"] == "admin"
    assert first_run_link(served.parts.accounts) is None


def test_a_changed_password_ends_other_logins_but_not_this_one(served):
    person = served.person()
    here, elsewhere = served.browser(person), served.browser(person)
    words = {"old": PASSWORD, "password": "a new long phrase", "password_again": "a new long phrase"}
    assert here.post("/account/password", data=words | {"old": "wrong"}).status_code == 422
    assert here.post("/account/password", data=words).status_code == 200
    assert here.get("/api/v1/me").status_code == 200
    assert elsewhere.get("/api/v1/me").status_code == 401


def test_an_admin_changes_roles_and_ends_access(served):
    person, admin_person = served.person(), served.person("admin")
    theirs, admin = served.browser(person), served.browser(admin_person)
    assert admin.post(f"/users/{person.id}/role", data={"role": "tutor"}).status_code == 303
    assert theirs.get("/api/v1/me").json()["role"] == "tutor"
    assert admin.post(f"/users/{person.id}/disable").status_code == 303
    assert theirs.get("/api/v1/me").status_code == 401
    assert admin.post(f"/users/{person.id}/enable").status_code == 303
    last = admin.post(f"/users/{admin_person.id}/disable")
    assert last.status_code == 422 and "last admin" in last.text


def test_a_token_is_shown_once_on_its_page(browser):
    page = browser.post("/tokens", data={"name": "script"})
    assert "sut_" in page.text
    assert "sut_" not in browser.get("/tokens").text
    assert "script" in browser.get("/tokens").text


def test_the_audit_page_shows_who_did_what_by_name(served):
    person = served.person(name="Quiet Reader")
    served.browser(person).get("/api/v1/sessions")
    page = served.browser(served.person("admin")).get("/audit")
    assert "Quiet Reader" in page.text


def test_pages_and_routes_are_all_behind_the_same_headers_and_hosts(served):
    assert len(routes_of(served.app)) > 30
    assert served.visitor().get("/", headers={"host": "evil.example"}).status_code == 400
    assert HOME.endswith(":8000")
