"""Why a tag was put on a turn and what speaks against it: from the words and the codebook, never made up."""

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.codebook import load_codebook
from nlp.explain import explain
from nlp.findings import ExplainedTag
from nlp.look_alikes import LOOK_ALIKES
from nlp.report import SessionReport, analyse_session
from nlp.ruptures import find_ruptures
from nlp.signs import SIGNS
from nlp.tagging import Strictness, TurnScores, TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn
from tests.gold_tagger import GoldTagger, written_session

CODEBOOK = load_codebook()
EVEN = Strictness(0.5, 0.5, 0.5, 0.5, dict.fromkeys(CODEBOOK.markers + CODEBOOK.strategies, 0.5))
SESSIONS = ("w1-06", "w6-02", "w8-01", "w10-05", "w12-05")
QUOTED = re.compile("“([^”]*?)(?: …)?”")  # " …" says that the words go on


@cache
def analysed(session: str) -> SessionReport:
    return analyse_session(written_session(session), GoldTagger())


def explained(*said: str, code: str, score: float = 0.9, intensity: int = 2, **others: float) -> ExplainedTag:
    """The explanation of one code on the last of some turns; therapist and client by turns, ending right."""
    last = Speaker.CLIENT if code in CODEBOOK.markers else Speaker.THERAPIST
    first = (Speaker.THERAPIST, Speaker.CLIENT)
    turns = []
    for index, text in enumerate(said):
        same = (len(said) - 1 - index) % 2 == 0
        speaker = last if same else next(s for s in first if s is not last)
        turns.append(Turn(index, f"t{index}", speaker, text))
    tag = TurnTag(len(said) - 1, code, Span(0, len(said[-1])), score, intensity)
    scores = [TurnScores(t.index) for t in turns]
    scores[-1] = TurnScores(len(said) - 1, codes={code: score, **others})
    return explain(Transcript("x", tuple(turns)), [tag], scores, EVEN, CODEBOOK)[0]


def codebook_words() -> str:
    words = [CODEBOOK.rules, CODEBOOK.hard_calls]
    for c in CODEBOOK.codes:
        words += [(c.name, c.definition), c.phrases, c.cues, c.look_alikes, c.hard_calls, c.wordings]
    return "\n".join(item for group in words for item in group)


@pytest.mark.parametrize("session", SESSIONS)
def test_whatever_stands_in_quotation_marks_is_in_the_transcript_or_the_codebook(session):
    report = analysed(session)
    sources = [" ".join(t.text.split()) for t in report.transcript.turns] + [codebook_words()]
    quotes = [q for tag in report.tags for q in QUOTED.findall(tag.why + tag.against)]
    assert len(quotes) > len(report.tags)
    for quoted in quotes:
        assert any(quoted in source for source in sources), quoted


@pytest.mark.parametrize("session", SESSIONS)
def test_every_reason_quotes_its_evidence(session):
    report = analysed(session)
    assert report.tags
    for tag in report.tags:
        evidence = " ".join(
            report.transcript.turns[tag.turn].text[tag.evidence.start : tag.evidence.end].split()
        )
        quotes = [q for q in QUOTED.findall(tag.why) if q]
        assert tag.why == "No cue words; the tagger goes by the whole turn." or any(
            evidence.startswith(q) for q in quotes
        )
        assert tag.against


def test_a_cue_of_the_codebook_in_the_turn_is_named():
    assert (
        "“I guess” are a cue in the codebook"
        in explained("Go on.", "Yeah, I guess.", code="minimal_response").why
    )


def test_a_cue_typed_without_apostrophes_is_still_found():
    assert "“youre not listening”" in explained("ok", "youre not listening", code="complaint_therapist").why


def test_the_open_question_before_a_clipped_reply_is_quoted():
    why = explained("Okay. What was that like for you?", "Same.", code="minimal_response").why
    assert "an open question (“What was that like for you?”) and gets one word in reply" in why


def test_advice_before_a_flat_yes_is_quoted():
    assert (
        "advised or pressed (“you should”)"
        in explained("Maybe you should ring.", "Okay.", code="deferential").why
    )


def test_where_no_cue_speaks_for_a_tag_it_says_so_and_no_more():
    why = explained("Right.", "That's what the steady is.", code="deferential", score=0.71).why
    assert why == "No cue words; the tagger goes by the whole turn."


def test_a_code_that_is_not_named_is_not_said_to_be_what_the_words_are():
    sure = explained("Maybe you should ring.", "Okay.", code="deferential", score=0.3).why
    unsure = explained("Maybe you should ring.", "Okay.", code="deferential", score=0.2).why
    assert "reads as" in sure and "reads as" not in unsure
    assert "advised or pressed" in unsure


def test_a_no_that_opens_the_turn_is_said_to_open_the_turn():
    why = explained("Try it.", "No. I'd rather walk.", code="rejects_intervention").why
    assert "The turn opens with “No”" in why


def test_what_is_still_to_rule_out_is_said_once_in_a_rupture():
    said = ("So.", "As you say.", "Go on.", "As you say.")
    turns = tuple(
        Turn(i, f"t{i}", Speaker.CLIENT if i % 2 else Speaker.THERAPIST, text) for i, text in enumerate(said)
    )
    tags = tuple(TurnTag(i, "deferential", Span(0, 11)) for i in (1, 3))
    transcript = Transcript("x", turns)
    found = explain(
        transcript,
        tags,
        [TurnScores(i) for i in range(4)],
        EVEN,
        CODEBOOK,
        find_ruptures(transcript, tags, CODEBOOK),
    )
    assert ["to rule out" in tag.against for tag in found] == [True, False]


