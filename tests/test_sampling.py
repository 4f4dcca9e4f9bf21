"""What to code next."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.sampling import (
    DISAGREEMENT,
    RANDOM,
    RARE,
    UNCERTAINTY,
    Candidate,
    Mix,
    choose_next,
    disputed,
    for_evaluation,
    rarity,
    uncertainty,
)
from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.tagging import TurnScores
from tests.coded import session


def scored(id: str, rupture: float, disagreement=None, **codes: float) -> Candidate:
    return Candidate(id, [TurnScores(0, rupture=rupture, codes=codes)], disagreement)


def parts(choice) -> dict[str, str]:
    return {c.id: c.part for c in choice.sessions}


def test_the_most_uncertain_session_is_nearest_to_a_coin_toss():
    pool = [scored("sure", 0.99), scored("unsure", 0.5), scored("calm", 0.02)]
    assert parts(choose_next(pool, Mix(random=0, uncertainty=1), 1, seed=1)) == {"unsure": UNCERTAINTY}
    assert uncertainty(pool[1].scores) == 1


def test_rare_codes_are_looked_for():
    pool = [scored("common", 0.9, denial=0.9), scored("rare", 0.9, complaint_progress=0.6)]
    so_far = {"denial": 500, "complaint_progress": 2}
    assert parts(choose_next(pool, Mix(random=0, rare=1), 1, 1, so_far)) == {"rare": RARE}
    assert rarity(pool[1].scores, so_far) == pytest.approx(0.2)


def test_the_most_disputed_session_comes_first():
    pool = [Candidate("a", disagreement=0.1), Candidate("b", disagreement=0.4), Candidate("c")]
    assert parts(choose_next(pool, Mix(random=0, disagreement=1), 1, seed=1)) == {"b": DISAGREEMENT}


def test_a_session_is_disputed_by_the_share_of_turns_on_which_coders_differ():
    coded = session("s", "cccc", ann={0: "denial"}, bob={1: "denial"})
    assert disputed(coded, load_codebook()) == 0.5
    assert disputed(session("s", "cc", ann={}), load_codebook()) is None


def test_places_that_nothing_is_known_for_stay_unfilled_and_are_told():
    choice = choose_next([Candidate("a"), Candidate("b")], Mix(random=1, uncertainty=1), 2, seed=1)
    assert Counter(parts(choice).values()) == {RANDOM: 1}
    assert choice.unfilled == {UNCERTAINTY: 1}


def test_evaluation_uses_only_what_was_drawn_at_random():
    pool = [scored(f"s{i}", 0.5 + i / 100) for i in range(10)]
    choice = choose_next(pool, Mix(random=1, uncertainty=1), 4, seed=3)
    assert set(for_evaluation([choice])) == {i for i, part in parts(choice).items() if part == RANDOM}
    assert len(for_evaluation([choice])) == 2


def test_what_is_drawn_at_random_does_not_depend_on_scores():
    plain = [Candidate(f"s{i}") for i in range(20)]
    with_scores = [scored(f"s{i}", i / 20) for i in range(20)]
    mix = Mix(random=1, uncertainty=1)
    assert for_evaluation([choose_next(plain, mix, 6, 5)]) == for_evaluation(
        [choose_next(with_scores, mix, 6, 5)]
    )


shares = st.floats(0, 5)


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(0, 40), st.tuples(shares, shares, shares, shares), st.randoms())
def test_a_choice_is_of_the_size_asked_for_and_repeats_by_its_seed(pool_size, size, mix, random):
    if not sum(mix):
        return
    pool = [scored(f"s{i}", (i + 1) / 99, disagreement=0.3, denial=0.2) for i in range(pool_size)]
    choice = choose_next(pool, Mix(*mix), size, seed=4)
    assert len({c.id for c in choice.sessions}) == len(choice.sessions)
    assert len(choice.sessions) + sum(choice.unfilled.values()) == min(size, pool_size)
    random.shuffle(pool)
    assert choose_next(pool, Mix(*mix), size, seed=4) == choice


@pytest.mark.parametrize("mix", [Mix(0, 0, 0, 0), Mix(-1, 2, 0, 0), Mix(float("nan"))])
def test_a_mix_that_adds_up_to_nothing_is_refused(mix):
    with pytest.raises(InputError, match="mix"):
        choose_next([Candidate("a")], mix, 1, seed=1)
