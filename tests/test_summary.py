"""The session at a glance."""

from collections import Counter
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.codebook import load_codebook
from nlp.findings import Rupture
from nlp.language import english_share, language_warnings
from nlp.report import SessionReport, analyse_session
from nlp.summary import NOT_ASSESSED, longest_unrepaired, look_at_first, talk_share
from nlp.transcript import Speaker, Transcript, Turn
from tests.gold_tagger import GoldTagger, gold_turns, written_ids, written_session

CODEBOOK = load_codebook()


@cache
def analysed(session: str) -> SessionReport:
    return analyse_session(written_session(session), GoldTagger())


def rupture(name: str, first: int, last: int, status: str = "unrepaired", significance: int = 3) -> Rupture:
    return Rupture(name, "withdrawal", first, last, significance, (first, last), (), status, "")


def spoken(*said: tuple[str, str]) -> Transcript:
    turns = (Turn(i, f"t{i}", Speaker(speaker), text) for i, (speaker, text) in enumerate(said))
    return Transcript("x", tuple(turns))


@pytest.mark.parametrize("session", ["full-01", "w1-06", "w6-02"])
def test_the_counts_are_those_of_the_session(session):
    summary, gold = analysed(session).summary, gold_turns(session)
    marked = [t for t in gold if t["speaker"] == "client" and t.get("tags")]
    assert summary["turns"] == len(gold)
    assert summary["client_turns"] == sum(t["speaker"] == "client" for t in gold)
    assert summary["marked_turns"] == len(marked)
    assert summary["marked_per_ten_client_turns"] == pytest.approx(
        10 * len(marked) / summary["client_turns"], abs=0.01
    )
    assert summary["ruptures"] == summary["repaired"] + summary["partly"] + summary["unrepaired"]
    assert summary["ruptures"] == len(analysed(session).ruptures)
    markers = [g["code"] for t in marked for g in t["tags"]]
    assert {c: n for c, n in summary["codes"].items() if c in CODEBOOK.markers} == Counter(markers)
    assert summary["repair_turns"] == len({i for r in analysed(session).ruptures for i in r.repairs})


def test_a_session_without_ruptures_says_so_and_that_it_proves_nothing():
    quiet = next(i for i in written_ids() if not any(t.get("tags") for t in gold_turns(i)))
    summary = analysed(quiet).summary
    assert (summary["ruptures"], summary["look_at_first"], summary["longest_unrepaired"]) == (0, [], None)
    assert "that does not mean that there was none" in " ".join(summary["sentences"])


def test_every_report_says_that_risk_is_not_assessed():
    for session in ("full-01", "w1-06"):
        assert NOT_ASSESSED in analysed(session).summary["notices"]
    assert "suicide" in NOT_ASSESSED and "self-harm" in NOT_ASSESSED and "harm to others" in NOT_ASSESSED


def test_the_talk_share_is_of_words_and_leaves_out_stage_directions():
    shares = talk_share(spoken(("therapist", "One two three."), ("client", "[pause] Four.")))
    assert shares == {"therapist": 0.75, "client": 0.25, "other": 0.0}


def test_when_nobody_says_a_word_no_one_has_a_share():
    assert set(talk_share(spoken(("therapist", "[silence]"), ("client", "..."))).values()) == {0.0}


def test_unrepaired_ruptures_come_first_then_the_more_significant_ones():
    found = [
        rupture("r1", 1, 3, "repaired", 5),
        rupture("r2", 5, 7, "partly", 4),
        rupture("r3", 9, 11, "unrepaired", 2),
        rupture("r4", 13, 15, "unrepaired", 4),
    ]
    assert [i["rupture"] for i in look_at_first(found)] == ["r4", "r3", "r2", "r1"]
    assert look_at_first(found)[0]["reason"].startswith("Not repaired; withdrawal")


def test_the_longest_unrepaired_rupture_is_counted_in_client_turns():
    talk = spoken(*[("client" if i % 2 else "therapist", "Well.") for i in range(20)])
    found = [rupture("r1", 1, 11, "repaired"), rupture("r2", 13, 17)]
    assert longest_unrepaired(talk, found) == {"rupture": "r2", "client_turns": 3}


@pytest.mark.parametrize("session", ["full-01", "w6-02"])
def test_the_timeline_has_a_point_for_every_turn_in_order(session):
    report = analysed(session)
    points = report.summary["timeline"]
    assert [p["turn"] for p in points] == [t.index for t in report.transcript.turns]
    positions = [p["position"] for p in points]
    assert positions == sorted(positions)
    assert 0 == positions[0] <= positions[-1] < 1
    in_ruptures = {p["turn"] for p in points if p["rupture"]}
    assert all(set(r.turns) <= in_ruptures for r in report.ruptures)


def test_english_sessions_are_taken_for_english():
    for session in written_ids()[::10]:
        assert language_warnings(written_session(session)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Ich weiß nicht, was ich dazu sagen soll, es war einfach eine schwierige Woche für mich und meine Frau.",
        "Je ne sais pas quoi vous dire, la semaine a été difficile pour moi et pour ma femme, voilà tout.",
        "No sé qué decirle, la semana ha sido muy difícil para mí y para mi mujer, eso es todo lo que hay.",
        "Non so cosa dire, la settimana è stata difficile per me e per mia moglie, questo è tutto quanto.",
        "Ik weet niet wat ik moet zeggen, het was gewoon een moeilijke week voor mij en mijn vrouw, dat is het.",
        "Я не знаю, что сказать, неделя была трудной для меня и для моей жены, вот и всё, что есть сегодня.",
    ],
)
def test_other_languages_are_flagged_and_still_reported(text):
    talk = spoken(*[("therapist" if i % 2 else "client", text) for i in range(4)])
    report = analyse_session(talk, GoldTagger())
    assert any("does not look like English" in w for w in report.warnings)
    assert len(report.scores) == 4


def test_a_few_words_are_too_few_to_tell_a_language():
    assert english_share(spoken(("client", "Hm."), ("therapist", "Ja?"))) is None


@given(
    st.lists(st.tuples(st.sampled_from(["therapist", "client", "other"]), st.text(max_size=40)), max_size=12)
)
def test_shares_add_up_whatever_is_said(said):
    shares = talk_share(spoken(*said))
    assert sum(shares.values()) == pytest.approx(1, abs=0.001) or set(shares.values()) == {0.0}
