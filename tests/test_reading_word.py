"""Word documents."""

import io
import zipfile

import docx
import pytest

from nlp.errors import InputError
from nlp.reading import read_transcript
from tests.transcript_files import docx_body, docx_xml, zip_of


def said(result) -> list[tuple[str, str]]:
    return [(t.name, t.text) for t in result.transcript.turns]


def read(document) -> object:
    out = io.BytesIO()
    document.save(out)
    return read_transcript(out.getvalue(), "session.docx")


def document_of(*paragraphs: str):
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    return document


def body(xml: str, **parts: bytes):
    return read_transcript(zip_of({"word/document.xml": docx_body(xml), **parts}), "a.docx")


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_paragraphs_with_speakers_are_turns():
    result = read(document_of("T: How are you?", "C: Fine,", "I think.", "T: Yes?"))
    assert said(result) == [("T", "How are you?"), ("C", "Fine, I think."), ("T", "Yes?")]
    assert result.transcript.source_format == "docx"


def test_headings_and_front_matter_are_left_out_and_named():
    document = docx.Document()
    document.add_heading("Session 4", 0)
    for text in ("Date: 3 May", "", "T: Hello.", "C: Hi.", "T: So?", "C: No."):
        document.add_paragraph(text)
    result = read(document)
    assert said(result)[0] == ("T", "Hello.")
    assert result.warnings == (
        "paragraph 1: a heading; left out.",
        "paragraph 2: before the first turn (title or front matter); left out.",
    )


def test_a_table_with_a_column_for_speakers_is_read():
    document = document_of("Transcript of session 4")
    table = document.add_table(rows=0, cols=3)
    for cells in (
        ("No.", "Speaker", "Text"),
        ("1", "T", "Hello,\nyou."),
        ("2", "C", "Hi."),
        ("3", "T", "So?"),
    ):
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.text = text
    result = read(document)
    assert said(result) == [("T", "Hello, you."), ("C", "Hi."), ("T", "So?")]
    assert any("outside the table" in w for w in result.warnings)


def test_a_table_without_headings_is_read():
    document = docx.Document()
    table = document.add_table(rows=0, cols=2)
    for cells in (
        ("Therapist", "Hello, how was it?"),
        ("Client", "Hi. It was bad."),
        ("Therapist", "What was?"),
        ("Client", "All of it."),
    ):
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.text = text
    assert said(read(document))[1] == ("Client", "Hi. It was bad.")


def test_tracked_insertions_stay_and_deletions_go_with_a_warning():
    result = body(
        f"<w:p>{run('T: Hello ')}<w:ins>{run('dear ')}</w:ins><w:del><w:r><w:delText>old </w:delText></w:r></w:del>{run('you.')}</w:p>"
        f"<w:p>{run('C: Hi.')}</w:p><w:p>{run('T: So?')}</w:p>"
    )
    assert said(result)[0] == ("T", "Hello dear you.")
    assert result.warnings == ("paragraph 1: a tracked deletion; left out.",)


def test_moved_text_is_read_where_it_went():
    result = body(
        f"<w:p>{run('T: One. ')}<w:moveFrom>{run('Two.')}</w:moveFrom></w:p><w:p>{run('C: Hi. ')}</w:p>"
        f"<w:p>{run('T: ')}<w:moveTo>{run('Two.')}</w:moveTo></w:p>"
    )
    assert said(result) == [("T", "One."), ("C", "Hi."), ("T", "Two.")]


def test_text_in_content_controls_and_links_is_read():
    result = body(
        f"<w:sdt><w:sdtContent><w:p>{run('T: Hello.')}</w:p></w:sdtContent></w:sdt>"
        f"<w:p>{run('C: See ')}<w:hyperlink>{run('this')}</w:hyperlink>{run('.')}</w:p><w:p>{run('T: Yes?')}</w:p>"
    )
    assert said(result) == [("T", "Hello."), ("C", "See this."), ("T", "Yes?")]


def test_comments_and_footnotes_are_reported():
    document = document_of("T: Hello.", "C: Hi.", "T: So?")
    document.add_comment(document.paragraphs[0].runs, text="check this", author="x")
    document.sections[0].header.paragraphs[0].text = "Confidential"
    warnings = read(document).warnings
    assert "file: comments in the margin were left out." in warnings
    assert "file: page headers and footers were left out." in warnings


def test_teams_transcripts_with_name_and_time_above_the_text_are_read():
    result = body(
        f"<w:p>{run('Hannah Brandt')}{run('   0:03')}<w:r><w:br/></w:r>{run('How are you?')}</w:p>"
        f"<w:p>{run('Tom Ferris')}{run('   0:07')}<w:r><w:br/></w:r>{run('At 3:15: awake.')}</w:p>"
        f"<w:p>{run('Hannah Brandt')}{run('   0:09')}<w:r><w:br/></w:r>{run('Oh.')}</w:p>"
        f"<w:p>{run('Hannah Brandt stopped transcription')}</w:p>"
    )
    assert [(t.name, t.text, t.start) for t in result.transcript.turns] == [
        ("Hannah Brandt", "How are you?", 3.0), ("Tom Ferris", "At 3:15: awake.", 7.0), ("Hannah Brandt", "Oh.", 9.0),
    ]  # fmt: skip
    assert any("closing remark" in w for w in result.warnings)


def test_older_teams_transcripts_with_cue_times_are_read():
    paragraphs = ["0:0:0.0 --> 0:0:3.210", "Hannah Brandt", "How are you?", "0:0:3.9 --> 0:0:5.0", "Tom Ferris", "Bad.",
                  "0:0:5.2 --> 0:0:6.0", "Hannah Brandt", "Oh.", "0:0:6.2 --> 0:0:7.0", "Tom Ferris", "Yes."]  # fmt: skip
    result = read_transcript(zip_of({"word/document.xml": docx_xml(paragraphs)}), "a.docx")
    assert said(result)[:2] == [("Hannah Brandt", "How are you?"), ("Tom Ferris", "Bad.")]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"xl/workbook.xml": b"<x/>"}, "unsupported"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "unsupported"),
        ({"a.txt": b"T: hi"}, "unsupported"),
        ({"word/document.xml": b"<!DOCTYPE x [<!ENTITY e 'a'>]><x>&e;</x>"}, "doctype"),
        ({"word/document.xml": b"<x>" + b" " * 45_000_000}, "zip_bomb"),
        ({f"word/{i}.xml": b"" for i in range(6000)}, "zip_bomb"),
        ({"word/document.xml": b"<x"}, "malformed"),
        ({"word/document.xml": docx_xml(["T: only me.", "T: still me."])}, "one_speaker"),
    ],
)
def test_zips_that_are_no_word_transcripts_are_refused(parts, code):
    with pytest.raises(InputError) as refused:
        read_transcript(zip_of(parts), "a.docx")
    assert refused.value.code == code


def test_a_damaged_document_is_refused():
    raw = zip_of({"word/document.xml": docx_xml(["T: Hello.", "C: Hi."])})
    with pytest.raises(InputError) as refused:
        read_transcript(raw[: len(raw) // 2], "a.docx")
    assert refused.value.code == "malformed"
    assert zipfile.is_zipfile(io.BytesIO(raw))
