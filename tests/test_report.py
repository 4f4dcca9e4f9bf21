"""The report and its JSON, held to docs/report.md."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.report import SCHEMA, SessionReport, analyse_session, build_report, to_json
from nlp.segmentation import split_sentences
from nlp.tagging import TurnScores
from nlp.transcript import Speaker, Transcript, Turn
from tests.gold_tagger import GoldTagger, gold_info, gold_turns, written_session

PROSE = (Path(__file__).parents[1] / "docs" / "report.md").read_text(encoding="utf-8")
CODEBOOK = load_codebook()
SESSIONS = ("full-01", "w1-01", "w6-02")


@cache
def analysed(session: str, strictness: str = "balanced") -> SessionReport:
    return analyse_session(written_session(session), GoldTagger(), strictness=strictness)


def documented(section: str) -> list[str]:
    """The fields in the table under one heading of docs/report.md."""
    text = PROSE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)


def parts(report: dict) -> dict[str, list[dict]]:
    """Every object of the JSON by the heading that documents it."""
    return {
        "report": [report],
        "transcript": [report["transcript"]],
        "transcript.turns": report["transcript"]["turns"],
        "model": [report["model"]],
        "scores": report["scores"],
        "tags": report["tags"],
        "ruptures": report["ruptures"],
        "suggestions": report["suggestions"],
        "summary": [report["summary"]],
    }


@pytest.mark.parametrize("section", parts(to_json(analysed("full-01"))))
def test_every_field_is_documented_and_every_documented_field_is_there_in_that_order(section):
    objects = parts(to_json(analysed("full-01")))[section]
    assert objects
    for found in objects:
        assert list(found) == documented(section)


@pytest.mark.parametrize("field", ["talk_share", "longest_unrepaired", "look_at_first", "timeline"])
def test_the_fields_within_the_summary_are_documented(field):
    value = to_json(analysed("full-01"))["summary"][field]
    (row,) = re.findall(rf"^\| `{field}` \|(.+)\|$", PROSE, flags=re.MULTILINE)
    inner = value[0] if isinstance(value, list) else value
    assert all(f"`{key}`" in row for key in inner)


@pytest.mark.parametrize("session", SESSIONS)
def test_the_json_equals_itself_read_back(session):
    report = to_json(analysed(session))
    assert json.loads(json.dumps(report)) == report
    assert report["schema"] == SCHEMA


@pytest.mark.parametrize("session", SESSIONS)
def test_the_evidence_in_the_json_is_what_its_offsets_say(session):
    report = to_json(analysed(session))
    texts = [t["text"] for t in report["transcript"]["turns"]]
    assert report["tags"]
    for tag in report["tags"]:
        assert tag["evidence"] == texts[tag["turn"]][tag["start"] : tag["end"]]
        assert tag["evidence"] == tag["evidence"].strip() != ""


def test_no_number_has_more_than_four_decimals():
    text = json.dumps(to_json(analysed("full-01")))
    assert not re.search(r"\d\.\d{5}", text)


@pytest.mark.parametrize("session", SESSIONS)
def test_a_perfect_tagger_gives_back_the_gold_tags_and_their_evidence(session):
    gold = [(t["index"], g) for t in gold_turns(session) for g in t.get("tags", ())]
    report = to_json(analysed(session, "sensitive"))
    assert {(t["turn"], t["code"]) for t in report["tags"]} == {(i, g["code"]) for i, g in gold}
    by_place = {(t["turn"], t["code"]): t for t in report["tags"]}
    overlaps = [
        by_place[i, g["code"]]["start"] < g["end"] and g["start"] < by_place[i, g["code"]]["end"]
        for i, g in gold
    ]
    assert sum(overlaps) >= 0.9 * len(overlaps)


@pytest.mark.parametrize("strictness", ["balanced", "strict"])
def test_strategies_that_answer_no_rupture_are_left_out_but_at_sensitive(strictness):
    first, level = analysed("full-01"), {c: 0.0 for c in CODEBOOK.strategies}
    scores = [
        TurnScores(s.turn, repair=0.9, codes=level | {"redirects": 0.9}) if s.repair is not None else s
        for s in first.scores
    ]
    report = build_report(first.transcript, (), first.model, scores, strictness)
    repairs = {t.turn for t in report.tags if t.kind == "repair"}
    assert repairs == {i for r in report.ruptures for i in r.repairs}
    assert report.summary["repair_turns"] == len(repairs)
    everything = build_report(first.transcript, (), first.model, scores, "sensitive")
    assert len({t.turn for t in everything.tags if t.kind == "repair"}) > len(repairs)


def test_scores_are_there_for_every_turn_whatever_the_strictness():
    for strictness in ("sensitive", "balanced", "strict"):
        report = analysed("full-01", strictness)
        assert [s.turn for s in report.scores] == [t.index for t in report.transcript.turns]
        assert report.scores == analysed("full-01").scores


def test_a_stricter_report_never_marks_more():
    counts = [len(analysed("full-01", s).tags) for s in ("sensitive", "balanced", "strict")]
    assert counts == sorted(counts, reverse=True)
    assert counts[2] < counts[1]


def test_a_report_can_be_built_again_from_its_scores_without_the_tagger():
    first = analysed("w1-01")
    again = build_report(first.transcript, (), first.model, first.scores, "balanced")
    assert again == first


def test_an_unknown_strictness_is_refused_with_those_there_are():
    first = analysed("w1-01")
    with pytest.raises(InputError, match="sensitive, balanced, strict") as caught:
        build_report(first.transcript, (), first.model, first.scores, "lenient")
    assert caught.value.code == "bad_strictness"


def test_the_readers_warnings_are_passed_on():
    report = analyse_session(written_session("w1-01"), GoldTagger(), warnings=("line 3: odd",))
    assert to_json(report)["transcript"]["warnings"] == ["line 3: odd"]


def test_progress_is_handed_to_the_tagger():
    seen = []
    analyse_session(
        written_session("w1-01"), GoldTagger(), progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1][0] == seen[-1][1] == len(gold_turns("w1-01"))


def test_scores_that_do_not_fit_the_transcript_are_a_bug_and_not_passed_over():
    first = analysed("w1-01")
    with pytest.raises(ValueError):
        build_report(first.transcript, (), first.model, first.scores[:-1], "balanced")


def test_swapped_roles_mark_nothing_of_the_other_side():
    swapped = {Speaker.THERAPIST: Speaker.CLIENT, Speaker.CLIENT: Speaker.THERAPIST}
    transcript = written_session("w1-06")
    turns = tuple(replace(t, speaker=swapped[t.speaker]) for t in transcript.turns)
    report = analyse_session(replace(transcript, turns=turns), GoldTagger())
    for tag in report.tags:
        assert tag.code in CODEBOOK.codes_for(report.transcript.turns[tag.turn].speaker)


said = st.lists(st.tuples(st.sampled_from(list(Speaker)), st.text(max_size=50)), max_size=10)


@settings(max_examples=60, deadline=None)
@given(said, st.data())
def test_any_scores_on_any_talk_give_a_report_that_json_can_hold(said, data):
    turns = tuple(Turn(i, f"t{i}", speaker, text) for i, (speaker, text) in enumerate(said))
    transcript = split_sentences(Transcript("x", turns))
    probability = st.floats(0, 1)
    scores = []
    for turn in transcript.turns:
        codes = {c: data.draw(probability) for c in CODEBOOK.codes_for(turn.speaker)}
        values = [data.draw(probability) for _ in range(4)]
        sentences = tuple(data.draw(probability) for _ in turn.sentences)
        if turn.speaker is Speaker.CLIENT:
            values[3] = None
        elif turn.speaker is Speaker.THERAPIST:
            values[:3] = [None] * 3
        else:
            values = [None] * 4
        scores.append(TurnScores(turn.index, *values, codes, sentences))
    for strictness in gold_info().thresholds:
        report = build_report(transcript, (), gold_info(), scores, strictness)
        as_json = to_json(report)
        assert json.loads(json.dumps(as_json)) == as_json
        assert all(
            t.turn in {i for r in report.ruptures for i in r.turns} for t in report.tags if t.kind != "repair"
        )
