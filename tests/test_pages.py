"""The web pages, asked for over HTTP."""

import csv
import io
import re

import pytest

from api.audit import ACTIONS
from api.wording import AUDIT
from tests.gold_tagger import gold_turns
from tests.served import PASSWORD, SMALL, serve

SURE = (
    b"Therapist: How was the week?\nClient: Fine, I guess.\nTherapist: You sound unsure.\nClient: I dunno.\n"
)


@pytest.fixture
def served(settings, cheap_passwords):
    served = serve(settings, cheap_passwords)
    yield served
    served.parts.store.close()


@pytest.fixture
def supervisor(served):
    return served.person(name="Ruth Ekow")


@pytest.fixture
def browser(served, supervisor):
    return served.browser(supervisor)


def keep(browser, raw: bytes = SURE, name: str = "hour.txt") -> str:
    """Upload by the plain form; the session's address."""
    answer = browser.post("/upload", files={"file": (name, raw)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def written(session: str) -> bytes:
    return "\n".join(f"{t['speaker'].title()}: {t['text']}" for t in gold_turns(session)).encode()


@pytest.fixture
def ready(served, browser):
    """A session with moments, analysed."""
    address = keep(browser, written("w13-26"))
    served.work(address.rsplit("/", 1)[1])
    return address


PAGES = ["/", "/upload", "/account", "/tokens", "/sessions/x", "/sessions/x/export/html"]


@pytest.mark.parametrize("path", PAGES)
def test_who_has_not_signed_in_is_sent_to_do_so(served, path):
    answer = served.visitor().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


def test_everybody_may_read_what_suture_is_and_is_not(served):
    text = served.visitor().get("/about").text
    assert "does not assess risk" in text and "not by clinicians" in text
    for code in served.parts.codebook.codes:
        assert f'id="{code.id}"' in text


def test_an_empty_list_offers_the_example_and_one_click_starts_it(served, browser):
    assert 'action="/example"' in browser.get("/").text
    address = browser.post("/example").headers["location"]
    waiting = browser.get(address).text
    assert "Example session (fictional)" in waiting and 'http-equiv="refresh"' in waiting
    served.work(address.rsplit("/", 1)[1])
    assert 'id="transcript"' in browser.get(address).text


def test_the_list_shows_title_turns_and_state(browser):
    keep(browser)
    text = browser.get("/").text
    assert "hour" in text and "4 turns" in text and "Waiting to be read" in text


def test_a_long_list_is_paged_and_no_session_is_left_out(browser):
    for i in range(27):
        keep(browser, SURE + f"Therapist: Number {i}.\n".encode(), f"hour {i}.txt")
    first = browser.get("/").text
    older = re.search(r'href="(/\?after=[^"]+)" rel="next"', first)[1]
    second = browser.get(older).text
    found = re.findall(r'<a href="/sessions/([0-9a-f-]+)">', first + second)
    assert len(found) == len(set(found)) == 27
    assert 'rel="next"' not in second


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence_and_nothing_is_kept(browser):
    answer = browser.post("/upload", files={"file": ("empty.txt", b"")})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text and 'name="file"' in answer.text
    assert 'action="/example"' in browser.get("/").text


def test_without_scripts_too_a_table_is_asked_about_and_sent_again(browser):
    rows = "7,therapist,How was it?\n7,client,Fine.\n9,therapist,Hello.\n9,client,So.\n"
    files = {"file": ("two.csv", ("transcript_id,interlocutor,utterance_text\n" + rows).encode())}
    assert 'name="column_' not in browser.get("/upload").text
    refused = browser.post("/upload", files=files)
    assert refused.status_code == 422 and "There are 2: 7, 9." in refused.text
    for what in ("speaker", "text", "choose"):
        assert f'name="column_{what}"' in refused.text
    kept = browser.post("/upload", files=files, data={"column_choose": "9", "column_speaker": ""})
    assert kept.status_code == 303
    assert "2 turns" in browser.get("/").text


def test_unclear_roles_are_asked_for_confirmed_and_then_analysed(served, browser):
    address = keep(browser, SMALL.replace(b"T:", b"Alex:").replace(b"C:", b"Sam:"))
    assert browser.get(address).headers["location"] == f"{address}/roles"
    asked = browser.get(f"{address}/roles").text
    assert "Alex" in asked and "How was the week?" in asked and "4" in asked
    answer = browser.post(f"{address}/roles", data={"role-0": "therapist", "role-1": "client"})
    assert answer.headers["location"] == address
    served.work(address.rsplit("/", 1)[1])
    report = browser.get(address).text
    assert re.search(r'class="turn client[^>]*value="2"', report)


def test_a_swap_turns_therapist_and_client_round_and_reads_again(served, browser, ready):
    before = browser.get(ready).text
    browser.post(f"{ready}/roles", data={"swap": "1"})
    assert "Waiting to be read" in browser.get(ready).text
    served.work(ready.rsplit("/", 1)[1])
    first = re.compile(r'class="turn (therapist|client)')
    assert first.search(before)[1] != first.search(browser.get(ready).text)[1]


def test_roles_guessed_from_talk_are_told_on_the_report_with_a_way_to_change_them(served, browser, ready):
    assert 'class="guessed"' not in browser.get(ready).text  # the names say who is who
    raw = written("w13-26").replace(b"Therapist:", b"Alex:").replace(b"Client:", b"Sam:")
    address = keep(browser, raw, "guessed.txt")
    served.work(address.rsplit("/", 1)[1])
    text = browser.get(address).text
    assert "Alex is taken for the therapist and Sam for the client (94\u202f% sure)." in text
    assert f'<a href="{address}/roles">Change who is who</a>' in text
    browser.post(f"{address}/roles", data={"role-0": "therapist", "role-1": "client", "swap": "1"})
    served.work(address.rsplit("/", 1)[1])
    assert 'class="guessed"' not in browser.get(address).text  # a person has said who is who


def test_two_therapists_and_no_client_are_refused_on_the_same_page(browser, ready):
    answer = browser.post(f"{ready}/roles", data={"role-0": "therapist", "role-1": "therapist"})
    assert answer.status_code == 422 and 'role="alert"' in answer.text and "Who is who?" in answer.text


@pytest.mark.parametrize("strictness", ["sensitive", "balanced", "strict"])
def test_strictness_is_in_the_address_and_the_page_shows_it_chosen(browser, ready, strictness):
    text = browser.get(f"{ready}?strictness={strictness}").text
    assert re.search(rf'data-strictness="{strictness}" aria-current="true"', text)
    assert f"export?strictness={strictness}" in text


def test_an_unknown_strictness_is_refused_in_a_sentence(browser, ready):
    answer = browser.get(f"{ready}?strictness=harsh")
    assert answer.status_code == 422 and "sensitive, balanced, strict" in answer.text


def hidden_kinds(html: str) -> list[str]:
    return re.findall(r"hide-(\w+)", re.search(r'<article class="([^"]*)" id="report"', html)[1])


def test_a_filter_in_the_address_hides_kinds_without_a_script(browser, ready):
    assert hidden_kinds(browser.get(ready).text) == []
    chosen = browser.get(f"{ready}?filtered=1&kind=repair&kind=withdrawal").text
    assert hidden_kinds(chosen) == ["confrontation"]
    nothing = browser.get(f"{ready}?filtered=1").text
    assert hidden_kinds(nothing) == ["withdrawal", "confrontation", "repair"]
    assert "strictness=strict&amp;filtered=1&amp;kind=withdrawal&amp;kind=repair" in chosen


@pytest.mark.parametrize("format", ["html", "text", "csv", "json"])
def test_each_export_comes_as_a_file_named_without_the_title(browser, ready, format):
    assert f"/export/{format}?" in browser.get(f"{ready}/export?strictness=strict").text
    answer = browser.get(f"{ready}/export/{format}?strictness=strict")
    assert answer.status_code == 200 and answer.content
    assert answer.headers["content-disposition"].startswith('attachment; filename="suture-')
    assert "hour" not in answer.headers["content-disposition"]


def test_the_spreadsheet_counts_turns_as_the_page_does_with_short_numbers(browser, ready):
    text = browser.get(f"{ready}/export/csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["turn"] for row in rows] == [str(i + 1) for i in range(len(gold_turns("w13-26")))]
    numbers = [row[k] for row in rows for k in ("rupture", "withdrawal", "confrontation", "repair")]
    assert any(numbers) and all(len(n.partition(".")[2]) <= 4 for n in numbers)


def test_a_wrong_password_is_asked_for_again_where_one_types_it(served, supervisor):
    visitor = served.visitor()
    first = visitor.get("/sign-in").text
    assert re.search(r'name="email"[^>]* autofocus', first) and first.count("autofocus") == 1
    token = re.search(r'name="csrf_token" value="([^"]+)"', first)[1]
    form = {"csrf_token": token, "email": supervisor.email, "password": "not the right one"}
    again = visitor.post("/sign-in", data=form).text
    assert re.search(r'name="password"[^>]* autofocus', again) and again.count("autofocus") == 1


def test_an_admin_without_colleagues_is_led_to_invite_some(served):
    admin = served.browser(served.person("admin"))
    assert '<a href="/users">Invite people</a>' in admin.get(f"{keep(admin)}/sharing").text


def test_the_audit_speaks_plainly_and_says_what_was_done_over_and_over_once(served, browser, ready):
    assert set(AUDIT) == ACTIONS
    for _ in range(3):
        browser.get(ready)
    text = served.browser(served.person("admin")).get("/audit").text
    assert "uploaded a session" in text and "session.created" not in text
    assert re.search(r"read a session <span[^>]*>[34] times, first", text)
    session_id = ready.rsplit("/", 1)[1]
    assert f'title="{session_id}">{session_id[:8]}</span>' in text


def test_a_colleague_sees_a_session_only_while_it_is_shared(served, browser, ready):
    colleague = served.person(name="Tom Field")
    theirs = served.browser(colleague)
    assert theirs.get(ready).status_code == 404
    assert "Tom Field" in browser.get(f"{ready}/sharing").text
    browser.post(f"{ready}/sharing", data={"person": colleague.id, "level": "read"})
    page = theirs.get(ready).text
    assert 'id="transcript"' in page and "/delete" not in page and "/sharing" not in page
    assert "shared by Ruth Ekow" in theirs.get("/").text
    assert theirs.post(f"{ready}/delete").status_code == 403
    assert theirs.get(f"{ready}/delete").status_code == 403
    assert "/rename" not in page and theirs.post(f"{ready}/rename", data={"title": "x"}).status_code == 403
    browser.post(f"{ready}/sharing/stop", data={"person": colleague.id})
    assert theirs.get(ready).status_code == 404


def test_a_session_is_renamed_on_its_own_page(browser, ready):
    assert f'action="{ready}/rename"' in browser.get(ready).text
    assert browser.post(f"{ready}/rename", data={"title": "The <ninth> hour"}).headers["location"] == ready
    assert "<h1>The &lt;ninth&gt; hour</h1>" in browser.get(ready).text
    assert browser.post(f"{ready}/rename", data={"title": " "}).status_code == 422
    assert "rename" not in browser.get(f"{ready}/export/html").text.partition("<body")[2]


def test_a_session_that_waits_says_what_for(served, browser):
    waiting = browser.get(keep(browser)).text
    assert "No worker seems to be running" in waiting and "suture worker" in waiting


def test_deleting_asks_first_and_then_leaves_nothing_to_open(browser, ready):
    assert "key they were encrypted with is destroyed" in browser.get(f"{ready}/delete").text
    assert browser.get(ready).status_code == 200
    home = browser.post(f"{ready}/delete").headers["location"]
    assert "The session is deleted" in browser.get(home).text
    assert "The session is deleted" not in browser.get("/").text
    assert browser.get(ready).status_code == 404


def test_a_failed_analysis_says_why_and_can_be_tried_again(served, browser):
    from api.system_store import fail_analysis

    address = keep(browser)
    session_id = address.rsplit("/", 1)[1]
    fail_analysis(served.parts.store, session_id, None, "time_limit")
    text = browser.get(address).text
    assert "The analysis took longer than it may." in text and "The transcript is safe" in text
    assert browser.post(f"{address}/retry").headers["location"] == address
    assert "Waiting to be read" in browser.get(address).text


def test_a_trainee_may_read_what_is_shared_but_is_not_offered_to_upload(served):
    trainee = served.browser(served.person("trainee"))
    home = trainee.get("/").text
    assert "No session has been shared with you yet" in home and "Upload a transcript" not in home
    assert 'href="/upload"' not in home and "Give Suture" not in home
    assert trainee.get("/upload").status_code == 403


def test_a_form_without_its_token_changes_nothing(served, supervisor, ready):
    forged = served.browser(supervisor)
    del forged.headers["X-CSRF-Token"]
    assert forged.post(f"{ready}/delete").status_code == 403
    assert forged.get(ready).status_code == 200


def test_no_page_carries_inline_style_or_script(served, browser, ready):
    admin = served.browser(served.person("admin"))
    addresses = ["/", "/upload", "/about", "/account", "/tokens", ready]
    addresses += [f"{ready}/{part}" for part in ("roles", "sharing", "export", "delete")]
    pages = [browser.get(a).text for a in addresses] + [admin.get(a).text for a in ("/users", "/audit")]
    for text in pages:
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*src=)|javascript:", text)
        assert len(re.findall("<h1", text)) == 1


def test_invitation_new_password_and_first_run_share_one_calm_form(served):
    from api import links
    from api.people import SYSTEM

    token = links.invite(served.parts.accounts, SYSTEM, "new@example.org", "New Person", "tutor")
    text = served.visitor().get(f"/invitation/{token}").text
    assert "invited as a tutor" in text and "new@example.org" in text
    visitor = served.visitor()
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get(f"/invitation/{token}").text)[1]
    form = {"csrf_token": csrf, "name": "New Person", "password": PASSWORD, "password_again": PASSWORD}
    answer = visitor.post(f"/invitation/{token}", data=form)
    assert answer.status_code == 303
    assert "New Person" in visitor.get("/").text
