"""From scores to tags."""

from hypothesis import given
from hypothesis import strategies as st

from nlp.codebook import load_codebook
from nlp.marking import codes_marked, find_evidence, mark_turns
from nlp.tagging import Strictness, TurnScores
from nlp.transcript import Span, Speaker, Transcript, Turn

CODEBOOK = load_codebook()
EVEN = Strictness(0.5, 0.5, 0.5, 0.5, dict.fromkeys(CODEBOOK.markers + CODEBOOK.strategies, 0.5))
SAID = "I guess. Anyway, the bus was late."
CLIENT = Turn(0, "t0", Speaker.CLIENT, SAID, sentences=(Span(0, 8), Span(9, 34)))


def scores(rupture=0.9, withdrawal=0.9, confrontation=0.1, sentences=(), intensity=None, **codes):
    return TurnScores(0, rupture, withdrawal, confrontation, None, codes, sentences, intensity)


def marked(turn_scores, strictness=EVEN, turn=CLIENT):
    return codes_marked(turn, turn_scores, strictness, CODEBOOK)


def test_a_turn_under_the_rupture_threshold_carries_nothing_whatever_its_codes():
    assert marked(scores(rupture=0.49, denial=0.99)) == set()


def test_a_marked_turn_carries_codes_over_their_threshold():
    assert marked(scores(denial=0.6, deferential=0.5, self_criticism=0.4)) == {"denial", "deferential"}


def test_a_second_code_of_a_kind_is_only_put_on_a_turn_when_it_can_be_named():
    low = Strictness(0.5, 0.5, 0.5, 0.5, dict.fromkeys(CODEBOOK.markers, 0.1))
    assert marked(scores(denial=0.3, deferential=0.24), low) == {"denial"}
    assert marked(scores(denial=0.3, deferential=0.25), low) == {"denial", "deferential"}


def test_a_turn_carries_two_codes_at_most_and_one_of_each_of_its_kinds():
    assert marked(scores(denial=0.7, deferential=0.6, self_criticism=0.8)) == {"denial", "self_criticism"}
    both = scores(confrontation=0.6, denial=0.7, self_criticism=0.8, defends_self=0.5)
    assert marked(both) == {"self_criticism", "defends_self"}


def test_a_code_less_than_half_as_likely_as_the_likeliest_is_left_out_though_it_reaches_its_threshold():
    low = Strictness(0.5, 0.5, 0.5, 0.5, dict.fromkeys(CODEBOOK.markers, 0.1))
    assert marked(scores(denial=0.8, deferential=0.4, self_criticism=0.39), low) == {"denial", "deferential"}


def test_a_marked_turn_carries_its_kinds_likeliest_code_when_none_reaches_its_threshold():
    assert marked(scores(denial=0.2, deferential=0.3, control_pressure=0.4)) == {"deferential"}


def test_a_turn_of_both_kinds_carries_a_code_of_each():
    both = scores(withdrawal=0.6, confrontation=0.7, denial=0.2, control_pressure=0.1, defends_self=0.3)
    assert marked(both) == {"denial", "defends_self"}


def test_where_no_kind_reaches_its_threshold_the_nearest_one_counts():
    strictness = Strictness(0.3, 0.8, 0.5, 0.5)
    near = scores(rupture=0.4, withdrawal=0.45, confrontation=0.4, denial=0.1, defends_self=0.1)
    assert marked(near, strictness) == {"defends_self"}


def test_codes_of_the_other_speaker_are_never_put_on_a_turn():
    assert marked(scores(validates_position=0.99, denial=0.6)) == {"denial"}


def test_a_therapist_turn_is_marked_by_its_repair_score():
    therapist = Turn(0, "t0", Speaker.THERAPIST, "I'm sorry.")
    sure = TurnScores(0, repair=0.6, codes={"acknowledges_contribution": 0.2, "redirects": 0.1})
    unsure = TurnScores(0, repair=0.4, codes={"acknowledges_contribution": 0.9})
    assert marked(sure, turn=therapist) == {"acknowledges_contribution"}
    assert marked(unsure, turn=therapist) == set()


def test_other_speakers_are_never_marked():
    other = Turn(0, "t0", Speaker.OTHER, "Time's up.")
    assert mark_turns(Transcript("x", (other,)), (TurnScores(0),), EVEN, CODEBOOK) == ()


def test_evidence_is_the_likeliest_sentence():
    assert find_evidence(CLIENT, scores(sentences=(0.2, 0.7))) == Span(9, 34)


def test_evidence_takes_in_a_neighbour_that_is_nearly_as_likely():
    assert find_evidence(CLIENT, scores(sentences=(0.6, 0.7))) == Span(0, 34)
    assert find_evidence(CLIENT, scores(sentences=(0.3, 0.31))) == Span(0, 34)
    assert find_evidence(CLIENT, scores(sentences=(0.6, 0.9))) == Span(9, 34)


def test_a_stage_direction_is_no_evidence_where_something_is_said():
    laughed = Turn(
        0, "t0", Speaker.CLIENT, "[laughs] No. Fine.", sentences=(Span(0, 8), Span(9, 12), Span(13, 18))
    )
    silent = Turn(0, "t0", Speaker.CLIENT, "[silence]", sentences=(Span(0, 9),))
    assert find_evidence(laughed, scores(sentences=(0.9, 0.2, 0.1))) == Span(9, 12)
    assert find_evidence(silent, scores(sentences=(0.9,))) == Span(0, 9)


def test_evidence_has_no_white_space_at_its_ends_and_without_sentence_scores_is_the_whole_turn():
    spaced = Turn(0, "t0", Speaker.CLIENT, "  Fine.\n", sentences=(Span(0, 8),))
    assert find_evidence(spaced, scores(sentences=(0.9,))) == Span(2, 7)
    assert find_evidence(spaced, scores()) == Span(2, 7)


def test_the_intensity_is_the_expected_one_rounded():
    transcript = Transcript("x", (CLIENT,))
    for expected, intensity in [(None, 2), (0.2, 1), (1.4, 1), (1.6, 2), (2.9, 3), (7.0, 3)]:
        tags = mark_turns(transcript, (scores(denial=0.9, intensity=expected),), EVEN, CODEBOOK)
        assert [t.intensity for t in tags] == [intensity]


def test_a_tag_holds_its_turns_score_for_its_kind_and_is_named_from_a_quarter_on():
    both = scores(withdrawal=0.6, confrontation=0.7, denial=0.24, defends_self=0.25)
    tags = mark_turns(Transcript("x", (CLIENT,)), (both,), EVEN, CODEBOOK)
    assert [(t.code, t.turn_score, t.named) for t in tags] == [
        ("denial", 0.6, False),
        ("defends_self", 0.7, True),
    ]


@given(st.data())
def test_a_marked_turn_always_carries_a_code_and_evidence_within_its_text(data):
    probability = st.floats(0, 1)
    codes = {c: data.draw(probability) for c in CODEBOOK.markers}
    values = [data.draw(probability) for _ in range(3)]
    turn_scores = TurnScores(0, *values, None, codes, tuple(data.draw(probability) for _ in range(2)))
    level = Strictness(
        *(data.draw(probability) for _ in range(4)), {c: data.draw(probability) for c in codes}
    )
    tags = mark_turns(Transcript("x", (CLIENT,)), (turn_scores,), level, CODEBOOK)
    assert bool(tags) == (turn_scores.rupture >= level.rupture)
    assert all(0 <= t.evidence.start < t.evidence.end <= len(SAID) for t in tags)
    assert all(t.score == codes[t.code] for t in tags)
