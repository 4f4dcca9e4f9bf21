"""The bank of repairs and what is suggested for a rupture."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from nlp.codebook import load_codebook
from nlp.findings import RepairSuggestion, Rupture
from nlp.repair import LATER, NOW, ONESELF, load_bank, suggest_repairs
from nlp.report import SessionReport, analyse_session
from nlp.ruptures import PARTLY, REPAIRED, UNREPAIRED, find_ruptures
from nlp.tagging import TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn
from tests.gold_tagger import GoldTagger, written_session

CODEBOOK = load_codebook()
BANK = load_bank()
SESSIONS = ("full-01", "w1-06", "w1-10", "w8-01", "w12-05")


PAUSE = ("", "Hm."), ("", "Go on.")


@cache
def analysed(session: str) -> SessionReport:
    return analyse_session(written_session(session), GoldTagger())


def suggested(
    *tagged: tuple[str, str], unsure: Sequence[str] = (), score: float = 0.2, turn_score: float = 0.9
) -> tuple[tuple[Rupture, ...], tuple[RepairSuggestion, ...]]:
    """Ruptures and suggestions for turns given as (code or "", words); the client begins, six calm turns follow.

    Codes in `unsure` have the given scores, all others 1.
    """
    turns, tags = [], []
    for index, (code, text) in enumerate((*tagged, *[("", "Yes, that's so.")] * 13)):
        speaker = Speaker.THERAPIST if index % 2 else Speaker.CLIENT
        turns.append(Turn(index, f"t{index}", speaker, text))
        if code:
            tags.append(TurnTag(index, code, Span(0, len(text))))
    transcript = Transcript("x", tuple(turns))
    tags = [replace(t, score=score, turn_score=turn_score) if t.code in unsure else t for t in tags]
    ruptures = find_ruptures(transcript, tuple(tags), CODEBOOK)
    return ruptures, suggest_repairs(transcript, ruptures, tags, CODEBOOK)


@pytest.mark.parametrize("marker", CODEBOOK.markers)
def test_every_marker_has_at_least_three_suggestions_of_its_own_in_different_words_and_for_both_times(marker):
    own = [e for e in BANK if e.markers == (marker,)]
    assert len({e.wording for e in own}) >= 3
    assert len({e.strategy for e in own}) >= 3
    assert {e.timing for e in own} == {NOW, LATER}
    assert {e.direct for e in own if e.timing == NOW} == {True, False}


def test_no_two_entries_say_the_same():
    assert len({e.wording for e in BANK}) == len({e.because for e in BANK}) == len(BANK)


def test_every_entry_has_known_codes_and_a_source_with_authors_and_year():
    for entry in BANK:
        assert set(entry.markers) <= set(CODEBOOK.markers)
        assert entry.strategy in CODEBOOK.strategies
        assert entry.timing in (NOW, LATER)
        assert "Muran" in entry.source or "Eubanks" in entry.source or "Castonguay" in entry.source
        assert "(20" in entry.source


def test_links_to_others_and_disclosures_carry_a_caution():
    risky = [
        e for e in BANK if e.strategy in ("links_pattern_outside", "discloses_experience") and e.to != ONESELF
    ]
    assert risky
    assert all(e.caution for e in risky)


def test_every_marker_is_met_by_a_note_on_the_therapists_own_stance():
    notes = [e for e in BANK if e.to == ONESELF]
    assert {m for e in notes for m in e.markers} == set(CODEBOOK.markers)


def test_a_complaint_about_a_task_is_met_by_leaving_the_technique():
    (entry,) = [e for e in BANK if "integrative cognitive" in e.source.lower() and e.timing == NOW]
    assert "complaint_activities" in entry.markers
    assert "put it down" in entry.wording


@pytest.mark.parametrize("marker", CODEBOOK.markers)
def test_an_unrepaired_rupture_gets_different_strategies_that_quote_the_client(marker):
    (rupture,), suggestions = suggested((marker, "There it is, then."))
    assert rupture.status == UNREPAIRED
    assert len(suggestions) >= 2
    assert len({s.strategy for s in suggestions}) == len(suggestions)
    for suggestion in suggestions:
        assert suggestion.because.startswith("The client said “There it is, then”.")
        assert suggestion.turns == (0,)
        assert suggestion.source


@pytest.mark.parametrize("marker", CODEBOOK.markers)
def test_a_significant_rupture_gets_a_direct_an_indirect_and_a_later_way_and_a_note_to_oneself(marker):
    (rupture,), suggestions = suggested(*[(marker, "There it is."), ("", "Go on.")] * 4)
    assert rupture.significance >= 3
    by_wording = {e.wording: e for e in BANK}
    *others, note = [by_wording[s.wording] for s in suggestions]
    assert [e.timing for e in others] == [NOW, NOW, LATER]
    assert [e.direct for e in others[:2]] == [True, False]
    assert (note.timing, note.to) == (LATER, ONESELF)


def test_a_repaired_rupture_gets_credit_in_the_therapists_own_words_and_no_advice():
    (rupture,), suggestions = suggested(
        ("complaint_therapist", "You never read it."), ("acknowledges_contribution", "I didn't. I'm sorry.")
    )
    assert rupture.status == REPAIRED
    (credit,) = suggestions
    assert credit.done
    assert credit.wording == "I didn't. I'm sorry."
    assert credit.turns == (1,)
    assert "“You never read it”" in credit.because


def test_a_partly_repaired_rupture_gets_credit_and_a_next_step():
    (rupture,), suggestions = suggested(
        ("complaint_therapist", "You never read it."),
        ("acknowledges_contribution", "I didn't. I'm sorry."),
        *PAUSE,
        ("deferential", "It's fine."),
    )
    assert rupture.status == PARTLY
    assert [(s.done, s.to) for s in suggestions[:3]] == [(True, "client"), *[(False, "client")] * 2]


def test_what_was_tried_without_effect_is_not_the_first_thing_suggested():
    said = ("complaint_therapist", "You never read it."), ("acknowledges_contribution", "I'm sorry.")
    again = [("complaint_therapist", "You never read it."), ("", "Hm.")]
    _, fresh = suggested(*again * 3)
    (rupture,), after = suggested(*said, *PAUSE, *again * 3)
    assert fresh[0].strategy == "acknowledges_contribution"
    assert rupture.status == UNREPAIRED
    assert (after[0].done, after[0].strategy) == (True, "acknowledges_contribution")
    assert after[1].strategy != "acknowledges_contribution"


APOLOGY = ("acknowledges_contribution", "I'm sorry.")
COMPLAINT = ("complaint_therapist", "You never read it.")


def credits(*tagged: tuple[str, str], **options) -> list[RepairSuggestion]:
    return [s for s in suggested(*tagged, **options)[1] if s.done]


def test_a_strategy_that_the_client_meets_with_a_marker_is_given_no_credit():
    provoking = ("validates_position", "Under ten by June, that's recovery.")
    (rupture,), _ = suggested(COMPLAINT, provoking, COMPLAINT, APOLOGY)
    (credit,) = credits(COMPLAINT, provoking, COMPLAINT, APOLOGY)
    assert rupture.status == REPAIRED
    assert (credit.strategy, credit.turns) == ("acknowledges_contribution", (3,))


def test_a_strategy_of_unclear_kind_is_given_no_credit():
    assert credits(COMPLAINT, APOLOGY, unsure=["acknowledges_contribution"]) == []


def test_a_credit_says_what_followed_its_own_turn():
    early = ("validates_position", "That makes sense.")
    last, first = credits(COMPLAINT, early, *PAUSE, COMPLAINT, APOLOGY)
    assert last.because.endswith("The next 7 client turns carry no marker.")
    assert "the strain came back for one marked turn before it eased" in first.because
    (open_still,) = credits(COMPLAINT, early, *PAUSE, COMPLAINT, ("", "Hm."), COMPLAINT)
    assert open_still.because.endswith("the strain came back for 2 marked turns.")


@pytest.mark.parametrize("session", SESSIONS)
def test_what_a_credit_says_of_the_turns_after_it_is_so(session):
    report = analysed(session)
    client = [t.index for t in report.transcript.turns if t.speaker is Speaker.CLIENT]
    ruptures = {r.id: r for r in report.ruptures}
    marked = {i for r in report.ruptures for i in r.turns}
    for credit in (s for s in report.suggestions if s.done):
        rupture, (turn,) = ruptures[credit.rupture], credit.turns
        assert next(i for i in client if i > turn) not in marked
        more = sum(i > turn for i in rupture.turns)
        assert ("came back" in credit.because) == (more > 0)
        for count in map(int, re.findall(r"next (\d+) client turns carry no", credit.because)):
            assert not set([i for i in client if i > turn][:count]) & marked


QUICK_YES = "I noticed you said yes"


@pytest.mark.parametrize("said", ["Okay, sure.", "Yeah.", "You're right.", "Fine."])
def test_a_quick_yes_is_only_spoken_of_where_one_was_said(said):
    wordings = [s.wording for s in suggested(("deferential", said))[1]]
    assert any(w.startswith(QUICK_YES) for w in wordings)


@pytest.mark.parametrize(
    "said", ["I prefer not to.", "No, no, it's okay. You are busy.", "You have a big house."]
)
def test_words_about_a_yes_wait_for_one(said):
    _, suggestions = suggested(*[("deferential", said), ("", "Go on.")] * 4)
    words = " ".join(s.wording for s in suggestions)
    assert len(suggestions) == 4
    assert not any(unfit in words for unfit in (QUICK_YES, "smoothly", "you say it's a good idea"))


def test_nothing_runs_smoothly_in_a_mixed_rupture():
    (rupture,), suggestions = suggested(*[("deferential", "Okay."), ("", "Go on.")] * 4, COMPLAINT)
    assert rupture.kind == "mixed"
    assert not any("smoothly" in s.wording for s in suggestions)


def test_a_mixed_rupture_is_answered_at_its_likeliest_marker():
    turns = [("deferential", "Okay."), ("", "Go on.")] * 3
    _, suggestions = suggested(*turns, COMPLAINT, unsure=["deferential"], score=0.35, turn_score=0.6)
    assert suggestions
    assert all("“You never read it”" in s.because for s in suggestions)


def test_a_giving_way_that_is_not_sure_gives_way_to_a_confrontation():
    turns = [("deferential", "Okay."), ("", "Go on.")] * 3
    said = [COMPLAINT, ("", "Go on."), *turns]
    (rupture,), suggestions = suggested(*said, unsure=["deferential", COMPLAINT[0]], score=0.39)
    assert rupture.kind == "mixed" and suggestions
    assert all("“You never read it”" in s.because for s in suggestions)


def test_words_about_a_laugh_wait_for_one():
    marker = "content_affect_split"
    _, plain = suggested(*[(marker, "He died, it was a scream."), ("", "Go on.")] * 4)
    _, laughed = suggested(*[(marker, "He died. [laughs]"), ("", "Go on.")] * 4)
    assert not any("lightly" in s.wording for s in plain)
    assert any("light" in s.wording for s in laughed)


def test_ruptures_of_the_same_kind_in_one_session_get_different_words():
    calm = [("", "Yes.")] * 12
    ruptures, suggestions = suggested(
        ("deferential", "As you say."), *calm[:-1], ("deferential", "Whatever you think."), ("", "Good.")
    )
    assert len(ruptures) == 2
    assert len({s.wording for s in suggestions}) == len(suggestions)


def test_links_to_other_relationships_wait_until_something_was_repaired():
    for session in SESSIONS:
        report = analysed(session)
        status = {r.id: r.status for r in report.ruptures}
        links = [s for s in report.suggestions if s.strategy == "links_pattern_outside" and not s.done]
        assert all(status[s.rupture] == PARTLY for s in links)


@pytest.mark.parametrize("session", SESSIONS)
def test_on_a_whole_session_suggestions_are_few_and_quote_their_turns(session):
    report = analysed(session)
    assert report.ruptures
    texts = {t.index: t.text for t in report.transcript.turns}
    for rupture in report.ruptures:
        own = [s for s in report.suggestions if s.rupture == rupture.id]
        advice = [s for s in own if not s.done]
        assert bool(advice) == (rupture.status != REPAIRED)
        assert len([s for s in advice if s.to == "client"]) <= 3
        for s in own:
            allowed = rupture.repairs if s.done else rupture.turns
            assert s.turns and set(s.turns) <= set(allowed)
            if s.done:
                assert s.wording in texts[s.turns[0]]
    notes = Counter(s.to for s in report.suggestions)
    assert notes[ONESELF] <= 1


def test_the_same_session_gets_the_same_suggestions():
    again = analyse_session(written_session("w1-06"), GoldTagger())
    assert again.suggestions == analysed("w1-06").suggestions
