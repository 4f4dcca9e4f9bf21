"""Word documents: paragraphs and tables, tracked insertions kept, tracked deletions left out."""

import re
from collections.abc import Mapping

from nlp.errors import InputError
from nlp.reading.captions import is_timing, read_captions
from nlp.reading.labels import candidate_head, own_line_head
from nlp.reading.lines import Line, number_lines
from nlp.reading.pieces import Notes, Reading
from nlp.reading.table import guess_columns, rows_to_reading
from nlp.reading.text import read_lines
from nlp.reading.word_xml import Block, read_blocks
from nlp.reading.zipped import open_zip, read_part

_OTHER_ZIPS = (
    ("xl/workbook.xml", "an Excel workbook", "Save the sheet as CSV and give that file."),
    ("ppt/presentation.xml", "a PowerPoint file", "Save the transcript as text or Word."),
    ("mimetype", "an OpenDocument or e-book file", "Save it as .docx or plain text."),
    ("Index/Document.iwa", "a Pages document", "Export it as Word (.docx)."),
)
_SIDE_PARTS = (
    (re.compile(r"word/comments\.xml"), "comments in the margin were left out."),
    (re.compile(r"word/(?:foot|end)notes\.xml"), "footnotes and endnotes were left out."),
    (re.compile(r"word/(?:header|footer)\d*\.xml"), "page headers and footers were left out."),
)
_WORDS = re.compile(rb"<w:t(?: [^>]{0,200})?>\s{0,50}[^<\s]")


def read_word(raw: bytes, notes: Notes, columns: Mapping[str, str] | None = None) -> Reading:
    """The talk of a .docx file."""
    notes.unit = "paragraph"
    packed = open_zip(raw)
    names = set(packed.namelist())
    if "word/document.xml" not in names:
        raise _not_word(names)
    _note_side_parts(packed, names, notes)
    blocks = read_blocks(read_part(packed, "word/document.xml"), notes)
    rows = [(place, block.cells) for place, block in enumerate((b for b in blocks if len(b.cells) > 1), 1)]
    talk = [b for b in blocks if len(b.cells) == 1]
    if len(rows) >= 2 and (columns or guess_columns(rows)):
        for block in talk:
            if block.cells[0].strip():
                notes.add(block.place, "stands outside the table of turns; left out.", "paragraph")
        notes.unit = "row"
        return rows_to_reading(rows, notes, columns, "docx")
    return _from_paragraphs(blocks, notes)


def _from_paragraphs(blocks: list[Block], notes: Notes) -> Reading:
    lines = list(_lines(blocks, notes))
    if sum(is_timing(line.text) for line in lines) >= 2:  # Teams: times, name and words a line each
        text = "\n".join(f"\n{line.text}" if is_timing(line.text) else line.text for line in lines)
        captions = read_captions(text, notes)
        return Reading("docx", captions.pieces, captions.counts, joins=True)
    notes.unit = "paragraph"
    return read_lines(lines, notes, {"paragraphs": len(blocks)}, "docx")


def _lines(blocks: list[Block], notes: Notes):
    """Lines with their paragraph's number; a heading that names no speaker is noted and left out."""
    gap = False
    for block in blocks:
        texts = [text for cell in block.cells for text in cell.split("\n")]
        if block.heading and any(t.strip() for t in texts) and not any(_names_speaker(t) for t in texts):
            notes.add(block.place, "a heading; left out.")
            gap = True
            continue
        for line in number_lines(texts):
            yield Line(block.place, line.text, line.after_gap or gap)
            gap = False
        gap = gap or not texts[-1].strip()


def _names_speaker(text: str) -> bool:
    words = " ".join(text.split())
    return candidate_head(words) is not None or own_line_head(words) is not None


def _note_side_parts(packed, names: set[str], notes: Notes) -> None:
    for pattern, what in _SIDE_PARTS:
        found = sorted(n for n in names if pattern.fullmatch(n))[:10]
        if any(_WORDS.search(read_part(packed, name)) for name in found):
            notes.about_file(what)


def _not_word(names: set[str]) -> InputError:
    for part, what, advice in _OTHER_ZIPS:
        if part in names:
            return InputError(f"This is {what}, which is not read. {advice}", "unsupported")
    return InputError(
        "This is a zip archive and not a Word document. Unpack it and give the transcript itself.",
        "unsupported",
    )
