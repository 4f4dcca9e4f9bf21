"""Coding as coders meet it: a real browser, a real service, the keyboard alone, two at once, a dropped line."""

import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from annotation.assigning import Design
from api.coding.codings import project_codings
from api.coding.entries import WHOLE
from api.coding.overview import my_tasks
from api.coding.projects import NewProject, create_project
from api.coding.work import open_assignment
from api.settings import load_settings
from nlp.reading import read_transcript
from tests.gold_tagger import gold_turns
from tests.live import CHROMIUM, CHROMIUM_ARGS, live_service
from tests.served import PASSWORD, serve
from tests.transcript_files import plain

WIDE = {"width": 1400, "height": 1000}
PHONE = {"width": 390, "height": 844}
expect.set_options(timeout=30_000)  # of a machine that may be busy with other things
ROOT = Path(__file__).resolve().parent.parent
SHORT = [
    ("Therapist", "How was the week?"),
    ("Client", "Fine, I guess. Not that you'd care. \N{PILE OF POO} Anyway."),
    ("Therapist", "You sound fed up with me. That makes sense."),
    ("Client", "I dunno."),
]


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def live(tmp_path_factory, cheap_passwords):
    """A service whose worker rests, as coding needs none."""
    with live_service(tmp_path_factory.mktemp("coding"), cheap_passwords) as live, live.resting:
        yield live


@pytest.fixture(scope="module")
def lead(live):
    return live.served.person("researcher", name="Lena Lead")


@pytest.fixture
def coder(live):
    return live.served.person("supervisor", name="Cora Coder")


