"""A report as text, with colour and without."""

import io
import re
from dataclasses import replace
from functools import cache

import pytest
from rich.console import Console

from api.terminal import print_report, report_text, safe
from nlp.repair import ONESELF
from nlp.report import SessionReport, analyse_session
from nlp.transcript import Turn
from tests.gold_tagger import GoldTagger, written_session

ESCAPES = re.compile("\x1b\\[[0-9;]*m")


@cache
def analysed(session: str) -> SessionReport:
    return analyse_session(written_session(session), GoldTagger())


def on_a_terminal(report: SessionReport, **options) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, color_system="truecolor", **options)
    print_report(report, console)
    return out.getvalue()


def run_together(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("session", ["full-01", "w1-06", "w6-02"])
def test_plain_text_holds_every_finding_and_no_escape(session):
    report, text = analysed(session), report_text(analysed(session))
    flat = run_together(text)
    assert "\x1b" not in text
    for tag in report.tags:
        evidence = report.transcript.turns[tag.turn].text[tag.evidence.start : tag.evidence.end]
        assert run_together(evidence) in flat.replace("«", "").replace("»", "")
    for rupture in report.ruptures:
        assert f"{rupture.id}: {rupture.kind}" in flat
        assert run_together(rupture.because) in flat
    for suggestion in report.suggestions:
        assert run_together(suggestion.wording) in flat
        assert run_together(suggestion.source) in flat
    for tag in report.tags:
        if tag.kind != "repair":
            assert run_together(tag.why) in flat
            assert run_together(tag.against) in flat
    assert all(run_together(notice) in flat for notice in report.summary["notices"])


def test_without_colour_the_evidence_stands_in_marks():
    text = run_together(report_text(analysed("w1-06")))
    assert "«So move the sessions.»" in text
    assert re.search(r"42 C C «So move", text)


def test_on_a_terminal_the_evidence_is_coloured_and_underlined():
    text = on_a_terminal(analysed("w1-06"))
    assert re.search("\x1b\\[1;4;35mSo move the sessions\\.", text)
    assert "«" not in text


def test_no_color_is_respected_and_the_marks_come_back():
    text = on_a_terminal(analysed("w1-06"), no_color=True)
    colours = [c for c in ESCAPES.findall(text) if re.search(r"\b(3[0-7]|9[0-7]|38|4[0-7])\b", c)]
    assert colours == []
    assert "«So move the sessions.»" in ESCAPES.sub("", text)


def test_turns_are_counted_from_one_as_on_the_pages():
    report = analysed("w1-06")
    first = report.ruptures[0]
    assert f"turns {first.first_turn + 1} to {first.last_turn + 1}," in report_text(report)


def test_a_code_that_is_not_named_stands_as_its_kind_with_the_turns_score_and_the_surest_mark_first():
    report = analysed("w1-06")
    first, second, *others = [t for t in report.tags if t.turn in report.ruptures[0].turns]
    tags = (
        replace(first, code="denial", kind="withdrawal", score=0.2, turn_score=0.41),
        replace(second, code="denial", kind="withdrawal", score=0.3, turn_score=0.63),
        *(replace(t, score=0.1, turn_score=0.1) for t in others),
    )
    text = run_together(report_text(replace(report, tags=tags)))
    assert "(withdrawal, kind unclear 41 %)" in text and "(Denial 30 %)" in text
    sure = text.index(f"Turn {second.turn + 1}: withdrawal 63 %: Denial 30 %")
    assert sure < text.index(f"Turn {first.turn + 1}: withdrawal 41 %: kind unclear, most like denial")


def test_what_the_therapist_did_is_told_from_what_one_could_do():
    text = report_text(analysed("full-01"))
    assert "What the therapist did: Acknowledges own contribution" in text
    assert "In the session, one could:" in text


def test_a_note_to_oneself_is_not_shown_as_words_for_the_client():
    report = analysed("w1-06")
    (note,) = {s.wording: s for s in report.suggestions if s.to == ONESELF}.values()
    text = report_text(report)
    head = text[: text.index(note.wording.split()[0] + " " + note.wording.split()[1])].splitlines()[-2]
    assert head.strip().startswith("Say to yourself, not to the client:")
    assert text.count("Say to yourself") == 1


def test_a_transcript_cannot_command_the_terminal():
    transcript = written_session("w1-06")
    evil = "\x1b]0;owned\x07\x1b[2J\u202etext [bold]x[/bold]\r\n"
    turns = tuple(replace(t, text=evil + t.text, name="\x1b[31mEve") for t in transcript.turns)
    report = analyse_session(replace(transcript, turns=turns, title=evil), GoldTagger(), warnings=(evil,))
    report = replace(report, tags=analysed("w1-06").tags)
    plain, coloured = report_text(report), ESCAPES.sub("", on_a_terminal(report))
    for text in (plain, coloured):
        assert not set("\x1b\x07\r\u202e") & set(text)
    assert "[bold]x[/bold]" in plain


def test_making_text_safe_moves_no_character():
    text = "a\x1bb\nc\td\u202ee"
    assert len(safe(text)) == len(text)
    assert safe("Plain “text” [laughs] 3 %.") == "Plain “text” [laughs] 3 %."


def test_a_session_without_marks_is_still_a_report():
    quiet = Turn(0, "t0", analysed("w1-06").transcript.turns[0].speaker, "Good morning.")
    transcript = replace(written_session("w1-06"), turns=(quiet,))
    text = report_text(analyse_session(transcript, GoldTagger()))
    assert "No rupture was found" in text
    assert "Risk is not assessed" in text
