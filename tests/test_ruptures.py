"""Joining marked turns into ruptures; the rules are in docs/report.md."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.joining import coded_blind, joining_f1, status_table, written_by_writers
from nlp.codebook import CONFRONTATION, WITHDRAWAL, load_codebook
from nlp.ruptures import PARTLY, REPAIRED, UNREPAIRED, find_ruptures, significance
from nlp.tagging import TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn

CODEBOOK = load_codebook()
LETTERS = {
    "w": "minimal_response",
    "W": "deferential",
    "x": "complaint_therapist",
    "r": "acknowledges_contribution",
    "v": "validates_position",
}


def session(picture: str) -> tuple[Transcript, tuple[TurnTag, ...]]:
    """Turns drawn as letters, therapist and client by turns: '.' unmarked, w W withdrawal, x confrontation, r v repair."""
    turns, tags = [], []
    for index, letter in enumerate(picture):
        speaker = Speaker.CLIENT if index % 2 else Speaker.THERAPIST
        turns.append(Turn(index, f"t{index}", speaker, "Well, yes."))
        if letter in LETTERS:
            tags.append(TurnTag(index, LETTERS[letter], Span(0, 10)))
    return Transcript("drawn", tuple(turns)), tuple(tags)


def ruptures(picture: str):
    return find_ruptures(*session(picture), CODEBOOK)


CALM = ".." * 6  # six unmarked client turns


def test_a_session_without_marks_has_no_rupture():
    assert ruptures("." * 12) == ()


def test_strategies_without_a_marked_turn_make_no_rupture():
    assert ruptures("r.v." + CALM) == ()


def unsure(picture: str, letter: str, score: float, turn_score: float):
    """The ruptures of a drawn session in which the tags of one letter are less sure."""
    transcript, tags = session(picture)
    code = LETTERS[letter]
    tags = tuple(replace(t, score=score, turn_score=turn_score) if t.code == code else t for t in tags)
    return find_ruptures(transcript, tags, CODEBOOK)


def test_a_strategy_that_is_hardly_likely_answers_no_rupture_and_closes_none():
    (rupture,) = unsure(".wr.......w" + CALM, "r", 0.18, 0.3)
    assert (rupture.repairs, rupture.status) == ((), UNREPAIRED)
    assert "No clear repair strategy" in rupture.because
    assert len(unsure(".wr.......w" + CALM, "r", 0.3, 0.3)) == 2


def test_a_likely_repair_of_unclear_kind_counts_and_is_not_named():
    (rupture,) = unsure(".wr." + CALM, "r", 0.2, 0.6)
    assert (rupture.repairs, rupture.status) == ((2,), REPAIRED)
    assert "its kind unclear" in rupture.because and "contribution" not in rupture.because


def test_a_rupture_is_of_the_surer_kind_unless_the_other_is_half_as_sure():
    assert unsure(".w.x" + CALM, "x", 0.2, 0.49)[0].kind == WITHDRAWAL
    assert unsure(".w.x" + CALM, "x", 0.2, 0.51)[0].kind == "mixed"


def test_neighbouring_marked_turns_are_one_rupture():
    (rupture,) = ruptures(".w.w.W" + CALM)
    assert (rupture.id, rupture.first_turn, rupture.last_turn, rupture.turns) == ("r1", 1, 5, (1, 3, 5))


@pytest.mark.parametrize(("between", "count"), [(4, 1), (5, 2)])
def test_marked_turns_are_joined_over_at_most_four_unmarked_client_turns(between, count):
    assert len(ruptures(".w" + ".." * between + ".w" + CALM)) == count


@pytest.mark.parametrize(("calm_after_repair", "count"), [(2, 1), (3, 2)])
def test_a_repair_and_three_unmarked_client_turns_close_a_rupture(calm_after_repair, count):
    assert len(ruptures(".w" + "r." + ".." * (calm_after_repair - 1) + ".w" + CALM)) == count


def test_ruptures_are_numbered_in_order():
    found = ruptures(".w" + CALM + ".x" + CALM)
    assert [(r.id, r.kind) for r in found] == [("r1", WITHDRAWAL), ("r2", CONFRONTATION)]


def test_markers_of_both_kinds_make_a_mixed_rupture():
    (rupture,) = ruptures(".w.x" + CALM)
    assert rupture.kind == "mixed"


def test_a_rupture_is_repaired_when_strategies_answer_it_and_calm_follows():
    (rupture,) = ruptures(".w.wr.v." + CALM)
    assert (rupture.status, rupture.repairs) == (REPAIRED, (4, 6))
    assert "acknowledges own contribution" in rupture.because


def test_a_rupture_without_strategies_is_unrepaired():
    (rupture,) = ruptures(".w.w" + CALM)
    assert (rupture.status, rupture.repairs) == (UNREPAIRED, ())


def test_a_strategy_too_late_after_it_does_not_answer_a_rupture():
    assert ruptures(".w" + ".." * 4 + "r." + CALM)[0].repairs == (10,)
    assert ruptures(".w" + ".." * 5 + "r." + CALM)[0].repairs == ()


def test_a_strategy_before_the_first_marked_turn_does_not_answer_it():
    assert ruptures("r.v..w" + CALM)[0].repairs == ()


def test_a_strategy_after_the_next_rupture_began_does_not_answer_the_one_before():
    first, second = ruptures(".w" + ".." * 5 + ".xr." + CALM)
    assert (first.repairs, second.repairs) == ((), (14,))


def test_one_mark_after_the_last_strategy_leaves_a_rupture_partly_repaired():
    assert ruptures(".wr..w" + CALM)[0].status == PARTLY


def test_two_marks_after_the_last_strategy_leave_it_unrepaired():
    assert ruptures(".wr..w.w" + CALM)[0].status == UNREPAIRED


def test_one_strategy_for_five_marked_turns_is_too_little():
    assert ruptures(".w.w.w.w.wr." + CALM)[0].status == UNREPAIRED
    assert ruptures(".w.w.w.wr." + CALM)[0].status == REPAIRED


@pytest.mark.parametrize(("calm", "status"), [(1, PARTLY), (4, PARTLY), (5, REPAIRED)])
def test_too_few_client_turns_after_a_repair_cannot_show_that_it_held(calm, status):
    assert ruptures(".wr." + ".." * (calm - 1))[0].status == status


def test_nothing_after_a_repair_is_said_so():
    (rupture,) = ruptures(".wr")
    assert rupture.status == PARTLY
    assert "no client turn follows" in rupture.because


def tag(turn: int, code: str = "denial", intensity: int = 2) -> TurnTag:
    return TurnTag(turn, code, Span(0, 1), intensity=intensity)


def test_a_single_slight_mark_that_was_repaired_is_of_significance_one():
    assert significance([tag(1, intensity=1)], REPAIRED, CODEBOOK) == 1


def test_many_strong_marks_of_both_kinds_left_open_are_of_significance_five():
    tags = [tag(i, code, 3) for i in range(1, 12, 2) for code in ("denial", "complaint_therapist")]
    assert significance(tags, UNREPAIRED, CODEBOOK) == 5


some_tags = st.lists(
    st.builds(tag, st.integers(0, 40), st.sampled_from(CODEBOOK.markers), st.integers(1, 3)),
    min_size=1,
    max_size=25,
)


@given(some_tags, st.builds(tag, st.integers(0, 60), st.sampled_from(CODEBOOK.markers), st.integers(1, 3)))
def test_another_mark_never_makes_a_rupture_less_significant(tags, another):
    for status in (REPAIRED, PARTLY, UNREPAIRED):
        less, more = significance(tags, status, CODEBOOK), significance([*tags, another], status, CODEBOOK)
        assert 1 <= less <= more <= 5


@given(some_tags, st.integers(0, 24))
def test_a_stronger_mark_or_less_repair_never_makes_it_less_significant(tags, which):
    which %= len(tags)
    weak = tag(tags[which].turn, tags[which].code, 1)
    weaker = [*tags[:which], weak, *tags[which + 1 :]]
    levels = [significance(tags, status, CODEBOOK) for status in (REPAIRED, PARTLY, UNREPAIRED)]
    assert levels == sorted(levels)
    assert significance(weaker, PARTLY, CODEBOOK) <= significance(tags, PARTLY, CODEBOOK)


@given(st.text(alphabet=".wWxrv", max_size=60))
def test_every_marked_client_turn_is_in_exactly_one_rupture(picture):
    transcript, tags = session(picture)
    markers = set(CODEBOOK.markers)
    tags = tuple(
        t for t in tags if (t.code in markers) == (transcript.turns[t.turn].speaker is Speaker.CLIENT)
    )
    found = find_ruptures(transcript, tags, CODEBOOK)
    marked = sorted({t.turn for t in tags if t.code in markers})
    assert [i for r in found for i in r.turns] == marked
    assert all(r.first_turn == r.turns[0] and r.last_turn == r.turns[-1] for r in found)
    assert all(a.last_turn < b.first_turn for a, b in zip(found, found[1:], strict=False))
    answered = [i for r in found for i in r.repairs]
    assert len(answered) == len(set(answered))
    assert all((r.status == UNREPAIRED) or r.repairs for r in found)


@pytest.mark.parametrize("sessions", [written_by_writers, coded_blind])
def test_the_rules_agree_with_the_episodes_that_coders_drew(sessions):
    coded = sessions()
    assert joining_f1(coded)[0] >= 0.84
    table = status_table(coded)
    same = sum(table[s, s] for s in (REPAIRED, PARTLY, UNREPAIRED))
    assert same / sum(table.values()) >= 0.77
    assert table[REPAIRED, UNREPAIRED] + table[UNREPAIRED, REPAIRED] <= 5