@pytest.fixture
def open_page(chromium, live):
    """Opens pages as somebody; at the end no page may have logged an error or broken the content policy."""
    contexts, problems = [], []

    def note(message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            problems.append(message.text)

    def open_(address, person, viewport=WIDE, **options):
        context = chromium.new_context(viewport=viewport, base_url=live.home, **options)
        context.set_default_timeout(30_000)
        contexts.append(context)
        sign_in(context, live.served, live.home, person)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", note)
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not problems


def sign_in(context, served, home, person):
    login = served.parts.accounts.sign_in(person.email, PASSWORD, "127.0.0.1")
    context.add_cookies([{"name": "suture_login", "value": login.token, "url": home}])


def keep(served, owner, rows) -> str:
    """A session of these rows, as its owner uploads it; not read by the tagger."""
    store, raw = served.parts.store, plain(rows)
    return store.create_session(owner, read_transcript(raw, "hour.txt"), raw=raw, title="An hour").session.id


def said(session: str, turns: int | None = None) -> list[tuple[str, str]]:
    return [(t["speaker"].capitalize(), t["text"]) for t in gold_turns(session)[:turns]]


def make_project(served, lead, session_id, *coders) -> str:
    new = NewProject("A project", [session_id], [c.id for c in coders], Design(len(coders)))
    return create_project(served.parts.store, lead, new, "1.1")


def address_of(served, coder) -> str:
    (task,) = my_tasks(served.parts.store, coder)
    return f"/coding/{task.id}"


def kept(served, coder) -> dict:
    """What the store has of a coder's only assignment, by turn."""
    (task,) = my_tasks(served.parts.store, coder)
    return {one.turn: one.said for one in open_assignment(served.parts.store, coder, task.id).saved}


def ready(page, turn: int = 1):
    expect(page.locator("#here")).to_have_text(f"Turn {turn}")
    expect(page.locator("#sync")).to_have_text("saved")


def saved(page):
    expect(page.locator("#sync")).to_have_text("saved")


class Counted:
    """A keyboard that counts what is pressed."""

    def __init__(self, page):
        self.page, self.presses = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1


def test_fifty_turns_by_keyboard_take_two_presses_a_marked_and_one_an_unmarked_turn(
    open_page, live, lead, coder
):
    turns = gold_turns("w12-14")[:50]
    assert len(turns) == 50
    project = make_project(live.served, lead, keep(live.served, lead, said("w12-14", 50)), coder)
    page = open_page(address_of(live.served, coder), coder)
    ready(page)
    keyboard = Counted(page)
    letters = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('button.code')]"
        ".map(b => [b.dataset.code, b.querySelector('kbd').textContent]))"
    )
    for turn in turns[:30]:
        keyboard.press(*(letters[tag["code"]] for tag in turn["tags"][:1]), "Enter")
    saved(page)
    page.reload()  # and goes on where one left off
    ready(page, 31)
    for turn in turns[30:]:
        keyboard.press(*(letters[tag["code"]] for tag in turn["tags"][:1]), "Enter")
    marked = sum(bool(turn["tags"]) for turn in turns)
    assert keyboard.presses == 2 * marked + (50 - marked)
    expect(page.locator("#progress")).to_have_text("50 of 50 turns looked at")
    expect(page.locator("#suggest")).to_be_hidden()
    page.locator("#step").press("Enter")
    expect(page.locator("#step")).to_have_text("Finish")
    expect(page.locator("#suggest")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#step").press("Enter")
    expect(page.locator("#step")).to_be_hidden()
    (coded,) = project_codings(live.served.parts.store, lead, project)
    expected = [(t["index"], t["tags"][0]["code"]) for t in turns if t["tags"]]
    assert [(tag.turn, tag.code) for tag in coded.tags[coder.id]] == expected
    assert {tag.intensity for tag in coded.tags[coder.id]} == {2}
    assert coded.looked_at[coder.id] == frozenset(range(50))


def test_evidence_intensity_links_episodes_ratings_and_undo_by_keyboard(open_page, live, lead, coder):
    make_project(live.served, lead, keep(live.served, lead, SHORT), coder)
    page = open_page(address_of(live.served, coder), coder)
    ready(page)
    keys = page.keyboard
    for key in ["Enter", "b", "t", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "3", "u"]:
        keys.press(key)
    expect(page.locator("#evidence")).to_have_text("I guess.")
    keys.press("q")
    expect(page.locator("#evidence")).to_have_text("Fine, I guess.")
    keys.press("q")
    expect(page.locator("#evidence")).to_have_text("Not that you'd care.")
    keys.press("q")
    expect(page.locator("#evidence")).to_have_text(re.compile("Anyway"))
    keys.press("z")
    keys.press("c")
    keys.type("cares, does she?")
    keys.press("Escape")
    for key in ["Enter", "v", "n", "b", "Enter", "m", "x", "Backspace"]:
        keys.press(key)
    page.locator(".whole summary").click()
    page.locator("#rating-resolution").select_option("2")
    page.get_by_label("Status of turns 2 to 3").select_option("partly")
    saved(page)
    entries = kept(live.served, coder)
    complaint = entries[1].codes[0]
    assert (complaint.code, complaint.intensity, complaint.start) == ("complaint_therapist", 3, 15)
    assert SHORT[1][1][complaint.start : complaint.end] == "Not that you'd care."
    assert (entries[1].unsure, entries[1].comment) == (True, "cares, does she?")
    assert entries[2].answers == (1,)
    assert entries[3].state == "unseen"
    (episode,) = entries[WHOLE].episodes
    assert (episode.start, episode.end, episode.kind, episode.resolved) == (1, 2, "confrontation", "partly")
    assert entries[WHOLE].ratings.given() == {"resolution": 2}
    page.reload()
    ready(page, 4)
    expect(page.locator("#marks-2")).to_contain_text("answers turn 2")


def test_words_are_chosen_with_the_mouse_and_count_in_code_points(open_page, live, lead, coder):
    make_project(live.served, lead, keep(live.served, lead, SHORT), coder)
    page = open_page(address_of(live.served, coder), coder)
    ready(page)
    page.locator("#said-1").click()
    expect(page.locator("#here")).to_have_text("Turn 2")
    page.get_by_role("button", name="Avoidant storytelling").click()
    box = page.locator("#said-1 span", has_text="Anyway.").bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + 6, steps=4)
    page.mouse.up()
    expect(page.locator("#evidence")).to_have_text("Anyway.")
    page.get_by_label("strong").check()
    page.get_by_role("button", name="Next turn").click()
    expect(page.locator("#here")).to_have_text("Turn 3")
    saved(page)
    (on,) = kept(live.served, coder)[1].codes
    assert (SHORT[1][1][on.start : on.end], on.intensity) == ("Anyway.", 3)


