"""What every format has in common: encodings, limits, clear refusals, counts and names."""

import pytest

from nlp.errors import InputError
from nlp.reading import MAX_BYTES, ReadResult, read_transcript
from nlp.reading.finishing import file_stem
from nlp.reading.pieces import Notes, clean, name_places
from nlp.reading.times import parse_clock, parse_time

TEXT = "T: Wie geht’s? Naïve café.\nC: Geht so… “gut”.\nT: Ja?\n"


def said(raw: bytes) -> list[tuple[str, str]]:
    return [(t.name, t.text) for t in read_transcript(raw, "a.txt").transcript.turns]


def refusal(raw: bytes) -> InputError:
    with pytest.raises(InputError) as refused:
        read_transcript(raw, "a.txt")
    return refused.value


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_every_encoding_gives_the_same_turns(encoding):
    assert said(TEXT.encode(encoding)) == said(TEXT.encode())


def test_windows_1252_is_told_because_it_is_a_guess():
    assert any("Windows-1252" in w for w in read_transcript(TEXT.encode("cp1252"), "a.txt").warnings)


def test_a_damaged_place_in_utf8_does_not_change_the_rest():
    raw = TEXT.encode().replace("café".encode(), b"caf\xff")
    result = read_transcript(raw, "a.txt")
    assert result.transcript.turns[0].text == "Wie geht’s? Naïve caf\N{REPLACEMENT CHARACTER}."
    assert result.transcript.turns[1].text == "Geht so… “gut”."
    assert result.warnings[0].startswith("line 1: characters that could not be decoded")


def test_control_characters_go_with_a_warning():
    result = read_transcript(b"T: a\x07b\nC: c\x1b[0m d\nT: e\n", "a.txt")
    assert [t.text for t in result.transcript.turns] == ["ab", "c[0m d", "e"]
    assert result.warnings == ("lines 1-2: control characters were taken out of the text.",)


@pytest.mark.parametrize("raw", [b"", b" \n\t", b"\xef\xbb\xbf", b"\x00\x00"])
def test_an_empty_file_is_refused(raw):
    assert refusal(raw).code == "empty"


def test_a_file_over_the_limit_is_refused_before_it_is_read():
    error = refusal(b"T: a\n" * (MAX_BYTES // 5 + 1))
    assert error.code == "too_large" and "20 MiB" in str(error)


@pytest.mark.parametrize(
    ("raw", "code", "advice"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "binary", ".docx"),
        (b"{\\rtf1 hello}", "binary", ".docx"),
        (b"\x89PNG\r\n" + bytes(90), "binary", "text"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(90), "binary", "sound or video"),
        (bytes(range(256)) * 20, "binary", "Give"),
    ],
)
def test_files_that_are_no_text_are_refused_with_what_to_do(raw, code, advice):
    error = refusal(raw)
    assert error.code == code and advice in str(error)


def test_the_format_is_told_by_content_and_not_by_name():
    assert read_transcript(TEXT.encode(), "a.docx").transcript.source_format == "text"
    assert (
        read_transcript(
            b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>Hi\n\n00:03.000 --> 00:04.000\n<v B>Yo\n", "a.txt"
        ).transcript.source_format
        == "webvtt"
    )


def test_a_result_has_roles_applied_counts_and_a_name():
    result = read_transcript(TEXT.encode(), "folder/Session 4.final.txt")
    assert isinstance(result, ReadResult)
    assert [t.speaker.value for t in result.transcript.turns] == ["therapist", "client", "therapist"]
    assert result.counts == {"lines": 3, "turns": 3, "words": 8}
    assert result.transcript.id == result.transcript.title == "Session 4.final"


def test_spellings_of_one_name_are_one_speaker():
    assert [n for n, _ in said(b"Anna: a\nBen: b\nANNA: c\nBen : d\nAnna: e\n")] == [
        "Anna",
        "Ben",
        "Anna",
        "Ben",
        "Anna",
    ]


def test_errors_never_quote_the_transcript():
    secret = "Zebrafinch"
    for raw in (
        f"T: {secret} one two.\n",
        f"{secret}\n" * 9,
        f'{{"turns": "{secret}',
        f'speaker,text\nT,"{secret}\n',
    ):
        assert secret not in str(refusal(raw.encode()))


def test_places_are_merged_and_many_are_counted():
    assert name_places("cue", [4]) == "cue 4"
    assert name_places("cue", [3, 1, 2, 9]) == "cues 1-3, 9"
    assert name_places("row", range(0, 200, 2)).endswith("78 and 60 more")


def test_notes_of_one_kind_become_one_warning():
    notes = Notes("row")
    for place in (7, 8, 3):
        notes.add(place, "empty; left out.")
    assert notes.warnings() == ("rows 3, 7-8: empty; left out.",)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1:02:03.5", 3723.5), ("02:03,250", 123.25), ("0:05", 5.0), ("5", None), ("a:b", None)],
)
def test_clock_times_are_seconds(text, seconds):
    assert parse_clock(text) == seconds


@pytest.mark.parametrize("value", [None, True, "nan", float("inf"), -1, [], "9" * 5000, 10**400, "1e999"])
def test_what_is_no_time_is_none(value):
    assert parse_time(value) is None


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\a.vtt", "a"),
        (".txt", ".txt"),
        ("", "transcript"),
        ("a\x00b.txt", "ab"),
    ],
)
def test_a_files_stem_is_safe(name, stem):
    assert file_stem(name) == stem


def test_cleaning_keeps_letters_and_direction_marks():
    assert clean("  a\u00a0b\tc\n\u200fשלום\u200f  é\x00 ") == "a b c \u200fשלום\u200f é"
