"""Disagreements, resolutions and gold."""

from dataclasses import replace

import pytest

from annotation.adjudication import (
    GOLD,
    Over,
    Reason,
    Resolution,
    adjudicate,
    find_disagreements,
    hidden_names,
    soft_targets,
)
from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.tagging import TurnTag
from nlp.transcript import Span
from tests.coded import session

CODEBOOK = load_codebook()
CODED = session(
    "s",
    "tctctc",
    ann={1: "denial", 3: "denial", 5: "minimal_response"},
    bob={1: "denial", 3: "deferential"},
)


def decide(turn, *codes, reason=Reason.EDGE_CASE):
    return Resolution(turn, tuple(TurnTag(turn, c, Span(0, 4)) for c in codes), reason, "cat")


def codes(adjudicated):
    return [(t.turn, t.code) for t in adjudicated.coded.tags[GOLD]]


def test_a_disagreement_says_who_said_what_and_with_which_evidence():
    first, second = find_disagreements(CODED, CODEBOOK)
    assert (first.turn, first.over) == (3, Over.CODE)
    assert {coder: [t.code for t in tags] for coder, tags in first.said.items()} == {
        "ann": ["denial"],
        "bob": ["deferential"],
    }
    assert first.said["ann"][0].evidence == Span(0, 6)
    assert (second.turn, second.over, second.said["bob"]) == (5, Over.PRESENCE, ())


def test_gold_is_what_all_agree_on_until_the_rest_is_resolved():
    before = adjudicate(CODED, [], CODEBOOK)
    assert codes(before) == [(1, "denial")]
    assert [d.turn for d in before.open] == [3, 5]
    assert before.coded.judged_by(GOLD) == {0, 1, 2, 4}
    after = adjudicate(CODED, [decide(3, "deferential"), decide(5)], CODEBOOK)
    assert codes(after) == [(1, "denial"), (3, "deferential")]
    assert not after.open
    assert after.coded.judged_by(GOLD) == {0, 1, 2, 3, 4, 5}


def test_gold_keeps_everyones_tags_so_that_targets_stay_soft():
    after = adjudicate(CODED, [decide(3, "deferential"), decide(5)], CODEBOOK)
    assert {c: after.coded.tags[c] for c in ("ann", "bob")} == CODED.tags
    assert soft_targets(after.coded) == {
        (1, "denial"): 1,
        (3, "denial"): 0.5,
        (3, "deferential"): 0.5,
        (5, "minimal_response"): 0.5,
    }


def test_the_last_word_on_a_turn_counts_and_its_reason_is_kept():
    after = adjudicate(CODED, [decide(3, "denial"), decide(3, "deferential", reason=Reason.SLIP)], CODEBOOK)
    assert (3, "deferential") in codes(after) and (3, "denial") not in codes(after)
    assert [(r.turn, r.reason, r.by) for r in after.resolved] == [(3, Reason.SLIP, "cat")]


def test_an_adjudicator_may_overrule_agreement():
    assert codes(adjudicate(CODED, [decide(1)], CODEBOOK)) == []


def test_a_turn_that_only_one_coder_looked_at_is_neither_gold_nor_a_disagreement():
    coded = session("s", "cc", ann={0: "denial"}, bob={}, looked_at={"bob": {1}})
    assert not find_disagreements(coded, CODEBOOK)
    assert adjudicate(coded, [], CODEBOOK).coded.judged_by(GOLD) == {1}
    assert soft_targets(coded) == {(0, "denial"): 1}


def test_agreed_evidence_is_the_one_nearest_to_the_others_with_the_median_intensity():
    coded = session("s", "c", ann={0: "denial"}, bob={0: "denial"}, cat={0: "denial"})
    spans = {"ann": (Span(0, 4), 1), "bob": (Span(0, 6), 3), "cat": (Span(5, 14), 2)}
    tags = {c: (replace(coded.tags[c][0], evidence=s, intensity=i),) for c, (s, i) in spans.items()}
    gold = adjudicate(replace(coded, tags=tags), [], CODEBOOK).coded.tags[GOLD]
    assert [(t.evidence, t.intensity, t.source) for t in gold] == [(Span(0, 6), 2, GOLD)]


@pytest.mark.parametrize(
    ("resolution", "says"),
    [
        (decide(9), "turns 0 to 5"),
        (decide(3, "redirects"), "a client turn takes"),
        (Resolution(3, (TurnTag(3, "denial", Span(3, 99)),), Reason.SLIP, "cat"), "within the turn"),
    ],
)
def test_a_resolution_that_does_not_fit_is_refused(resolution, says):
    with pytest.raises(InputError, match=says):
        adjudicate(CODED, [resolution], CODEBOOK)


def test_names_can_be_hidden_in_an_order_that_tells_nothing():
    coders = [f"coder{i}" for i in range(30)]
    names = hidden_names(coders, seed=1)
    assert names == hidden_names(reversed(coders), seed=1)
    assert len(set(names.values())) == 30 and "Coder AB" in names.values()
    assert names != hidden_names(coders, seed=2)