def test_the_codebook_is_one_key_away_and_the_keys_can_be_changed(open_page, live, lead, coder):
    make_project(live.served, lead, keep(live.served, lead, SHORT), coder)
    page = open_page(address_of(live.served, coder), coder)
    ready(page)
    for key in ["Enter", "d", "/"]:
        page.keyboard.press(key)
    expect(page.get_by_role("dialog", name="Codebook")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "entry-denial"
    page.keyboard.press("Enter")  # does nothing to the turn
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("textbox", name="Denial").fill("m")
    page.get_by_role("button", name="Keep these keys").click()
    expect(page.get_by_role("alert")).to_contain_text("have the same key")
    page.get_by_role("textbox", name="Denial").fill("w")
    page.get_by_role("button", name="Keep these keys").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    for key in ["ArrowDown", "ArrowDown", "w"]:
        page.keyboard.press(key)
    expect(page.locator("#marks-3")).to_contain_text("Denial")
    saved(page)
    page.reload()
    expect(page.locator("button.code[data-code=denial] kbd")).to_have_text("w")


def test_two_coders_on_one_session_at_once_each_keep_their_own(open_page, live, lead, coder):
    other = live.served.person("tutor", name="Otto Other")
    make_project(live.served, lead, keep(live.served, lead, SHORT), coder, other)
    pages = [open_page(address_of(live.served, person), person) for person in (coder, other)]
    for page in pages:
        ready(page)
    for keys in [("Enter", "Enter"), ("d", "m"), ("Enter", "Enter"), ("v", "Enter"), ("Enter", "m")]:
        for page, key in zip(pages, keys, strict=True):
            page.keyboard.press(key)
    for page in pages:
        saved(page)
        expect(page.locator("body")).not_to_contain_text("tagger:")
    codes = [
        {turn: [on.code for on in entry.codes] for turn, entry in kept(live.served, person).items()}
        for person in (coder, other)
    ]
    assert codes[0] == {0: [], 1: ["denial"], 2: ["validates_position"]}
    assert codes[1] == {0: [], 1: ["minimal_response"], 2: [], 3: ["minimal_response"]}


def test_two_windows_of_one_coder_put_the_later_change_on_top_and_say_so(open_page, live, lead, coder):
    make_project(live.served, lead, keep(live.served, lead, SHORT), coder)
    first, second = (open_page(address_of(live.served, coder), coder) for _ in range(2))
    for page in (first, second):
        ready(page)
    for key in ["ArrowDown", "d"]:
        first.keyboard.press(key)
    saved(first)
    for key in ["ArrowDown", "m"]:
        second.keyboard.press(key)
    expect(second.get_by_role("alert")).to_contain_text("Turn 2 was changed in another window too")
    saved(second)
    assert [on.code for on in kept(live.served, coder)[1].codes] == ["minimal_response"]


def test_a_dropped_connection_loses_nothing_and_keeps_nothing_in_the_browsers_storage(
    open_page, live, lead, coder
):
    make_project(live.served, lead, keep(live.served, lead, SHORT), coder)
    page = open_page(address_of(live.served, coder), coder)
    ready(page)
    page.keyboard.press("Enter")
    saved(page)
    page.context.set_offline(True)
    for key in ["d", "Enter", "v", "c"]:
        page.keyboard.press(key)
    page.keyboard.type("Zebedee")
    page.keyboard.press("Escape")
    expect(page.locator("#sync")).to_have_text("offline, 2 changes waiting")
    expect(page.locator("#sync-said")).to_contain_text("Not saved")
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])") == "[{},{}]"
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    expect(page.locator("#here")).to_have_text("Turn 3")  # it asked, and stayed
    assert asked == ["beforeunload"]
    page.context.set_offline(False)
    saved(page)
    entries = kept(live.served, coder)
    assert [on.code for on in entries[1].codes] == ["denial"]
    assert ([on.code for on in entries[2].codes], entries[2].comment) == (["validates_position"], "Zebedee")


