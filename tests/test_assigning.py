"""Who codes which session."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.assigning import Design, ToCode, assign
from nlp.errors import InputError

CODERS = ("ann", "ben", "cem", "dot")


def sessions(*turns: int) -> list[ToCode]:
    return [ToCode(f"s{n}", count) for n, count in enumerate(turns)]


def work(assigned, to_code) -> Counter:
    turns = {s.id: s.turns for s in to_code}
    return Counter(coder for s, team in assigned.items() for coder in team for _ in range(turns[s]))


def test_single_coding_shares_the_turns_out_evenly():
    to_code = sessions(100, 90, 60, 50, 30, 30)
    done = work(assign(to_code, CODERS[:2], Design(), seed=1), to_code)
    assert done == {"ann": 180, "ben": 180}


def test_the_overlap_share_is_coded_by_several_and_the_rest_by_one():
    assigned = assign(sessions(*[50] * 10), CODERS, Design(2, 0.3), seed=1)
    assert Counter(map(len, assigned.values())) == {2: 3, 1: 7}


def test_a_share_is_rounded_up_so_that_there_is_some_overlap():
    assigned = assign(sessions(50, 50, 50), CODERS, Design(2, 0.1), seed=1)
    assert Counter(map(len, assigned.values())) == {2: 1, 1: 2}


def test_partners_change():
    assigned = assign(sessions(*[50] * 6), CODERS, Design(2), seed=3)
    assert len({frozenset(team) for team in assigned.values()}) == 6


def test_the_same_seed_gives_the_same_sharing_out_and_another_gives_another():
    to_code = sessions(*[50] * 20)
    once = assign(to_code, CODERS, Design(2, 0.5), seed=7)
    assert assign(to_code, CODERS, Design(2, 0.5), seed=7) == once
    assert assign(to_code, CODERS, Design(2, 0.5), seed=8) != once


def test_who_has_a_lot_to_do_already_gets_less():
    assigned = assign(sessions(50, 50), CODERS[:2], Design(), 1, load={"ann": 500})
    assert set(assigned.values()) == {("ben",)}


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30), st.integers(1, 4), st.floats(0, 1))
def test_everybody_is_on_a_session_once_and_loads_differ_by_one_session_at_most(turns, several, share):
    to_code = sessions(*turns)
    assigned = assign(to_code, CODERS, Design(several, share), seed=1)
    assert list(assigned) == [s.id for s in to_code]
    assert all(len(set(team)) == len(team) in (1, several) for team in assigned.values())
    done = work(assigned, to_code)
    if several == 1:
        assert max(done[c] for c in CODERS) - min(done[c] for c in CODERS) <= max(turns)


@pytest.mark.parametrize("design", [Design(0), Design(5), Design(2, 1.5), Design(2, -0.1)])
def test_a_design_that_cannot_be_carried_out_is_refused(design):
    with pytest.raises(InputError):
        assign(sessions(50), CODERS, design, seed=1)
