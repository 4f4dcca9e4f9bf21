"""CHAT and ELAN: transcripts in tiers."""

from pathlib import Path

import pytest

from nlp.errors import InputError
from nlp.reading import read_transcript

DATA = Path(__file__).parent / "data" / "reading"


def from_file(name: str):
    return read_transcript((DATA / name).read_bytes(), name)


def test_chat_utterances_of_one_speaker_become_one_turn():
    turns = from_file("session.cha").transcript.turns
    assert [(t.name, t.text) for t in turns] == [
        ("THE Hannah Therapist", "how was that (.) for you ?"),
        ("CLI Tom Client", "&-um fine I guess . I mean it was +... it was okay ."),
        ("THE Hannah Therapist", "okay ?"),
    ]
    assert (turns[1].start, turns[1].end) == (4.3, 7.0)


def test_chat_headers_and_dependent_tiers_are_reported():
    assert from_file("session.cha").warnings == (
        "lines 1-5, 12: a header line (@) was not read as talk.",
        "line 7: a dependent tier (%) was left out.",
    )


def test_chat_roles_come_from_the_participants_header():
    result = from_file("session.cha")
    assert result.roles.confidence >= 0.95
    assert [t.speaker.value for t in result.transcript.turns] == ["therapist", "client", "therapist"]


def test_chat_lines_of_nobody_are_reported():
    result = read_transcript(b"@UTF8\n@Begin\nstray\n*THE:\thi ?\n*CLI:\tyes .\n@End\n", "a.cha")
    assert "line 3: belongs to no speaker; left out." in result.warnings


def test_elan_tiers_are_put_in_order_of_time_and_joined():
    result = from_file("session.eaf")
    assert [(t.name, t.text, t.start, t.end) for t in result.transcript.turns] == [
        ("Therapist", "Did you bring the sheet & a pen?", 0.4, 2.1),
        ("Client", "No, not really. I'd rather not.", 2.3, 3.6),
        ("Therapist", "All right.", 3.6, 4.4),
    ]
    assert result.warnings == ("file: annotations on dependent or comment tiers were left out: 1.",)
    assert result.counts["annotations"] == 5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            lambda x: x.replace(
                "<ANNOTATION_DOCUMENT", "<!DOCTYPE a [<!ENTITY e 'x'>]><ANNOTATION_DOCUMENT", 1
            ),
            "doctype",
        ),
        (lambda x: x[:900], "malformed"),
        (lambda x: x.replace("ANNOTATION_DOCUMENT", "OTHER"), "unsupported"),
        (lambda x: x.replace('PARTICIPANT="Client"', 'PARTICIPANT="Therapist"'), "one_speaker"),
        (lambda x: "<!DOCTYPE html><html><body>T: hi</body></html>", "unsupported"),
    ],
)
def test_xml_that_is_no_elan_session_is_refused(change, code):
    with pytest.raises(InputError) as refused:
        read_transcript(change((DATA / "session.eaf").read_text()).encode(), "a.eaf")
    assert refused.value.code == code
