"""The pages as a person meets them: a real browser, a real service, a keyboard, a phone, a screen reader's view."""

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from api import links
from api.links import first_run_link
from api.people import SYSTEM
from api.presence import LOADING, READY, WAITS_FOR, shown
from api.rendering import report_html
from api.system_store import fail_analysis
from nlp.report import analyse_session, build_report
from nlp.transcript import Span, Speaker, Transcript, Turn
from tests.gold_tagger import GoldTagger, gold_turns, written_session
from tests.live import CHROMIUM, CHROMIUM_ARGS, live_service
from tests.served import PASSWORD
from tests.transcript_files import docx, plain, teams_vtt

WIDE = {"width": 1400, "height": 1000}
TABLET = {"width": 1000, "height": 800}
PHONE = {"width": 390, "height": 844}
expect.set_options(timeout=40_000)  # of a machine that may be busy with other things
HOUR = "full-02"
WHEN_STILL = """async element => {
  let top, frames = 0;
  while (frames < 5) {
    await new Promise(requestAnimationFrame);
    const now = element.getBoundingClientRect().top;
    frames = now === top ? frames + 1 : 0;
    top = now;
  }
  return top;
}"""


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def live(tmp_path_factory, cheap_passwords):
    with live_service(tmp_path_factory.mktemp("live"), cheap_passwords) as live:
        yield live


@pytest.fixture(scope="module")
def ruth(live):
    return live.served.person(name="Ruth Ekow")


@pytest.fixture(scope="module")
def ada(live):
    return live.served.person("admin", name="Ada Moss")


@pytest.fixture(scope="module")
def hour(live, ruth):
    """The address of a whole session, analysed."""
    return analysed(live, ruth, HOUR)


@pytest.fixture(scope="module")
def excerpt(live, ruth):
    """The address of a short session with both kinds of rupture and repairs, analysed."""
    return analysed(live, ruth, "w12-14")


def analysed(live, user, session: str) -> str:
    browser = live.served.browser(user)
    file = (f"{session}.txt", plain(said(session)))
    path = browser.post("/upload", files={"file": file}).headers["location"]
    for _ in range(300):
        if 'id="transcript"' in browser.get(path).text:
            return live.home + path
        time.sleep(0.2)
    raise AssertionError("the session was never analysed")


@pytest.fixture
def open_page(chromium, live, ruth):
    """Opens pages as Ruth; at the end no page may have logged an error or broken the content policy."""
    contexts, problems = [], []

    def note(problem, refused):
        if not re.search(f"status of ({refused})", problem):
            problems.append(problem)

    def open_(address="", viewport=WIDE, signed_in=True, person=ruth, refused="422", **options):
        context = chromium.new_context(viewport=viewport, base_url=live.home, **options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        if signed_in:
            login = live.served.parts.accounts.sign_in(person.email, PASSWORD, "127.0.0.1")
            context.add_cookies([{"name": "suture_login", "value": login.token, "url": live.home}])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: note(m.text, refused) if m.type == "error" else None)
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not problems


def said(session: str, therapist: str = "Therapist", client: str = "Client") -> list[tuple[str, str]]:
    names = {"therapist": therapist, "client": client}
    return [(names[t["speaker"]], t["text"]) for t in gold_turns(session)]


def in_sight(page, selector: str) -> float:
    """How far below the top of the window the element begins, once it has stayed there for some frames."""
    return page.locator(selector).evaluate(WHEN_STILL)


def expect_place(page, place: str):
    expect(page).to_have_url(re.compile(f"#{place}$"))


def expect_no_place(page):
    expect(page).to_have_url(re.compile("^[^#]*$"))


