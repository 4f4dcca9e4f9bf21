import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.encoder import load_tokenizer
from models.inputs import encode_turns, make_batch, plan_windows
from nlp.transcript import Speaker, Transcript, make_turns, with_roles


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer("minilm-l6")


def transcript(*texts: str) -> Transcript:
    rows = [("T" if i % 2 == 0 else "C", text, None, None) for i, text in enumerate(texts)]
    return with_roles(Transcript("s", make_turns(rows)), {"T": Speaker.THERAPIST, "C": Speaker.CLIENT})


lengths_and_scheme = st.tuples(
    st.lists(st.integers(1, 60), max_size=80), st.integers(100, 200), st.integers(0, 40), st.integers(60, 200)
)


@given(lengths_and_scheme)
def test_every_unit_is_judged_once_and_in_order(case):
    lengths, limit, context, first_limit = case
    windows = plan_windows(lengths, limit, context, first_limit)
    assert [u for w in windows for u in range(w.judged, w.last)] == list(range(len(lengths)))


@given(lengths_and_scheme)
def test_no_window_is_over_its_limit(case):
    lengths, limit, context, first_limit = case
    for w in plan_windows(lengths, limit, context, first_limit):
        assert sum(lengths[w.first : w.last]) <= limit


@given(lengths_and_scheme)
def test_a_window_has_all_the_context_that_fits(case):
    lengths, limit, context, _ = case
    for w in plan_windows(lengths, limit, context):
        assert w.first == 0 or sum(lengths[w.first - 1 : w.last]) > limit


def test_a_long_turn_is_read_in_pieces_that_cover_all_its_words(tokenizer):
    text = "and then we talked about the garden " * 200
    units = [u for u in encode_turns(transcript("Hello?", text), tokenizer, 100) if u.turn == 1]
    assert len(units) > 5 and all(len(u) <= 100 for u in units)
    covered = {i for u in units for start, end in u.offsets for i in range(start, end)}
    assert covered == {i for i, c in enumerate(text) if not c.isspace()}


def test_an_empty_turn_is_its_speaker_alone(tokenizer):
    assert [len(u) for u in encode_turns(transcript("", "Yes."), tokenizer, 100)] == [1, 3]


def test_speakers_are_told_apart_by_their_first_token(tokenizer):
    first, second = encode_turns(transcript("Yes.", "Yes."), tokenizer, 100)
    assert first.ids[0] != second.ids[0] and first.ids[1:] == second.ids[1:]


def test_a_batch_holds_every_token_of_its_units(tokenizer):
    units = encode_turns(transcript("How was it?", "I dunno.", "Tell me more?"), tokenizer, 100)
    windows = plan_windows([len(u) for u in units], 8, 2)
    batch = make_batch([(units, w) for w in windows], tokenizer)
    for row, (w, u) in enumerate(batch.units):
        assert tuple(batch.ids[w][batch.unit_of[w] == row].tolist()) == units[u].ids
