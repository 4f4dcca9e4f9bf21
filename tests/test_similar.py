import numpy as np
import pytest

from annotation.corpus import load_contrast, load_written
from api.packing import pack_scores, unpack_scores
from models.similar import NEAREST, IndexedMoment, MomentIndex, load_index
from models.tagger import TransformerTagger, build_index, load_tagger
from nlp.codebook import load_codebook
from nlp.segmentation import split_sentences
from nlp.transcript import Speaker


@pytest.fixture(scope="module")
def index():
    sides = [side for p in load_contrast("train")[:8] for side in (p.marked, p.look_alike)]
    return build_index(load_tagger(), load_written("train")[:6] + sides, load_codebook())


@pytest.fixture(scope="module")
def scored(index):
    plain = load_tagger()
    tagger = TransformerTagger(
        plain._card, plain._tokenizer, plain._reader, load_codebook(), plain.backend, index
    )
    transcript = split_sentences(load_written("train")[0].transcript)
    return transcript, tagger.score(transcript), tagger


def axis(place: int) -> np.ndarray:
    return np.eye(4, dtype=np.float32)[place]


def small_index() -> MomentIndex:
    moments = [
        IndexedMoment("a", 1, "client", ("denial",)),
        IndexedMoment("a", 3, "client", ()),
        IndexedMoment("b", 5, "therapist", ("redirects",)),
        IndexedMoment("c", 7, "client", ("deferential",)),
    ]
    vectors = np.stack([axis(0), axis(0), axis(0), (axis(0) + axis(1)) / np.sqrt(2)])
    return MomentIndex(tuple(moments), vectors)


def test_the_nearest_are_said_by_the_same_speaker_and_each_of_another_session():
    found = small_index().nearest(2 * axis(0), Speaker.CLIENT)
    assert [m.session for m in found] == ["a", "c"]
    assert found[0].likeness == pytest.approx(1) and found[1].likeness == pytest.approx(0.7071, abs=1e-3)


def test_a_session_is_no_example_of_itself():
    assert [m.session for m in small_index().nearest(axis(0), Speaker.CLIENT, "a")] == ["c"]


def test_an_index_read_back_finds_the_same(tmp_path):
    small_index().save(tmp_path)
    again = load_index(tmp_path)
    assert again.moments == small_index().moments
    assert [m.session for m in again.nearest(axis(1), Speaker.CLIENT)] == ["c", "a"]


def test_every_turn_that_coders_marked_is_in_the_index_with_its_code(index):
    by_place = {(m.session, m.turn): m.codes for m in index.moments}
    for coded in load_written("train")[:6]:
        both = [{(t.turn, t.code) for t in tags} for tags in coded.tags.values()]
        for turn, code in set.intersection(*both):
            assert code in by_place[coded.transcript.id, turn]
    np.testing.assert_allclose(np.linalg.norm(index.vectors, axis=1), 1, atol=1e-3)


def test_turns_that_may_be_marked_come_with_moments_of_other_sessions(scored):
    transcript, scores, tagger = scored
    sensitive = tagger.info.thresholds["sensitive"]
    marked = [
        s for s in scores if (s.rupture or 0) >= sensitive.rupture or (s.repair or 0) >= sensitive.repair
    ]
    assert marked and all(len(s.similar) == NEAREST for s in marked)
    assert all(m.session != transcript.id for s in marked for m in s.similar)
    assert all(
        a.likeness >= b.likeness for s in marked for a, b in zip(s.similar, s.similar[1:], strict=False)
    )


def test_similar_moments_survive_packing(scored):
    _, scores, tagger = scored
    assert unpack_scores(pack_scores(tagger.info, scores))[1] == tuple(scores)
