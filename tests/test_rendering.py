"""The report as HTML."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from api.rendering import ERROR_TITLES, Frame, error_page, page, report_html
from api.report_view import report_view
from nlp.codebook import load_codebook
from nlp.findings import Rupture
from nlp.repair import ONESELF
from nlp.report import analyse_session
from nlp.transcript import Speaker, Transcript, Turn
from tests.gold_tagger import GoldTagger, written_session

SESSIONS = ["full-02", "w13-26", "w13-22", "w13-35"]


@pytest.fixture(scope="module")
def reports():
    return {s: analyse_session(written_session(s), GoldTagger()) for s in SESSIONS}


class Reading(HTMLParser):
    """The text of each turn as it stands in the page, without what only a screen reader says."""

    def __init__(self, html: str):
        super().__init__()
        self.turns: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self._in_said = False
        self._spans: list[bool] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if tag == "a" else []
        if attrs.get("class") == "said":
            self._in_said, self._spans = True, []
            self.turns.append("")
        elif self._in_said and tag == "span":
            self._spans.append(attrs.get("class") != "words")

    def handle_endtag(self, tag):
        if tag == "p":
            self._in_said = False
        elif self._in_said and tag == "span":
            self._spans.pop()

    def handle_data(self, data):
        if self._in_said and not any(self._spans):
            self.turns[-1] += data


@pytest.mark.parametrize("session", SESSIONS)
def test_every_turn_stands_in_the_page_letter_by_letter(reports, session):
    report = reports[session]
    shown = Reading(report_html(report)).turns
    assert shown == [t.text for t in report.transcript.turns]


@pytest.mark.parametrize("session", SESSIONS)
def test_ids_are_unique_and_every_link_in_the_page_leads_somewhere(reports, session):
    reading = Reading(report_html(reports[session]))
    assert len(reading.ids) == len(set(reading.ids))
    assert {link[1:] for link in reading.links} <= set(reading.ids)


@pytest.mark.parametrize("session", SESSIONS)
def test_every_turn_is_in_exactly_one_passage(reports, session):
    view = report_view(reports[session], load_codebook())
    numbers = [turn.number for passage in view.passages for turn in passage.turns]
    assert numbers == list(range(1, view.turns + 1))
    assert [m.id for p in view.passages for m in p.moments] == [m.id for m in view.moments]


def test_moments_that_overlap_share_a_passage_and_lose_no_turn(reports):
    def rupture(name, first, last):
        return Rupture(name, "mixed", first, last, 3, (first, last), (last + 1,), "repaired", "It was.")

    report = replace(
        reports["w13-26"],
        ruptures=(rupture("r1", 3, 9), rupture("r2", 5, 7), rupture("r3", 9, 11), rupture("r4", 13, 13)),
        suggestions=(),
        summary={},
    )
    view = report_view(report, load_codebook())
    assert [[m.id for m in p.moments] for p in view.passages if p.moments] == [["r1", "r2", "r3"], ["r4"]]
    assert [t.number for p in view.passages for t in p.turns] == list(range(1, view.turns + 1))
    assert "r2" in Reading(report_html(report)).ids


def test_the_file_fetches_nothing_and_its_policy_names_its_own_scripts(reports):
    html = unescape(report_html(reports["w13-26"]))
    assert not re.findall(r"""(?:src|href)=["'](?!\#)|@import|url\((?!\#)""", html)
    assert "default-src 'none'" in html
    assert len(re.findall("'sha256-", html)) == 1 + html.count("<script")
    assert not re.search(r"\sstyle=|\son[a-z]+=", html)


def test_what_a_transcript_says_is_never_markup():
    text = '<script>alert(1)</script> "quoted" & <b>bold</b>'
    turns = (
        Turn(0, "t0", Speaker.THERAPIST, text, name="<i>T</i>"),
        Turn(1, "t1", Speaker.OTHER, text, name="<i>X</i>"),
    )
    report = analyse_session(Transcript("x", turns, title="<img src=x>"), GoldTagger())
    html = report_html(report)
    assert "alert(1)" in html and "<script>alert" not in html and "<i>" not in html and "<img" not in html
    assert Reading(html).turns == [text, text]


def test_the_report_says_what_it_is_not(reports):
    for report in reports.values():
        text = " ".join(report_html(report).split())
        assert "labels by language-model coders, not clinicians" in text
        assert "It assesses no risk" in text


def test_a_session_without_moments_says_so_without_claiming_that_there_were_none(reports):
    quiet = reports["w13-22"]
    assert not quiet.ruptures
    html = report_html(quiet)
    assert "No moment stood out" in html and "does not prove" in html


def test_kinds_are_told_apart_by_a_letter_and_said_aloud(reports):
    html = report_html(reports["full-02"])
    for kind, letter in (("withdrawal", "W"), ("confrontation", "C"), ("repair", "R")):
        assert f'<span class="sigil {kind}" aria-hidden="true">{letter}</span>' in html
        assert re.search(rf'<span class="hidden-text">\[{kind}, (very )?likely: ', html)