def test_from_the_first_run_to_an_export(chromium, tmp_path, cheap_passwords):
    with live_service(tmp_path, cheap_passwords) as live:
        page = chromium.new_context(viewport=WIDE, base_url=live.home).new_page()
        page.goto(f"/welcome/{first_run_link(live.served.parts.accounts)}")
        page.get_by_label("Name").fill("Ada Moss")
        page.get_by_label("E-mail").fill("ada@example.org")
        for field in page.locator("input[type=password]").all():
            field.fill(PASSWORD)
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_role("button", name="Read the example session")).to_be_visible()

        page.get_by_role("link", name="Upload a transcript").click()
        files = [
            {"name": "hour.vtt", "mimeType": "text/vtt", "buffer": teams_vtt(said("w13-26"))},
            {
                "name": "notes.docx",
                "mimeType": "application/octet-stream",
                "buffer": docx(said("w13-33", "Alex", "Sam")),
            },
            {"name": "empty.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 nothing"},
        ]
        page.locator("input[type=file]").set_input_files(files)
        lines = page.locator(".upload-line")
        expect(lines).to_have_count(3)
        expect(lines.nth(2)).to_contain_text("PDF")
        expect(lines.nth(2)).to_have_class(re.compile("bad"))
        expect(lines.nth(0).get_by_role("link")).to_have_text("Open the session")
        lines.nth(1).get_by_role("link").click()

        if "/roles" not in page.url:
            page.goto(re.sub(r"[?#].*", "", page.url) + "/roles")
        page.locator("fieldset", has_text="Alex").get_by_label("Therapist").check()
        page.locator("fieldset", has_text="Sam").get_by_label("Client").check()
        page.locator("form button[type=submit]").filter(has_text=re.compile("read")).first.click()
        page.wait_for_selector("#report")

        page.goto("/")
        page.get_by_role("link", name="hour").click()
        page.wait_for_selector("#report")
        expect(page.locator(".clock").first).to_have_text("0:00")
        page.locator(".moment-list a").first.click()
        assert 0 <= in_sight(page, "#r1") < 400
        page.get_by_role("link", name="Strict", exact=True).click()
        expect(page.locator("a[data-strictness=strict]")).to_have_attribute("aria-current", "true")
        page.get_by_role("link", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Web page").click()
        assert "Strictness: strict" in download.value.path().read_text(encoding="utf-8")
        page.context.close()


def test_a_session_being_read_shows_so_and_turns_into_its_report(open_page):
    page = open_page("/")
    page.goto("/upload")
    one = {"name": "one.vtt", "mimeType": "text/vtt", "buffer": teams_vtt(said("w13-35"))}
    page.locator("input[type=file]").set_input_files(one)
    expect(page.locator("[data-says]")).to_be_visible()  # a single file leads straight on
    page.wait_for_selector("#report")


def test_files_can_be_dropped_anywhere_on_the_page(open_page):
    page = open_page("/upload")
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], "dropped.txt"));
          data.items.add(new File([""], "nothing.txt"));
          document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        }""",
        "Therapist: So, how was it?\nClient: I dunno. Fine.\n",
    )
    expect(page.locator(".upload-line").nth(0)).to_contain_text("Open the session")
    expect(page.locator(".upload-line").nth(1)).to_contain_text("This file is empty.")


def test_a_table_that_cannot_be_told_asks_for_its_columns(open_page):
    page = open_page("/upload")
    table = (
        b"session,speaker,text\n1,Therapist,How was it?\n1,Client,Fine.\n2,Therapist,And now?\n2,Client,No.\n"
    )
    page.locator("input[type=file]").set_input_files(
        {"name": "table.csv", "mimeType": "text/csv", "buffer": table}
    )
    line = page.locator(".upload-line")
    expect(line).to_contain_text("several transcripts")
    line.get_by_label("Which transcript").fill("2")
    line.get_by_role("button", name="Try again").click()
    page.wait_for_selector("#report")
    expect(page.locator(".said")).to_have_text(["And now?", "No."])


def test_keys_lead_from_moment_to_moment_and_each_is_said_aloud(open_page, hour):
    page = open_page(hour)
    page.wait_for_selector("html.script")
    seen = []
    for key in ("j", "n", "j", "k", "p"):
        page.keyboard.press(key)
        focused = page.evaluate("document.activeElement.id")
        assert 0 <= in_sight(page, f"#{focused}") < 300
        expect(page.locator("#said")).to_contain_text(f"Moment {focused[1:]}: ")
        expect(page.locator(".moment-list a[aria-current]")).to_have_attribute("href", f"#{focused}")
        seen.append(focused)
    assert seen == ["r1", "r2", "r3", "r2", "r1"]
    page.keyboard.press("k")
    expect(page.locator("#said")).to_have_text("This is the first moment.")


@pytest.mark.parametrize("place", ["r2", "r5", "turn-200"])
def test_an_address_with_a_place_in_it_opens_there(open_page, hour, place):
    page = open_page(f"{hour}#{place}")
    page.wait_for_selector("html.script")
    assert 140 <= in_sight(page, f"#{place}") < 200  # just below the timeline


def test_the_keys_are_shown_when_asked_for_and_do_nothing_while_shown(open_page, hour):
    page = open_page(hour)
    page.wait_for_selector("html.script")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("j")
    assert page.evaluate("location.hash") == ""
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("j")
    assert page.evaluate("location.hash") == "#r1"


def test_another_strictness_keeps_the_place_and_the_way_back(open_page, hour):
    page = open_page(hour)
    page.wait_for_selector("html.script")
    counts = {level: page.locator("#report").get_attribute("data-moments") for level in ["balanced"]}
    page.locator("#turn-140").evaluate("turn => turn.scrollIntoView()")
    before = in_sight(page, "#turn-140")
    page.locator("a[data-strictness=strict]").click()
    expect(page.locator("#said")).to_have_text(re.compile("Strictness strict: [0-9]+ moments"))
    assert abs(in_sight(page, "#turn-140") - before) < 5
    assert page.evaluate("document.activeElement.dataset.strictness") == "strict"
    expect(page).to_have_url(re.compile("strictness=strict"))
    assert int(page.locator("#report").get_attribute("data-moments")) <= int(counts["balanced"])
    page.go_back()
    expect(page.locator("a[data-strictness=balanced]")).to_have_attribute("aria-current", "true")
    assert page.locator("#report").get_attribute("data-moments") == counts["balanced"]


def test_a_filter_hides_a_kind_at_once_and_stays_in_the_address(open_page, hour):
    page = open_page(hour)
    shown = page.locator(".moment-list li.confrontation").count()
    assert shown
    page.get_by_role("checkbox", name="Confrontation").uncheck()
    expect(page.locator(".moment-list li.confrontation").first).to_be_hidden()
    expect(page.locator(".card.confrontation").first).to_be_hidden()
    mark = page.locator("mark.confrontation:not(.withdrawal) .words").first
    assert mark.evaluate("e => getComputedStyle(e).textDecorationLine") == "none"
    assert page.evaluate("location.search") == "?filtered=1&kind=withdrawal&kind=repair"
    page.reload()
    expect(page.get_by_role("checkbox", name="Confrontation")).not_to_be_checked()
    expect(page.locator(".moment-list li.confrontation").first).to_be_hidden()


def test_where_every_moment_is_filtered_away_the_list_says_so_and_the_text_is_plain(open_page, hour):
    page = open_page(hour)
    nothing = page.locator(".nothing-shown")
    expect(nothing).to_be_hidden()
    page.get_by_role("checkbox", name="Withdrawal").uncheck()
    expect(nothing).to_be_hidden()
    mixed = page.locator(".moment-list li.mixed .badge.withdrawal").first
    expect(mixed).to_be_visible()  # a mixed moment keeps both its letters
    page.get_by_role("checkbox", name="Confrontation").uncheck()
    expect(nothing).to_be_visible()
    page.get_by_role("checkbox", name="Repair").uncheck()
    for mark in page.locator("mark").all():
        colour = "e => [getComputedStyle(e).color, getComputedStyle(e.parentElement).color]"
        assert len(set(mark.evaluate(colour))) == 1
        assert mark.evaluate("e => getComputedStyle(e).padding") == "0px"


def test_a_moment_that_another_strictness_leaves_out_is_said_to_be_gone(open_page, live, ruth, excerpt):
    address = excerpt
    browser, path = live.served.browser(ruth), address.removeprefix(live.home)
    ids = {level: shown_moments(browser.get(f"{path}?strictness={level}").text) for level in LEVELS}
    gone = next(m for m in ids["balanced"] if not any(overlap(m, n) for n in ids["strict"]))
    page = open_page(f"{address}#{gone[0]}")
    page.wait_for_selector("html.script")
    page.locator("a[data-strictness=strict]").click()
    sentence = f"Moment {gone[0][1:]} is not shown at this strictness."
    expect(page.locator("#said")).to_have_text(re.compile(re.escape(sentence)))
    expect(page.locator(".strictness-said")).to_have_text(sentence)
    expect_no_place(page)
    kept = next(m for m in ids["balanced"] if any(overlap(m, n) for n in ids["strict"]))
    page.goto(f"{address}#{kept[0]}")
    page.wait_for_selector("html.script")
    page.locator("a[data-strictness=strict]").click()
    expect(page.locator("#said")).to_have_text(re.compile("Strictness strict"))
    expect(page.locator(".strictness-said")).to_be_hidden()
    expect_place(page, "r[0-9]+")


LEVELS = ("balanced", "strict")


def shown_moments(html: str) -> list[tuple[str, int, int]]:
    found = re.findall(r'id="(r\d+)" [^>]*data-turns="(\d+) (\d+)"', html)
    return [(name, int(first), int(last)) for name, first, last in found]


def overlap(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    return one[1] <= other[2] and other[1] <= one[2]


def test_the_timeline_leads_to_moments_by_key_and_to_any_place_by_click(open_page, hour):
    page = open_page(hour)
    page.wait_for_selector("html.script")
    block = page.locator("svg.line a").nth(2)
    block.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "r3"
    box = page.locator("svg.line").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 60)
    expect(page.locator("svg.line .here")).to_have_attribute("visibility", "visible")
    in_sight(page, "#turn-1")
    halfway = page.evaluate(
        "[...document.querySelectorAll('.turn')].find(t => t.getBoundingClientRect().top > 150).value"
    )
    assert 80 < halfway < 220


@pytest.mark.parametrize(
    ("viewport", "colours"),
    [(WIDE, "light"), (WIDE, "dark"), (TABLET, "light"), (PHONE, "light"), (PHONE, "dark")],
    ids=["wide", "wide-dark", "tablet", "phone", "phone-dark"],
)
def test_the_report_has_no_barrier_that_axe_finds(open_page, excerpt, viewport, colours):
    page = open_page(excerpt, viewport, color_scheme=colours)
    page.wait_for_selector("html.script")
    assert_no_barriers(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("path", ["/", "/upload", "/about", "/account", "/tokens"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_other_pages_have_no_barrier_that_axe_finds(open_page, excerpt, path, viewport):
    page = open_page(path, viewport)
    assert_no_barriers(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("part", ["roles", "sharing", "export", "delete"])
def test_the_pages_beside_a_report_have_no_barrier_that_axe_finds(open_page, excerpt, part):
    page = open_page(f"{excerpt}/{part}", PHONE)
    assert_no_barriers(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("path", ["/users", "/audit", "/account"])
def test_an_admins_pages_have_no_barrier_that_axe_finds(open_page, ada, path):
    page = open_page(path, PHONE, person=ada)
    assert_fits_without_barriers(page)


def test_signing_in_and_being_invited_have_no_barrier_that_axe_finds(open_page, live):
    accounts = live.served.parts.accounts
    token = links.invite(accounts, SYSTEM, "new@example.org", "New Person", "tutor")
    page = open_page("/sign-in", PHONE, signed_in=False, refused="401")
    assert_fits_without_barriers(page)
    page.get_by_label("E-mail").fill("nobody@example.org")
    page.get_by_label("Password").fill("not the right one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_fits_without_barriers(page)
    page.goto(f"/invitation/{token}")
    expect(page.get_by_label("Name")).to_have_value("New Person")
    assert_fits_without_barriers(page)


def test_waiting_and_a_failure_have_no_barrier_that_axe_finds(open_page, live, ruth):
    with live.resting:
        file = {"file": ("fails.txt", plain([("Therapist", "And then?"), ("Client", "It failed.")]))}
        path = live.served.browser(ruth).post("/upload", files=file).headers["location"]
        page = open_page(path, PHONE)
        expect(page.locator("[data-waits-for]")).to_contain_text("No worker seems to be running")
        assert_fits_without_barriers(page)
        with shown(live.served.parts.store.engine, "a worker") as say:
            expect(page.locator("[data-waits-for]")).to_have_text(WAITS_FOR[LOADING])
            say(READY)
            expect(page.locator("[data-waits-for]")).to_have_text("")
        fail_analysis(live.served.parts.store, path.rsplit("/", 1)[1], None, "time_limit")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        assert_fits_without_barriers(page)


def test_what_is_refused_has_no_barrier_that_axe_finds(open_page, excerpt):
    page = open_page("/nowhere", PHONE, refused="403|404|422")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_fits_without_barriers(page)
    page.goto("/audit")  # for admins only
    assert_fits_without_barriers(page)
    page.goto(f"{excerpt}?strictness=harsh")
    assert_fits_without_barriers(page)


def test_a_session_is_renamed_without_setting_off_the_keys(open_page, live, ruth):
    page = open_page(analysed(live, ruth, "w12-13"))
    page.wait_for_selector("html.script")
    page.get_by_text("Rename").click()
    field = page.get_by_label("Title")
    assert_no_barriers(page)
    field.fill("")
    field.press_sequentially("jkn? hour")
    assert page.evaluate("location.hash") == ""
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("jkn? hour")


def assert_fits_without_barriers(page):
    assert_no_barriers(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def assert_no_barriers(page):
    results = Axe().run(page)
    assert not results.response["violations"], results.generate_report()


def test_a_note_stands_in_the_margin_beside_its_first_turn_and_never_over_the_text(open_page, hour):
    page = open_page(hour)
    cards = page.locator(".card").all()
    assert len(cards) > 2
    bottom = 0
    for card in cards:
        box = card.bounding_box()
        text = card.locator("xpath=following::p[@class='said'][1]").bounding_box()
        assert box["x"] >= text["x"] + text["width"]
        assert box["y"] >= bottom
        bottom = box["y"] + box["height"]


def test_on_a_phone_a_moment_begins_with_its_heading_and_its_note_opens_from_either_end(open_page, hour):
    page = open_page(hour, PHONE)
    page.wait_for_selector("html.script")
    card = page.locator("#r1 .card")
    body = card.locator(".marks").first
    expect(body).to_be_hidden()
    assert card.get_by_role("heading", level=3).is_visible()
    assert card.bounding_box()["y"] < page.locator("#r1 .turn").first.bounding_box()["y"]
    card.get_by_text("Why, and what could be said").click()
    expect(body).to_be_visible()
    back = page.locator("[data-opens]").first
    moment = back.get_attribute("data-opens")
    back.click()
    expect(page.locator(f'.card[data-moment="{moment}"] .marks').first).to_be_visible()
    assert 0 <= in_sight(page, f"#{moment}") < 100


def test_everything_works_without_scripts(open_page, hour):
    page = open_page(hour, java_script_enabled=False)
    expect(page.locator(".card .marks").first).to_be_visible()
    page.locator(".moment-list a").nth(3).click()
    expect_place(page, "r4")
    expect(page.locator("#r4")).to_be_in_viewport()
    page.get_by_role("checkbox", name="Withdrawal").uncheck()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".card.withdrawal").first).to_be_hidden()
    page.get_by_role("link", name="Sensitive").click()
    assert "strictness=sensitive" in page.url and "filtered=1" in page.url
    page.goto("/upload")
    text = b"Therapist: How was it?\nClient: Without scripts it was slow.\n"
    page.get_by_label("Choose a file").set_input_files(
        {"name": "plain.txt", "mimeType": "text/plain", "buffer": text}
    )
    page.get_by_role("button", name="Upload").click()
    page.wait_for_selector("#report")  # the waiting page asks again by itself


def test_paper_has_the_notes_below_their_turns_everything_open_and_nothing_to_press(open_page, hour):
    page = open_page(hour, {"width": 720, "height": 1000})
    page.emulate_media(media="print")
    for gone in (".site-head", ".filters", ".report-actions", ".strictness"):
        expect(page.locator(gone).first).to_be_hidden()
    card = page.locator("#r1 .card")
    assert card.bounding_box()["y"] > page.locator("#r1 .turn").last.bounding_box()["y"]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("#report details:not([open])").count()


def test_the_exported_file_works_alone(open_page, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(report_html(analyse_session(written_session(HOUR), GoldTagger())), encoding="utf-8")
    page = open_page(file.as_uri(), signed_in=False)
    page.wait_for_selector("html.script")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == "r1"
    page.get_by_role("checkbox", name="Withdrawal").uncheck()
    expect(page.locator(".moment-list li.withdrawal").first).to_be_hidden()


def test_a_very_long_session_stays_quick_to_move_in(open_page, tmp_path):
    gold = gold_turns(HOUR)
    texts = ["and I said to him " * 1000 if i == 40 else gold[i % len(gold)]["text"] for i in range(1500)]
    speakers = [Speaker(gold[i % len(gold)]["speaker"]) for i in range(1500)]
    turns = tuple(
        Turn(i, f"t{i}", speaker, text, sentences=(Span(0, len(text)),))
        for i, (speaker, text) in enumerate(zip(speakers, texts, strict=True))
    )
    transcript, tagger = Transcript("long", turns), GoldTagger()
    file = tmp_path / "long.html"
    report = build_report(transcript, (), tagger.info, tagger.score(transcript))
    file.write_text(report_html(report), encoding="utf-8")
    page = open_page(file.as_uri(), signed_in=False)
    page.wait_for_selector("html.script")
    laid_out = page.evaluate(
        """[...document.querySelectorAll('.plain .said')]
             .filter(e => e.checkVisibility({contentVisibilityAuto: true})).length"""
    )
    assert laid_out < 300  # the rest is left until it is scrolled to
    for moment in ("r1", "r2", "r3"):
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.id") == moment
        assert 0 <= in_sight(page, f"#{moment}") < 300
    last = page.locator(".moment-list a").last
    last.click()
    assert 0 <= in_sight(page, last.get_attribute("href")) < 300