def test_a_strategy_is_explained_by_the_marked_words_it_answers():
    marked = TurnTag(0, "complaint_therapist", Span(0, 22))
    answer = TurnTag(1, "acknowledges_contribution", Span(0, 9))
    turns = (
        Turn(0, "t0", Speaker.CLIENT, "You never read my file."),
        Turn(1, "t1", Speaker.THERAPIST, "I missed it."),
    )
    tags = [marked, answer]
    found = explain(Transcript("x", turns), tags, [TurnScores(0), TurnScores(1)], EVEN, CODEBOOK)
    assert "“You never read my file”" in found[1].why


@pytest.mark.parametrize(
    ("before", "said", "code", "look_alike"),
    [
        ("Did it rain?", "Not really.", "minimal_response", "short answers to closed or factual questions"),
        ("So what we do is, we write it down, and", "Yeah.", "minimal_response", "Back-channels"),
        ("What helped?", "Exactly! That.", "minimal_response", "short but engaged agreement"),
        ("Let's do it.", "Thank you, I'd like that.", "deferential", "Genuine agreement or thanks"),
        ("How is work?", "He never listens to them.", "complaint_therapist", "Complaints about others"),
        ("Try it.", "Part of me thinks I could.", "rejects_intervention", "ambivalence voiced about change"),
        ("Here's the sheet.", "How does the sheet work?", "complaint_activities", "Asking how a task works"),
        ("And?", "Nothing's changed this week.", "complaint_progress", "Reporting a bad week"),
        ("What did you do then?", "I had to go.", "defends_self", "Giving reasons when neutrally asked"),
        ("So.", "Could you tell me what to do, please?", "control_pressure", "A request made in collaboration"),
        ("[laughs] Oh dear.", "I fell in. [laughs]", "content_affect_split", "Friendly shared laughter"),
        ("Was the bus late?", "It was fine.", "denial", "disagreeing with a fact"),
    ],
)  # fmt: skip
def test_the_look_alike_that_fits_the_turn_is_named(before, said, code, look_alike):
    assert f"look-alike, “{look_alike}" in explained(before, said, code=code).against


def test_a_score_that_only_just_reaches_its_threshold_speaks_against_it():
    assert (
        "only just reaches" in explained("So.", "Whatever you think.", code="deferential", score=0.55).against
    )
    assert "only just" not in explained("So.", "Whatever you think.", code="deferential", score=0.75).against


def test_a_code_below_its_own_threshold_is_called_the_likeliest_only():
    against = explained("So.", "Whatever you think.", code="deferential", score=0.3).against
    assert "under its own threshold" in against


def test_nearness_is_relative():
    low = Strictness(0.1, 0.1, 0.1, 0.1, dict.fromkeys(CODEBOOK.markers, 0.17))
    turns = (Turn(0, "t0", Speaker.CLIENT, "Whatever you think of it."),)

    def against(score: float, **others: float) -> str:
        scores = [TurnScores(0, codes={"deferential": score, **others})]
        tag = TurnTag(0, "deferential", Span(0, 25), score)
        return explain(Transcript("x", turns), [tag], scores, low, CODEBOOK)[0].against

    assert "only just reaches" in against(0.2) and "only just" not in against(0.26)
    assert "nearly as high" in against(0.3, denial=0.25) and "nearly" not in against(0.3, denial=0.22)


def test_a_rival_code_is_named():
    against = explained("So.", "Whatever you think.", code="deferential", score=0.8, denial=0.75).against
    assert "“Denial” scores nearly as high (75 %)" in against


def test_a_single_slight_sign_is_called_one():
    assert "single slight sign" in explained("So.", "As you say.", code="deferential", intensity=1).against


def test_a_strategy_with_nothing_to_repair_before_it_is_doubted():
    assert (
        "No marked client turn" in explained("Fine.", "I'm sorry.", code="acknowledges_contribution").against
    )


def test_where_nothing_speaks_against_a_tag_it_says_so_and_names_what_to_rule_out():
    against = explained("So.", "As you say.", code="deferential").against
    assert (
        against
        == "Nothing seen in the words or in the turns around it. Still to rule out: “Genuine agreement or thanks”."
    )


def test_every_marker_has_signs_and_its_look_alikes_are_in_the_codebook():
    assert set(SIGNS) == set(LOOK_ALIKES) == set(CODEBOOK.markers)
    for code, entries in LOOK_ALIKES.items():
        assert all(place < len(CODEBOOK[code].look_alikes) for place, _ in entries)


words = st.text(alphabet=st.characters(exclude_characters="“”"), max_size=60)


@settings(max_examples=150)
@given(st.lists(words, min_size=1, max_size=4), st.sampled_from(CODEBOOK.markers + CODEBOOK.strategies))
def test_any_words_at_all_can_be_explained_and_quotes_are_copies(said, code):
    tag = explained(*said, code=code)
    copies = [" ".join(text.split()) for text in said] + [codebook_words()]
    for quoted in QUOTED.findall(tag.why + tag.against):
        assert any(" ".join(quoted.split()) in c for c in copies)
