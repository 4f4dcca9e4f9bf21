"""CSV and TSV."""

from pathlib import Path

import pytest

from nlp.errors import InputError
from nlp.reading import read_transcript

DATA = Path(__file__).parent / "data" / "reading"


def said(result) -> list[tuple[str, str]]:
    return [(t.name, t.text) for t in result.transcript.turns]


def refusal(raw: bytes, columns=None) -> InputError:
    with pytest.raises(InputError) as refused:
        read_transcript(raw, "a.csv", columns)
    return refused.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_delimiter_is_told(delimiter):
    rows = [
        ("Speaker", "Start", "Text"),
        ("T", "0:01", '"How are you; today, all in all?"'),
        ("C", "0:04", "Fine"),
    ]
    raw = "\n".join(delimiter.join(row) for row in rows).encode()
    result = read_transcript(raw, "a.csv")
    assert said(result) == [("T", "How are you; today, all in all?"), ("C", "Fine")]
    assert result.transcript.turns[1].start == 4.0


def test_guessed_columns_are_told():
    result = read_transcript(
        b"no,who,said\n1,T,Hello there you\n2,C,Hi\n3,T,How was it\n4,C,Bad\n", "a.csv", {"text": "said"}
    )
    assert result.warnings == (
        "file: columns were guessed: the speaker from column 2, the words from column 3.",
    )


def test_columns_may_be_given_by_heading_or_number():
    raw = b"a,b,c\nx,T,Hello\ny,C,Hi\n"
    by_heading = read_transcript(raw, "a.csv", {"speaker": "b", "text": "c"})
    assert said(by_heading) == [("T", "Hello"), ("C", "Hi")]
    assert said(read_transcript(b"x;T;Hello\ny;C;Hi\n", "a.csv", {"speaker": "2", "text": "3"})) == said(
        by_heading
    )


def test_a_table_without_headings_is_read():
    raw = b"T\tHello there, you\nC\tHi you\nT\tHow are you now?\nC\tFine, thank you.\n"
    assert said(read_transcript(raw, "a.tsv"))[0] == ("T", "Hello there, you")


def test_annomis_layout_is_read_and_one_transcript_chosen():
    raw = (DATA / "annomi_like.csv").read_bytes()
    result = read_transcript(raw, "a.csv", {"choose": "7"})
    assert said(result)[:2] == [
        ("therapist", "So, you wanted to talk about sleep?"), ("client", 'My doctor "wanted" it.'),
    ]  # fmt: skip
    assert result.transcript.id == "7" and result.counts["rows"] == 4
    assert result.transcript.turns[2].start == 12.0 and result.roles.confidence >= 0.95


def test_several_transcripts_are_refused_with_their_ids():
    raw = (DATA / "annomi_like.csv").read_bytes()
    error = refusal(raw)
    assert error.code == "several_transcripts" and "There are 2: 7, 9." in str(error)
    assert "no transcript of that id" in str(refusal(raw, {"choose": "8"}))


def test_an_unclosed_quotation_mark_is_refused_not_swallowed():
    assert refusal(b'speaker,text\nT,"Hello\nC,Hi\nT,So\nC,No\n').code == "malformed"


def test_stray_quotation_marks_are_read_and_told():
    result = read_transcript(b'speaker,text\nT,"So" he said\nC,Hm\n', "a.csv")
    assert [name for name, _ in said(result)] == ["T", "C"]
    assert any("quotation marks" in w for w in result.warnings)


def test_a_cell_of_a_tab_separated_table_may_begin_with_a_quotation_mark():
    assert said(read_transcript(b'speaker\ttext\nT\t"So" he said\nC\tHm\n', "a.tsv"))[0] == (
        "T",
        '"So" he said',
    )


def test_empty_rows_and_cells_are_reported():
    result = read_transcript(b"speaker,text\nT,Hello\n,\nC,Hi\n,and more\nT\nC,\nT,So\n", "a.csv")
    assert said(result) == [("T", "Hello"), ("C", "Hi"), ("C", "and more"), ("T", "So")]
    assert "row 3: an empty row; left out." in result.warnings
    assert "row 5: no speaker is named here; given to the speaker before." in result.warnings
    assert "rows 6-7: no words; left out." in result.warnings
    assert "row 6: fewer cells than expected." in result.warnings


def test_an_unknown_column_is_refused_with_what_to_do():
    error = refusal(b"speaker,text\nT,a\nC,b\n", {"speaker": "nobody"})
    assert error.code == "columns" and "number from 1 to 2" in str(error)
    assert refusal(b"speaker,text\nT,a\nC,b\n", {"colour": "1"}).code == "columns"
    assert refusal(b"speaker,text\nT,a\nC,b\n", {"speaker": "3"}).code == "columns"


def test_times_that_are_no_times_are_ignored():
    raw = b"speaker,text,start\nT,a,nan\nC,b,inf\nT,c,-1\nC,d,1e999\nT,e,2.5\n"
    assert [t.start for t in read_transcript(raw, "a.csv").transcript.turns] == [None, None, None, None, 2.5]


def test_plain_text_with_commas_is_not_a_table():
    raw = b"T: Well, how, are you?\nC: Fine, I, think.\nT: Good, good, good.\nC: Yes, yes, sir.\n"
    assert read_transcript(raw, "a.csv").transcript.source_format == "text"