def test_a_moment_shows_its_reasons_and_what_the_therapist_did_or_could_say(reports):
    report = reports["full-02"]
    view = report_view(report, load_codebook())
    assert sum(len(s.marks) for m in view.moments for s in m.signs) == len(
        [t for t in report.tags if any(t.turn in r.turns for r in report.ruptures)]
    )
    assert {m.status for m in view.moments if m.did} <= {"repaired", "partly"}
    assert all(m.suggestions for m in view.moments if m.status == "unrepaired")
    shown = sum(len(m.suggestions + m.notes) for m in view.moments)
    assert shown == len([s for s in report.suggestions if not s.done])


def test_a_mark_is_headed_by_how_likely_its_kind_is_and_a_weak_code_is_only_what_it_is_most_like(reports):
    report = reports["w13-26"]
    weak = tuple(replace(tag, score=0.12, turn_score=0.62) for tag in report.tags)
    named, unnamed = (
        unescape(report_html(replace(report, tags=tags))).partition("<body")[2]
        for tags in (report.tags, weak)
    )
    assert "Most like:" in unnamed and "Most like:" not in named
    assert "likely than not, 62\u202f%" in unnamed and "12\u202f%" not in unnamed
    looks = report_view(replace(report, tags=weak), load_codebook()).overview.look_first
    assert looks and all("unclear" in look.title for look in looks)
    assert not re.search(r"mark-name\">[^<]*(slight|clear|strong)", named + unnamed)


def test_a_moment_is_titled_and_quoted_by_its_strongest_mark_and_its_marks_come_by_strength(reports):
    report = reports["full-02"]
    rupture = next(r for r in report.ruptures if len(r.turns) > 1)
    strongest = rupture.turns[-1]
    tags = tuple(
        replace(tag, turn_score=0.99 if tag.turn == strongest else 0.5) if tag.kind != "repair" else tag
        for tag in report.tags
    )
    view = report_view(replace(report, tags=tags), load_codebook())
    moment = next(m for m in view.moments if m.id == rupture.id)
    assert moment.signs[0].first.turn == strongest
    assert moment.first_words[:20].rstrip("…") in moment.signs[0].first.quote
    assert moment.title.startswith(moment.signs[0].first.name.lower())
    scores = [sign.first.turn_score for sign in moment.signs]
    assert scores == sorted(scores, reverse=True)


def test_a_repair_that_answers_no_moment_is_not_marked_because_nothing_would_explain_it(reports):
    report = reports["full-02"]
    lone = replace(report, ruptures=report.ruptures[:1], suggestions=(), summary={})
    view = report_view(lone, load_codebook())
    shown = {t.number - 1 for p in view.passages for t in p.turns for x in t.pieces if "repair" in x.kinds}
    assert shown == {tag.turn for tag in report.tags if tag.turn in report.ruptures[0].repairs}


def test_credited_repairs_come_first_and_every_repair_says_what_came_of_it_or_why_it_reads_so(reports):
    for report in reports.values():
        credits = {(s.rupture, t) for s in report.suggestions if s.done for t in s.turns}
        for moment in report_view(report, load_codebook()).moments:
            credited = [(moment.id, answer.sign.first.turn) in credits for answer in moment.did]
            assert credited == sorted(credited, reverse=True)
            assert all(answer.because for answer in moment.did)


def test_a_note_to_oneself_stands_apart_from_what_could_be_said_to_the_client(reports):
    report = reports["full-02"]
    (note,) = [s.wording for s in report.suggestions if s.to == ONESELF]
    html = unescape(report_html(report))
    said, notes = html.split("<h4>Before the next hour</h4>")
    assert note not in said and note in notes
    assert "Say to yourself, not to the client:" in notes[: notes.index(note)]
    assert "Say to yourself" not in said
    view = report_view(report, load_codebook())
    assert note not in [s.wording for m in view.moments for s in m.suggestions]


def test_a_session_of_many_and_of_very_long_turns_is_laid_out_in_pieces_a_browser_can_skip():
    words = "and then it went on " * 1000
    turns = tuple(
        Turn(i, f"t{i}", (Speaker.THERAPIST, Speaker.CLIENT)[i % 2], words if i == 7 else "Yes, I see.")
        for i in range(1500)
    )
    report = analyse_session(Transcript("x", turns), GoldTagger())
    view = report_view(report, load_codebook())
    assert max(len(p.turns) for p in view.passages) < 60
    assert len(Reading(report_html(report)).turns) == 1500


@pytest.mark.parametrize("status", [*ERROR_TITLES, 418, 502])
def test_every_error_has_a_page_with_a_way_on(status):
    html = error_page(status, frame=Frame())
    assert f"{status}" in html and 'href="/"' in html
    assert "Line 3 has no speaker." in error_page(status, "Line 3 has no speaker.")


def test_a_page_that_lacks_what_it_needs_is_a_bug_and_not_a_blank():
    with pytest.raises(UndefinedError):
        page("sessions.html", Frame())
