"""Plain text: heads, wrapped lines, front matter, Otter, Zoom and phone chats."""

from pathlib import Path

import pytest

from nlp.errors import InputError
from nlp.reading import read_transcript

DATA = Path(__file__).parent / "data" / "reading"


def read(text: str):
    return read_transcript(text.encode(), "session.txt")


def said(result) -> list[tuple[str, str]]:
    return [(t.name, t.text) for t in result.transcript.turns]


def from_file(name: str):
    return read_transcript((DATA / name).read_bytes(), name)


@pytest.mark.parametrize(
    "names",
    [("T", "C"), ("Th", "Pt"), ("Therapist", "Client"), ("THERAPIST", "CLIENT"), ("Speaker 1", "Speaker 2"),
     ("Dr. O'Neill", "Anna-Lena"), ("Dr Jones (she/her)", "C1"), ("SPEAKER_00", "SPEAKER_01"), ("therapist", "client"),
     ("Jones, Mary", "Abu Bakr"), ("治疗师", "来访者")],
)  # fmt: skip
def test_every_usual_way_of_naming_speakers_is_read(names):
    a, b = names
    assert said(read(f"{a}: How are you?\n{b}: Fine.\n{a}: Really?\n{b}: No.\n")) == [
        (a, "How are you?"), (b, "Fine."), (a, "Really?"), (b, "No."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "head", ["[00:01:02] T:", "00:01:02 T:", "(01:02) T:", "T [00:01:02]:", "T (00:01:02):", "T 00:01:02:", "T: [00:01:02]",
             "00:01:02 - T:", "[00:01:02.000 --> 00:01:04.000] T:", "#00:01:02# T:"],
)  # fmt: skip
def test_a_time_before_or_after_the_name_is_the_turns_start(head):
    turns = read(f"T: Before.\n{head} Hello there.\nC: Hi.\n").transcript.turns
    assert [(t.name, t.text, t.start) for t in turns][1] == ("T", "Hello there.", 62.0)


def test_wrapped_lines_belong_to_the_turn_they_continue():
    result = read("T: So you said\n   to her: stop.\nC: I said: no.\n\tAnd left.\nT: Hm.\n")
    assert said(result) == [("T", "So you said to her: stop."), ("C", "I said: no. And left."), ("T", "Hm.")]


def test_a_time_within_the_text_stays_where_it_is():
    result = read("T: At 10:30 you called. [00:05:00]\nC: 10:45 it was.\n")
    assert said(result) == [("T", "At 10:30 you called. [00:05:00]"), ("C", "10:45 it was.")]


def test_line_numbers_are_taken_off_and_reported():
    result = from_file("numbered.txt")
    assert said(result)[:2] == [
        ("Th", "Before we start, how was last week for you, the session I mean?"),
        ("Pt", "Honestly? I nearly didn't come back."),
    ]
    assert "file: line numbers were taken off the beginning of the lines." in result.warnings


def test_numbers_that_begin_a_turns_words_are_kept():
    assert said(read("T: 3 times a day?\nC: 4 times.\nT: 5?\nC: 6.\n"))[1] == ("C", "4 times.")


def test_turn_numbers_in_the_labels_do_not_make_speakers():
    text = "".join(f"T{i}: Hello {i}.\nC{i}: Hi {i}.\n" for i in range(1, 9))
    assert {name for name, _ in said(read(text))} == {"T", "C"}


def test_two_clients_with_numbers_stay_two():
    text = "T: Hello both.\nC1: Hi.\nC2: Hello.\n" * 4
    assert {name for name, _ in said(read(text))} == {"T", "C1", "C2"}


def test_a_service_transcripts_front_matter_and_end_are_left_out_and_named():
    result = from_file("service.txt")
    assert said(result)[:2] == [
        ("T", "Okay. So, where would you like to start? [00:00:04]"),
        (
            "C",
            "I don't know. [pause] I suppose, um, the thing with my sister: she rang again, and I said to her: enough.",
        ),
    ]
    assert {name for name, _ in said(result)} == {"T", "C"}
    assert result.warnings[0].startswith("lines 1-2, 4-8, 10: before the first turn")
    assert any(w.startswith("line 29: a closing remark") for w in result.warnings)
    assert any(w.startswith("line 18: a time standing alone") for w in result.warnings)
    assert result.transcript.turns[4].start == 300.0


def test_facts_that_name_the_speakers_are_not_turns():
    text = "Date: 3 May\nTherapist: Dr Jones\nClient: Mary\n\nTherapist: How are you?\nClient: Fine.\nTherapist: Good.\n"
    assert said(read(text))[0] == ("Therapist", "How are you?")


def test_a_legend_of_the_labels_is_not_talk():
    text = "T: Therapist\nC: the client\n\nT: Hello, doctor?\nC: Hi.\nT: So?\nC: Therapist\n"
    assert said(read(text)) == [("T", "Hello, doctor?"), ("C", "Hi."), ("T", "So?"), ("C", "Therapist")]


def test_short_first_turns_are_not_mistaken_for_front_matter():
    assert said(read("T: Hi\nC: Hi\nT: Okay\nC: Okay\n"))[0] == ("T", "Hi")


def test_a_third_person_who_speaks_once_is_kept_and_told_of():
    result = read("T: Hello.\nC: Hi.\nMarta: Sorry, wrong door.\nT: No matter.\nC: Okay.\n")
    assert ("Marta", "Sorry, wrong door.") in said(result)
    assert "line 3: a name seen only once was taken as a speaker; check this turn." in result.warnings


def test_one_speaker_in_a_row_stays_two_turns():
    assert len(said(read("T: One.\nT: Two.\nC: Three.\n"))) == 3


def test_paragraphs_without_a_speaker_are_kept_and_told_of():
    result = read("T: Hello.\n\nAnd welcome.\n\nC: Hi.\n")
    assert said(result)[0] == ("T", "Hello. And welcome.")
    assert any(w.startswith("line 3: a paragraph without a speaker") for w in result.warnings)


def test_a_turn_without_words_is_left_out_and_told_of():
    result = read("T: Hello.\nC:\nT: Are you there?\nC: Yes.\n")
    assert len(said(result)) == 3
    assert "line 2: no words; left out." in result.warnings


def test_a_note_among_the_turns_is_not_talk():
    result = read("T: Hello.\nNote: the tape was changed here\nC: Hi.\nT: So.\nC: Yes.\n")
    assert ("C", "Hi.") in said(result) and all("tape" not in text for _, text in said(result))
    assert any(w.startswith("line 2: a note about the transcript") for w in result.warnings)


def test_bracketed_sounds_dashes_and_dots_are_kept_letter_by_letter():
    text = "[laughs] I -- um... I can’t (inaudible) “really” {x} <crying> 50% & more"
    assert said(read(f"T: So?\nC: {text}\n"))[1] == ("C", text)


def test_names_in_markdown_are_read():
    assert said(read("# Session 4\n\n**Therapist:** Hello\n\n**Client:** Hi\n\n**Therapist:** So?\n")) == [
        ("Therapist", "Hello"), ("Client", "Hi"), ("Therapist", "So?"),
    ]  # fmt: skip


def test_an_otter_export_is_read_with_its_times():
    result = from_file("otter.txt")
    assert result.transcript.source_format == "otter"
    assert [(t.name, t.start) for t in result.transcript.turns] == [
        ("Hannah Brandt", 3.0), ("Tom", 6.0), ("Hannah Brandt", 11.0), ("Tom", 3760.0),
    ]  # fmt: skip
    assert result.transcript.turns[2].text.startswith("Tired: is that the sleep again")
    assert result.transcript.turns[3].text == "At 3:15 I was still awake."


def test_zooms_saved_captions_count_from_their_first_time():
    result = from_file("zoom_captions.txt")
    assert result.transcript.source_format == "zoom_text"
    assert [t.start for t in result.transcript.turns] == [0.0, 4.0, 8.0, 51.0]


def test_names_above_their_text_with_a_colon_are_read():
    assert said(from_file("rev.txt"))[1] == (
        "Speaker 2",
        "It was pointless. I did it twice and I felt worse.",
    )


def test_roles_alone_on_their_line_are_read():
    assert said(read("THERAPIST\nHello you.\n\nCLIENT\nHi.\n\nTHERAPIST\nWhat?\n"))[1] == ("CLIENT", "Hi.")


def test_f4_times_at_the_end_of_turns_are_their_ends():
    turns = from_file("f4.txt").transcript.turns
    assert (turns[1].text, turns[1].end) == ("Es geht so. Ich weiß nicht.", 9.0)


def test_a_zoom_chat_keeps_every_message_and_tells_of_private_ones():
    result = from_file("zoom_chat.txt")
    assert said(result) == [
        ("Hannah Brandt", "Here is the diary sheet"), ("Tom Ferris", "do I have to"),
        ("Hannah Brandt", "No. What would suit you better?"), ("Tom Ferris", "nothing tbh sorry"),
    ]  # fmt: skip
    assert "lines 2-3: a private message; kept." in result.warnings
    assert result.transcript.turns[3].start == 54.0


def test_a_phone_chat_with_dates_is_read():
    text = (
        "[12/05/2024, 23:59:50] Anna: hi\n[12/05/2024, 23:59:58] Ben: yo\n[13/05/2024, 00:00:03] Anna: ok?\n"
    )
    turns = read(text).transcript.turns
    assert [(t.name, t.text, t.start) for t in turns] == [
        ("Anna", "hi", 0.0),
        ("Ben", "yo", 8.0),
        ("Anna", "ok?", 13.0),
    ]


def test_prose_without_speakers_is_refused():
    with pytest.raises(InputError) as refused:
        read("It was a long day and nobody spoke.\n" * 5)
    assert refused.value.code == "no_speakers" and "“T:”" in str(refused.value)


def test_a_single_speaker_is_refused():
    with pytest.raises(InputError) as refused:
        read("T: Hello.\nT: Still me.\n")
    assert refused.value.code == "one_speaker"


def test_a_long_turn_and_a_long_session_are_read():
    long_turn = "word " * 4999 + "end"
    text = f"T: {long_turn}\n" + "C: Yes.\nT: And?\n" * 750
    turns = read(text).transcript.turns
    assert len(turns) == 1501 and turns[0].text == long_turn


def test_an_aside_after_the_name_is_kept_as_text_of_the_same_speaker():
    result = read(
        "T: Hello.\nC (crying): Hi.\nT: So?\nC: No.\nDr Ray (she/her): Yes?\nT: Ok.\nDr Ray (she/her): So.\n"
    )
    assert said(result)[1] == ("C", "(crying) Hi.")
    assert said(result)[4] == ("Dr Ray (she/her)", "Yes?")


@pytest.mark.parametrize("mark", [" - ", ". ", ") ", " – ", "> "])
def test_roles_set_apart_by_other_marks_than_colons_are_read(mark):
    assert said(read(f"T{mark}Hello there.\nC{mark}Hi - you.\nand more\nT{mark}So?\n")) == [
        ("T", "Hello there."), ("C", "Hi - you. and more"), ("T", "So?"),
    ]  # fmt: skip
