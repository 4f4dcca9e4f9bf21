from dataclasses import replace

import numpy as np
import pytest

from annotation.corpus import load_written
from models.tagger import load_tagger, sentence_scores
from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.segmentation import split_sentences
from nlp.tagging import STRICTNESS_LEVELS
from nlp.transcript import Span, Speaker, Transcript, make_turns, with_roles


@pytest.fixture(scope="module")
def tagger():
    return load_tagger()


def dialogue(*texts: str) -> Transcript:
    rows = [("T" if i % 2 == 0 else "C", text, None, None) for i, text in enumerate(texts)]
    turns = Transcript("s", make_turns(rows))
    return split_sentences(with_roles(turns, {"T": Speaker.THERAPIST, "C": Speaker.CLIENT}))


def written(session: str) -> Transcript:
    return next(split_sentences(c.transcript) for c in load_written() if c.transcript.id == session)


def test_every_turn_is_scored_with_what_its_speaker_may_carry(tagger):
    codebook = load_codebook()
    transcript = written("w1-05")
    scores = tagger.score(transcript)
    assert [s.turn for s in scores] == [t.index for t in transcript.turns]
    for turn, score in zip(transcript.turns, scores, strict=True):
        assert set(score.codes) == set(codebook.codes_for(turn.speaker))
        assert (score.repair is None) == (turn.speaker is Speaker.CLIENT)
        assert (score.rupture is None) == (turn.speaker is Speaker.THERAPIST)
        assert len(score.sentences) == len(turn.sentences)
        assert all(0 <= v <= 1 for v in (*score.codes.values(), *score.sentences))
        assert 1 <= score.intensity <= 3


def test_an_open_confrontation_scores_far_above_plain_talk(tagger):
    scores = tagger.score(
        dialogue(
            "How was the week?",
            "It was good, we went to the sea and the kids loved it.",
            "And did you do the thought record?",
            "No. You're not listening to me. These worksheets are pointless and you never hear a word I say.",
        )
    )
    assert scores[3].rupture > 3 * scores[1].rupture
    assert scores[3].confrontation > scores[3].withdrawal


def test_a_repair_scores_far_above_the_next_question(tagger):
    scores = tagger.score(
        dialogue(
            "What time did you get up?",
            "You keep asking me that. You don't get it at all.",
            "You're right, I'm sorry. I pushed on with my questions and lost you. That was my part.",
            "Okay.",
            "And what time did you have lunch?",
        )
    )
    assert scores[2].repair > 3 * scores[4].repair


def test_other_speakers_are_not_scored(tagger):
    rows = [("T", "Hello.", None, None), ("Interpreter", "She says hello.", None, None)]
    transcript = split_sentences(
        with_roles(Transcript("s", make_turns(rows)), {"T": Speaker.THERAPIST, "Interpreter": Speaker.OTHER})
    )
    other = tagger.score(transcript)[1]
    assert other.rupture is None and other.repair is None and not other.codes


def test_scores_do_not_depend_on_other_sessions_or_on_what_was_scored_before(tagger):
    first = tagger.score(written("w1-05"))
    tagger.score(written("full-03"))
    again = tagger.score(written("w1-05"))
    assert [s.rupture for s in first] == [s.rupture for s in again]


def test_scores_hardly_depend_on_how_windows_are_batched(tagger):
    transcript = written("w1-05")
    alone = replace(tagger._card.scheme, batch_tokens=1)
    together = tagger.raw_scores(transcript)
    one_by_one = type(tagger)(
        replace(tagger._card, scheme=alone), tagger._tokenizer, tagger._reader, load_codebook()
    )
    np.testing.assert_allclose(one_by_one.raw_scores(transcript).kinds, together.kinds, atol=0.15)


def test_openvino_and_torch_agree(tagger):
    transcript = written("w1-05")
    torch_scores = load_tagger(backend="torch").score(transcript)
    served = tagger.score(transcript)
    gaps = [
        abs(
            (a.rupture if a.rupture is not None else a.repair)
            - (b.rupture if b.rupture is not None else b.repair)
        )
        for a, b in zip(served, torch_scores, strict=True)
    ]
    assert tagger.backend == "openvino"
    assert np.mean(gaps) < 0.01 and np.max(gaps) < 0.08


@pytest.mark.parametrize(
    "texts", [("", ""), ("Yes.", "No."), ("Hm?", "\x00\x01 \u202e"), ("Was?", "Das ist mir egal. " * 3)]
)
def test_odd_turns_are_scored_without_a_crash(tagger, texts):
    assert len(tagger.score(dialogue(*texts))) == 2


def test_no_turns_give_no_scores(tagger):
    assert tagger.score(Transcript("s", ())) == []


def test_a_turn_of_five_thousand_words_is_scored_by_its_strongest_part(tagger):
    plain = "We went down to the beach and had a picnic with the children. " * 400
    angry = plain + "You are not listening to me, this therapy is useless and I am done with you." + plain
    scores = tagger.score(dialogue("How was it?", plain, "And then?", angry))
    assert scores[3].rupture > scores[1].rupture


def test_strictness_levels_are_ordered(tagger):
    levels = [tagger.info.thresholds[level].rupture for level in STRICTNESS_LEVELS]
    assert levels == sorted(levels)


def test_progress_rises_to_the_number_of_turns(tagger):
    seen = []
    transcript = written("w1-05")
    tagger.score(transcript, progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen) and seen[-1] == (len(transcript.turns), len(transcript.turns))


def test_a_sentence_scores_by_its_own_tokens():
    tokens = np.array([[0, 3, -20.0], [4, 8, -20.0], [9, 12, 20.0]], np.float32)
    assert sentence_scores(tokens, (Span(0, 8), Span(9, 12))) == pytest.approx((0, 1), abs=1e-6)


def test_an_unknown_tagger_is_refused_with_its_name():
    with pytest.raises(InputError, match="nowhere"):
        load_tagger("nowhere")
