"""Coded moments opened beside a turn: over HTTP and on the page."""

from dataclasses import replace

import pytest

from annotation.moments import read_moments
from api.system_store import save_analysis, start_analysis
from nlp.segmentation import split_sentences
from nlp.tagging import SimilarMoment
from tests.gold_tagger import GoldTagger, gold_turns, written_session
from tests.served import serve

SIMILAR = (
    SimilarMoment("w1-01", 15, ("rejects_intervention",), 0.91),
    SimilarMoment("pair-1-0", 3, (), 0.85),
    SimilarMoment("gone-01", 2, ("denial",), 0.8),  # of a corpus that is not installed
)
MARKED = next(t["index"] for t in gold_turns("w1-05") if t["speaker"] == "client" and t["tags"])


@pytest.fixture
def served(settings, cheap_passwords):
    return serve(settings, cheap_passwords)


@pytest.fixture
def owner(served):
    return served.person(name="The Owner")


@pytest.fixture
def hour(served, owner):
    """A session whose first marked client turn resembles coded moments."""
    rows = "\n".join(f"{t.speaker.title()}: {t.text}" for t in written_session("w1-05").turns)
    answer = served.program(owner).post("/api/v1/sessions", files={"file": ("a.txt", rows.encode())})
    session_id = answer.json()["id"]
    work = start_analysis(served.parts.store, session_id)
    transcript = split_sentences(work.reading.transcript)
    scores = [replace(s, similar=SIMILAR) if s.turn == MARKED else s for s in GoldTagger().score(transcript)]
    assert save_analysis(
        served.parts.store, session_id, work.roles_version, transcript, GoldTagger().info, scores
    )
    return session_id


def test_a_moment_is_read_with_what_stands_around_it_and_who_coded_it():
    moment = read_moments([("w1-01", 15)])["w1-01", 15]
    assert [t.index for t in moment.turns] == [12, 13, 14, 15, 16]
    assert "writer" in moment.codes["rejects_intervention"]


def test_the_look_alike_of_a_pair_is_read_without_codes():
    moment = read_moments([("pair-1-0", 3)])["pair-1-0", 3]
    assert moment.codes == {} and moment.turns[-1].text == "Not really."


def test_programs_get_the_coded_moments_that_are_there(served, owner, hour):
    found = served.program(owner).get(f"/api/v1/sessions/{hour}/turns/{MARKED}/similar").json()
    assert [m["likeness"] for m in found["similar"]] == [0.91, 0.85]
    assert found["similar"][0]["turns"][3]["text"] == gold_turns("w1-01")[15]["text"]
    assert served.program(owner).get(f"/api/v1/sessions/{hour}/turns/0/similar").json()["similar"] == []


def test_a_turn_that_is_not_there_is_refused_with_how_many_there_are(served, owner, hour):
    answer = served.program(owner).get(f"/api/v1/sessions/{hour}/turns/9999/similar")
    assert answer.status_code == 404 and "turns are 1 to" in answer.json()["error"]["message"]


def test_the_report_leads_to_the_page_and_back(served, owner, hour):
    browser = served.browser(owner)
    address = f"/sessions/{hour}/turns/{MARKED + 1}/similar"
    report = browser.get(f"/sessions/{hour}").text
    assert report.count(f'href="{address}"') == 1
    page = browser.get(address).text
    assert "left unmarked" in page and "language models" in page
    assert f'href="/sessions/{hour}#turn-{MARKED + 1}"' in page


def test_reasons_count_what_coders_did_with_the_moments_most_alike(served, owner, hour):
    report = served.program(owner).get(f"/api/v1/sessions/{hour}/report").json()
    tag = next(t for t in report["tags"] if t["turn"] == MARKED)
    assert "of the 3 coded moments most like it" in tag["why"] + tag["against"]
    assert "Coders left 1 of the 3" in tag["against"]


def test_an_exported_file_leads_nowhere(served, owner, hour):
    assert "/similar" not in served.browser(owner).get(f"/sessions/{hour}/export/html").text
