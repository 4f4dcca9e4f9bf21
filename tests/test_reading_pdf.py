"""PDF with text in it."""

import time
import zlib

import pytest

from nlp.errors import InputError
from nlp.reading import read_transcript
from nlp.reading.pdf import read_pdf
from nlp.reading.pieces import Notes
from tests.transcript_files import pdf_file


def refusal(raw: bytes) -> InputError:
    with pytest.raises(InputError) as refused:
        read_transcript(raw, "a.pdf")
    return refused.value


def test_lines_are_read_in_order_over_pages():
    pages = [
        ["T: How was the (first) week?", "C: Not good, I had", "trouble sleeping."],
        ["T: Tell me.", "C: It’s the nights."],
    ]
    result = read_transcript(pdf_file(pages), "a.pdf")
    assert [(t.name, t.text) for t in result.transcript.turns] == [
        ("T", "How was the (first) week?"), ("C", "Not good, I had trouble sleeping."), ("T", "Tell me."),
        ("C", "It’s the nights."),
    ]  # fmt: skip
    assert result.transcript.source_format == "pdf" and result.counts["pages"] == 2


def test_page_numbers_and_running_heads_are_left_out_and_reported():
    pages = [[f"Session 4, page {i}", "T: Hello.", f"C: Hi number {i}.", f"{i} of 4"] for i in range(1, 5)]
    result = read_transcript(pdf_file(pages), "a.pdf")
    assert [t.text for t in result.transcript.turns][:2] == ["Hello.", "Hi number 1."]
    assert len(result.transcript.turns) == 8
    assert result.warnings == ("pages 1-4: a page number, header or footer; left out.",)


def test_a_scanned_pdf_is_refused_with_what_to_do():
    error = refusal(pdf_file([[], []]))
    assert error.code == "scanned_pdf" and "OCR" in str(error)


def test_a_protected_pdf_is_refused():
    raw = pdf_file([["T: Hello.", "C: Hi."]])
    locked = raw.replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -4 >>"
        % (b"x" * 32, b"y" * 32),
    )
    assert refusal(locked).code == "encrypted"


def test_a_cut_pdf_gives_no_traceback_and_no_half_truths():
    raw = pdf_file([["T: Hello.", "C: Hi."]])
    assert refusal(raw[:120]).code in ("malformed", "scanned_pdf")


def test_a_pdf_whose_streams_unpack_without_end_is_refused_in_seconds():
    stream = zlib.compress(b"(x) Tj " * 60_000_000, 1)
    raw = pdf_file([["T: a", "C: b"]])
    begin, end = raw.index(b"5 0 obj"), raw.index(b"endobj", raw.index(b"5 0 obj"))
    bomb = b"5 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\n" % (len(stream), stream)
    started = time.monotonic()
    with pytest.raises(InputError) as refused:
        read_pdf(raw[:begin] + bomb + raw[end:], Notes(), seconds=2)
    assert refused.value.code == "too_complex"
    assert time.monotonic() - started < 10
