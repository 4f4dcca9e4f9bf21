"""WebVTT and SRT."""

from pathlib import Path

import pytest

from nlp.errors import InputError
from nlp.reading import read_transcript

DATA = Path(__file__).parent / "data" / "reading"


def from_file(name: str):
    return read_transcript((DATA / name).read_bytes(), name)


def vtt(*cues: str) -> bytes:
    timed = (f"00:00:{i:02d}.000 --> 00:00:{i:02d}.900\n{cue}\n\n" for i, cue in enumerate(cues))
    return ("WEBVTT\n\n" + "".join(timed)).encode()


def said(result) -> list[tuple[str, str]]:
    return [(t.name, t.text) for t in result.transcript.turns]


def test_zoom_cues_of_one_speaker_become_one_turn_with_its_times():
    result = from_file("zoom.vtt")
    turn = result.transcript.turns[2]
    assert (turn.name, turn.text) == (
        "Dr. Hannah Brandt", "So last time we said we'd look at the sleep diary & the evenings.",
    )  # fmt: skip
    assert (turn.start, turn.end) == (9.12, 17.85)
    assert result.counts["cues"] == 8 and result.counts["turns"] == 5


def test_an_empty_cue_and_one_without_a_name_are_reported():
    warnings = from_file("zoom.vtt").warnings
    assert "cue 5: empty; left out." in warnings
    assert "cue 7: no speaker is named here; given to the speaker before." in warnings


def test_a_colon_in_the_middle_of_a_cue_makes_no_speaker():
    assert "I mean, I started: Monday and Tuesday." in from_file("zoom.vtt").transcript.turns[3].text


def test_teams_voices_are_read_several_in_a_cue():
    result = from_file("teams.vtt")
    assert said(result) == [
        ("Hannah Brandt", "How have things been since we spoke?"), ("Ferris, Tom (Guest)", "Up and down."),
        ("Hannah Brandt", "Mm-hmm."), ("Ferris, Tom (Guest)", "Mostly down, if I'm honest."),
    ]  # fmt: skip
    assert result.warnings == ("lines 3, 5: before the first cue (header, style or note); left out.",)


def test_notes_and_styles_between_cues_are_left_out_and_reported():
    raw = (
        b"WEBVTT - x\nKind: captions\n\nSTYLE\n::cue { color: red }\n\n"
        + vtt("T: Hi.", "C: No.")[8:]
        + b"NOTE\na\nb\n"
    )
    result = read_transcript(raw, "a.vtt")
    assert said(result) == [("T", "Hi."), ("C", "No.")]
    assert result.warnings == (
        "lines 1-2, 4-5: before the first cue (header, style or note); left out.",
        "lines 13-15: a note or style block; left out.",
    )


def test_two_prefixed_lines_in_one_cue_are_two_turns():
    assert said(read_transcript(vtt("Anna: Hi.\nBen: Yes?", "Anna: So.", "Ben: Hm."), "a.vtt"))[:2] == [
        ("Anna", "Hi."), ("Ben", "Yes?"),
    ]  # fmt: skip


def test_markup_goes_and_bracketed_sounds_stay():
    raw = vtt("<v.loud Anna><b>No</b> &lt;3 <00:00:00.500>[laughs] 2 < 3", "<v Ben>Ok</v>")
    assert said(read_transcript(raw, "a.vtt"))[0] == ("Anna", "No <3 [laughs] 2 < 3")


def test_text_outside_all_voices_goes_to_the_speaker_before_with_a_warning():
    result = read_transcript(vtt("<v Anna>Hi</v>", "so", "<v Ben>Ok</v>"), "a.vtt")
    assert said(result) == [("Anna", "Hi so"), ("Ben", "Ok")]
    assert result.warnings == ("cue 2: no speaker is named here; given to the speaker before.",)


def test_talk_before_any_name_is_kept_as_nobodys():
    result = read_transcript(vtt("hello", "Anna: Hi.", "Ben: Ok.", "Anna: So.", "Ben: No."), "a.vtt")
    assert said(result)[0] == ("Unnamed", "hello")
    assert result.transcript.turns[0].speaker == "other"
    assert result.warnings[0].startswith("cue 1: no speaker is named here or before")


def test_webex_names_in_cue_ids_are_read():
    raw = b'WEBVTT\n\n1 "Anna B" (1)\n00:00:01.000 --> 00:00:02.000\nHi\n\n2 "Ben" (2)\n00:00:02.000 --> 00:00:03.000\nYo\n'
    assert said(read_transcript(raw, "a.vtt")) == [("Anna B", "Hi"), ("Ben", "Yo")]


def test_a_blank_line_within_a_cue_loses_nothing():
    raw = vtt("Anna: Hi.\n\nMore.", "Ben: Ok.")
    result = read_transcript(raw, "a.vtt")
    assert said(result) == [("Anna", "Hi. More."), ("Ben", "Ok.")]
    assert "cue 1: text after a blank line was kept with this cue." in result.warnings


def test_whisperx_subtitles_are_read():
    result = from_file("session.srt")
    assert result.transcript.source_format == "srt"
    assert said(result) == [
        ("SPEAKER_00", "What would you like to use today for?"), ("SPEAKER_01", "I guess work. Whatever you think."),
    ]  # fmt: skip
    assert result.transcript.turns[1].end == 7.0


def test_srt_without_blank_lines_is_read():
    raw = (DATA / "session.srt").read_text().replace("\n\n", "\n").encode()
    assert said(read_transcript(raw, "a.srt")) == said(from_file("session.srt"))


def test_names_only_where_the_speaker_changes_carry_on():
    raw = b"".join(
        b"%d\n00:00:%02d,000 --> 00:00:%02d,900\n%s\n\n" % (i, i, i, text)
        for i, text in enumerate([b"Anna: Hi.", b"How are you?", b"Ben: Ok.", b"I think.", b"Anna: Good."], 1)
    )
    result = read_transcript(raw, "a.srt")
    assert said(result) == [("Anna", "Hi. How are you?"), ("Ben", "Ok. I think."), ("Anna", "Good.")]
    assert "cues 2, 4: no speaker is named here; given to the speaker before." in result.warnings


def test_names_on_a_line_of_their_own_in_each_cue_are_read():
    raw = vtt("Anna Berg\nHi.", "Ben\nOk.", "Anna Berg\nSo?", "Ben\nNo.")
    assert said(read_transcript(raw, "a.vtt"))[:2] == [("Anna Berg", "Hi."), ("Ben", "Ok.")]


def test_captions_without_names_are_refused():
    with pytest.raises(InputError) as refused:
        read_transcript(vtt("hello", "how are you", "fine"), "a.vtt")
    assert refused.value.code == "no_speakers"


def test_ten_thousand_voices_are_refused():
    raw = vtt(*(f"<v Voice {i}>hi" for i in range(100)))
    with pytest.raises(InputError) as refused:
        read_transcript(raw, "a.vtt")
    assert refused.value.code == "too_complex"
