"""PDF with text in it, read by a process of its own that is stopped when it takes too long."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from nlp.errors import InputError
from nlp.reading.labels import candidate_head, is_known
from nlp.reading.lines import Line, number_lines
from nlp.reading.pieces import Notes, Reading
from nlp.reading.text import read_lines

SECONDS = 20  # a page takes about a twentieth of one
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"(?:page|p\.)? ?[-–—]? ?\d{1,4}(?: ?(?:of|/) ?\d{1,4})? ?[-–—]?\Z", re.IGNORECASE)


def read_pdf(raw: bytes, notes: Notes, seconds: int = SECONDS) -> Reading:
    """The talk of a PDF; refused when it is scanned or protected."""
    notes.unit = "page"
    pages = _pages(raw, seconds)
    if not any(line.strip() for page in pages for line in page):
        raise InputError(
            "This PDF has no text in it; it is probably a scan. Run text recognition (OCR) on it, "
            "or give the document it was made from.",
            "scanned_pdf",
        )
    lines = _without_furniture([list(number_lines(page)) for page in pages], notes)
    return read_lines(lines, notes, {"pages": len(pages), "lines": len(lines)}, "pdf")


def _pages(raw: bytes, seconds: int) -> list[list[str]]:
    program = Path(__file__).with_name("pdf_text.py")
    try:
        command = [sys.executable, "-I", str(program), str(seconds)]
        done = subprocess.run(command, input=raw, capture_output=True, timeout=1.5 * seconds + 5)
    except subprocess.TimeoutExpired:
        raise _too_much() from None
    if done.returncode != 0 or not done.stdout:
        raise _too_much()
    answer = json.loads(done.stdout)
    if error := answer.get("error"):
        if error in ("MemoryError", "OverflowError", "RecursionError"):
            raise _too_much()
        if "Encrypt" in error or "Password" in error or "TextExtractionNotAllowed" in error:
            raise InputError("This PDF is protected by a password. Save it without one.", "encrypted")
        raise InputError("This PDF is damaged or cut short. Export it again.", "malformed")
    return answer["pages"]


def _too_much() -> InputError:
    return InputError(
        "This PDF took too long or too much memory to read. Export the transcript as Word or plain text.",
        "too_complex",
    )


def _without_furniture(pages: list[list[Line]], notes: Notes) -> list[Line]:
    """All lines with their page's number; page numbers and lines repeated on most pages are left out."""
    edges = Counter(key for page in pages for key in {_shape(line) for line in (page[:2] + page[-2:])})
    often = {key for key, times in edges.items() if times >= 3 and times > len(pages) / 2}
    kept = []
    for number, page in enumerate(pages, 1):
        for i, line in enumerate(page):
            at_edge = i < 2 or i >= len(page) - 2
            if at_edge and (_PAGE_NUMBER.match(line.text) or (_shape(line) in often and not _is_talk(line))):
                notes.add(number, "a page number, header or footer; left out.", "page")
            else:
                kept.append(Line(number, line.text, line.after_gap))
    return kept


def _is_talk(line: Line) -> bool:
    head = candidate_head(line.text)
    return head is not None and is_known(head.label)


def _shape(line: Line) -> str:
    return _DIGITS.sub("#", line.text)
