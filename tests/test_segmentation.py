import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.corpus import load_written
from nlp.segmentation import split_sentences
from nlp.transcript import Transcript, make_turns


def sentences(text: str) -> list[str]:
    turn = split_sentences(Transcript("s", make_turns([("C", text, None, None)]))).turns[0]
    return [turn.text[s.start : s.end] for s in turn.sentences]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("I dunno. [laughs] It's fine, really...", ["I dunno.", "[laughs] It's fine, really..."]),
        ("[laptop closes. Door.] Right.", ["[laptop closes. Door.]", "Right."]),
        ("I mean -- well. No!", ["I mean -- well.", "No!"]),
        ("It was 3.5 out of 10.", ["It was 3.5 out of 10."]),
        ("Dr. Smith said 10 p.m. was fine.", ["Dr. Smith said 10 p.m. was fine."]),
        ("[...]", ["[...]"]),
        ("", []),
    ],
)
def test_brackets_dots_dashes_and_numbers_do_not_break_a_sentence(text, expected):
    assert sentences(text) == expected


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="aBc .!?…-[]()'\"\n5é😀", max_size=200))
def test_every_character_but_white_space_is_in_exactly_one_sentence(text):
    turn = split_sentences(Transcript("s", make_turns([("C", text, None, None)]))).turns[0]
    covered = [i for s in turn.sentences for i in range(s.start, s.end)]
    assert len(covered) == len(set(covered))
    assert all(i in set(covered) for i, c in enumerate(text) if not c.isspace())


def test_a_very_long_turn_is_split_with_exact_offsets():
    text = "I went to the shop. It was closed! " * 2_000
    assert "".join(sentences(text)).replace(" ", "") == text.replace(" ", "")
    assert len(sentences(text)) == 4_000


def test_bracketed_sounds_stay_whole_in_every_written_session():
    for coded in load_written("dev")[:10]:
        for turn in split_sentences(coded.transcript).turns:
            starts = {s.start for s in turn.sentences}
            for bracket in re.finditer(r"\[[^\[\]]+\]", turn.text):
                assert not any(bracket.start() < start < bracket.end() for start in starts)
