"""Who is therapist and who is client."""

import json
from pathlib import Path

import pytest

from nlp.roles import SURE, propose_roles, role_of_name
from nlp.transcript import Speaker, Transcript, make_turns, with_roles

WRITTEN = Path(__file__).parents[1] / "annotation" / "data" / "written_sessions.jsonl"
THERAPIST, CLIENT, OTHER = Speaker.THERAPIST, Speaker.CLIENT, Speaker.OTHER


def talk(*turns: tuple[str, str]) -> Transcript:
    return Transcript("x", make_turns((name, text, None, None) for name, text in turns))


def between(a: str, b: str, *others: str) -> Transcript:
    return talk(
        *[(a, "How was that for you?"), (b, "I was not sure.")] * 6, *[(name, "Sorry.") for name in others]
    )


@pytest.mark.parametrize(
    ("name", "role"),
    [("T", THERAPIST), ("Th", THERAPIST), ("T1", THERAPIST), ("THERAPIST", THERAPIST), ("Dr. Jones", THERAPIST),
     ("Counsellor", THERAPIST), ("Anna (therapist)", THERAPIST), ("Co-therapist", THERAPIST), ("Interviewer", THERAPIST),
     ("C", CLIENT), ("P", CLIENT), ("Pt.", CLIENT), ("Cl", CLIENT), ("Patient 12", CLIENT), ("Client B", CLIENT),
     ("Mother", OTHER), ("Client's mother", OTHER), ("Interpreter for the client", OTHER), ("Unnamed", OTHER),
     ("Anna", None), ("Speaker 1", None), ("Tom", None), ("Christopher", None), ("TC", None), ("Theresa", None)],
)  # fmt: skip
def test_names_state_roles_or_nothing(name, role):
    assert role_of_name(name) is role


@pytest.mark.parametrize(
    ("a", "b"),
    [("T", "C"), ("Therapist", "Client"), ("Dr Brandt", "Patient"), ("Th", "Pt"), ("Counsellor", "P")],
)
def test_clear_names_are_believed(a, b):
    proposal = propose_roles(between(a, b))
    assert proposal.roles == {a: THERAPIST, b: CLIENT} and proposal.confidence >= 0.95


def test_names_are_believed_even_when_the_client_asks_everything():
    proposal = propose_roles(between("C", "T"))
    assert proposal.roles == {"C": CLIENT, "T": THERAPIST} and proposal.confidence >= 0.95


def test_the_only_one_beside_a_named_therapist_is_the_client():
    proposal = propose_roles(between("Dr. Brandt", "Tom"))
    assert proposal.roles == {"Dr. Brandt": THERAPIST, "Tom": CLIENT} and proposal.confidence >= 0.95


def test_third_speakers_are_others():
    assert propose_roles(between("T", "C", "Receptionist", "Marta")).roles == {
        "T": THERAPIST, "C": CLIENT, "Receptionist": OTHER, "Marta": OTHER,
    }  # fmt: skip
    roles = propose_roles(between("Anna", "Ben", "Marta")).roles
    assert roles == {"Anna": THERAPIST, "Ben": CLIENT, "Marta": OTHER}


def test_a_couple_are_both_clients():
    proposal = propose_roles(between("Therapist", "Client 1", "Client 2"))
    assert [proposal.roles[f"Client {i}"] for i in (1, 2)] == [CLIENT, CLIENT]


def test_weak_names_are_less_sure():
    assert SURE <= propose_roles(between("Interviewer", "Participant")).confidence < 0.95


def test_c_beside_p_is_told_from_the_talk():
    proposal = propose_roles(between("C", "P"))
    assert proposal.roles == {"C": THERAPIST, "P": CLIENT} and proposal.confidence < 0.95


def test_a_few_words_allow_no_sure_guess():
    assert propose_roles(talk(("A", "How are you?"), ("B", "I am well."))).confidence < SURE


def test_a_third_who_says_much_allows_no_sure_guess():
    turns = [
        ("A", "How was that?"),
        ("B", "I did not know."),
        ("D", "And I was there, I saw it all myself."),
    ] * 8
    assert propose_roles(talk(*turns)).confidence < SURE


def test_a_mapping_sets_every_turn():
    transcript = talk(("A", "x"), ("B", "y"), ("A", "z"))
    assert [t.speaker for t in with_roles(transcript, {"A": CLIENT, "B": THERAPIST}).turns] == [
        CLIENT,
        THERAPIST,
        CLIENT,
    ]


def test_guesses_on_all_written_sessions_are_nearly_always_right_when_sure():
    right = sure = right_when_sure = 0
    sessions = [json.loads(line) for line in WRITTEN.read_text(encoding="utf-8").splitlines()]
    for number, session in enumerate(sessions):
        names = {"therapist": f"Speaker {1 + number % 2}", "client": f"Speaker {2 - number % 2}"}
        proposal = propose_roles(talk(*((names[t["speaker"]], t["text"]) for t in session["turns"])))
        good = all(proposal.roles[name] == role for role, name in names.items())
        right += good
        sure += proposal.confidence >= SURE
        right_when_sure += good and proposal.confidence >= SURE
    print(f"roles right {right}/{len(sessions)}; sure {sure}, of them right {right_when_sure}")
    assert len(sessions) == 790
    assert right / len(sessions) >= 0.97
    assert right_when_sure / sure >= 0.97 and sure / len(sessions) >= 0.9