@contextmanager
def separate_server(folder, port: int):
    """The service in a process of its own, killed at the end without a chance to tidy up."""
    command = [sys.executable, "-m", "tests.coding_server", str(folder), str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "listening\n"
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_killed_server_loses_no_coded_turn(chromium, tmp_path, cheap_passwords):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"SUTURE_DATA_DIR": str(tmp_path), "SUTURE_PORT": str(port)}
    served = serve(load_settings(settings), cheap_passwords)
    lead, home = served.person("researcher"), f"http://127.0.0.1:{port}"
    rows = said("w12-14", 12)
    make_project(served, lead, keep(served, lead, rows), lead)
    context = chromium.new_context(base_url=home)
    sign_in(context, served, home, lead)
    page = context.new_page()
    with separate_server(tmp_path, port):
        page.goto(address_of(served, lead))
        ready(page)
        for _ in range(4):
            page.keyboard.press("Enter")
        saved(page)
        for _ in range(4):
            page.keyboard.press("Enter")  # some saved, some on their way, when it is killed
    for _ in range(4):
        page.keyboard.press("Enter")
    expect(page.locator("#sync")).to_contain_text("offline")
    with separate_server(tmp_path, port):
        saved(page)
    context.close()
    assert {turn: entry.state for turn, entry in kept(served, lead).items()} == dict.fromkeys(
        range(12), "nothing"
    )
    served.parts.store.close()


def test_suggestions_are_shown_for_a_second_look_only(open_page, live, lead, coder):
    rows = said("w12-14", 12)
    session_id = keep(live.served, lead, rows)
    make_project(live.served, lead, session_id, coder)
    live.served.work(session_id)
    page = open_page(address_of(live.served, coder), coder)
    ready(page)
    for _ in rows:
        page.keyboard.press("Enter")
    expect(page.locator("#progress")).to_have_text("12 of 12 turns looked at")
    expect(page.locator("#suggest")).to_be_hidden()
    page.locator("#step").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Show the tagger's suggestions").click()
    expect(page.locator(".chip.suggested").first).to_contain_text("tagger:")


def test_in_an_hour_of_three_hundred_turns_a_key_touches_only_the_turns_it_is_about(
    open_page, live, lead, coder
):
    make_project(live.served, lead, keep(live.served, lead, said("full-02")), coder)
    page = open_page(address_of(live.served, coder), coder)
    ready(page)
    touched = page.evaluate(
        """() => {
          const seen = [];
          const observer = new MutationObserver(() => {});
          observer.observe(document.querySelector(".turns"), {subtree: true, childList: true, attributes: true});
          for (const key of ["ArrowDown", "u", "Enter", "q", "ArrowRight", "d", "Enter", "ArrowUp", "z"]) {
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
            seen.push(new Set(observer.takeRecords().map(r => r.target.closest(".turn"))).size);
          }
          return seen;
        }"""
    )
    assert len(touched) == 9 and max(touched) <= 2
    saved(page)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_coding_page_has_no_barrier_that_axe_finds(open_page, live, lead, coder, viewport):
    make_project(live.served, lead, keep(live.served, lead, SHORT), coder)
    page = open_page(address_of(live.served, coder), coder, viewport)
    ready(page)
    for key in ["Enter", "d", "Enter", "v", "n"]:
        page.keyboard.press(key)
    saved(page)
    assert_fits_without_barriers(page, viewport)
    page.keyboard.press("?")
    assert_fits_without_barriers(page, viewport)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert_fits_without_barriers(page, viewport)


def test_a_project_is_made_on_its_page_without_barriers(open_page, live, coder):
    leader = live.served.person("researcher", name="Rosa Leads")
    page = open_page("/projects", leader, PHONE)
    assert_fits_without_barriers(page, PHONE)
    page.get_by_role("link", name="Make a project").click()
    page.get_by_label("Name").fill("Pilot")
    page.get_by_label("The example session (fictional)").check()
    page.locator(f"input[name=coder][value='{coder.id}']").check()
    page.locator(f"input[name=coder][value='{leader.id}']").check()
    assert_fits_without_barriers(page, PHONE)
    page.get_by_label("Coders a session").select_option("2")
    page.get_by_role("button", name="Make the project").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pilot")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert_fits_without_barriers(page, PHONE)
    page.get_by_role("link", name="Example session").click()
    ready(page)


def assert_fits_without_barriers(page, viewport):
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
