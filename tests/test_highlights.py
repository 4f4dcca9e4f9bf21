"""Pieces of a turn under its marks."""

from hypothesis import given
from hypothesis import strategies as st

from api.highlights import Mark, mark_of, pieces, signs_of
from nlp.codebook import load_codebook
from nlp.findings import ExplainedTag
from nlp.transcript import Span, Speaker, Turn

CODES = {c.id: c.kind for c in load_codebook().codes}


def a_mark(start: int, end: int, code: str = "minimal_response", intensity: int = 2) -> Mark:
    tag = ExplainedTag(0, code, CODES[code], 0.6, intensity, Span(start, end), "why", "against", 0.74)
    return mark_of(tag, Turn(0, "t0", Speaker.CLIENT, "x" * 200), load_codebook())


spans = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)


@given(st.text(min_size=60, max_size=80), st.lists(st.tuples(spans, st.sampled_from(sorted(CODES)))))
def test_the_pieces_joined_are_the_text_and_each_mark_covers_its_own_words(text, drawn):
    marks = tuple(a_mark(start, end, code) for (start, end), code in drawn)
    cut = pieces(text, marks)
    assert "".join(p.text for p in cut) == text
    for mark in marks:
        covered = "".join(p.text for p in cut if mark in p.marks)
        assert covered == text[mark.start : mark.end]


@given(st.lists(spans, min_size=1))
def test_every_mark_is_announced_exactly_once(drawn):
    marks = tuple(a_mark(start, end) for start, end in drawn if end > start)
    opened = [m for p in pieces("x" * 60, marks) for m in p.opens]
    assert sorted(opened, key=str) == sorted(marks, key=str)


def test_a_turn_without_marks_is_one_plain_piece():
    (piece,) = pieces("And how was the week?", ())
    assert (piece.text, piece.marks, piece.kinds) == ("And how was the week?", (), ())


def test_where_two_kinds_meet_the_piece_has_both_and_the_stronger_intensity():
    marks = (a_mark(0, 10, "minimal_response", 1), a_mark(5, 15, "complaint_therapist", 3))
    first, both, last, _ = pieces("x" * 20, marks)
    assert (first.kinds, both.kinds, last.kinds) == (
        ("withdrawal",),
        ("withdrawal", "confrontation"),
        ("confrontation",),
    )
    assert (first.intensity, both.intensity) == (1, 3)
    assert both.announces == "confrontation, likely: complaint about the therapist"


def test_a_card_does_not_repeat_the_quote_its_reason_begins_with():
    tag = ExplainedTag(
        0,
        "denial",
        "withdrawal",
        0.9,
        2,
        Span(0, 4),
        "“Fine” reads as: plays it down. It follows “How?”.",
        "",
    )
    mark = mark_of(tag, Turn(0, "t0", Speaker.CLIENT, "Fine."), load_codebook())
    assert mark.why == "Reads as: plays it down. It follows “How?”."
    assert mark.quote == "Fine"


@given(st.lists(st.tuples(spans, st.sampled_from(sorted(CODES))), max_size=8))
def test_signs_hold_every_mark_once_and_each_is_of_one_kind(drawn):
    marks = tuple(a_mark(start, end, code) for (start, end), code in drawn)
    signs = signs_of(marks)
    assert sorted((m for s in signs for m in s.marks), key=str) == sorted(marks, key=str)
    assert all(len({(m.kind, m.start, m.end) for m in s.marks}) == 1 for s in signs)
