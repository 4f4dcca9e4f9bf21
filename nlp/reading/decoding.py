"""Bytes to text: byte-order marks, UTF-8, UTF-16 with and without a mark, Windows-1252."""

import codecs

from nlp.errors import InputError
from nlp.reading.pieces import Notes

_MARKS = (  # UTF-32 first: its mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ODD_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\x0b\x0c\r\x15\x1b\x1c\x1d\x1e\x1f")
# Windows-1252 leaves five bytes undefined; they become U+FFFD and are reported with the others.
_LOST = "\N{REPLACEMENT CHARACTER}"


def decode(raw: bytes, notes: Notes) -> str:
    """The file's text. What could not be decoded is replaced by U+FFFD and noted."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _lenient(raw[len(mark) :], encoding, notes)
    if encoding := _unmarked_utf16(raw):
        notes.about_file(f"no encoding is given; read as {encoding.upper()}.")
        return _lenient(raw, encoding, notes)
    _refuse_binary(raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _not_quite_utf8(raw, notes)


def _unmarked_utf16(raw: bytes) -> str | None:
    """UTF-16 without a mark shows as zero bytes in every other place (spaces and Latin letters)."""
    head = raw[:8192]
    if len(head) < 4 or not head.count(0):
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    few = len(head) // 2 // 20
    if odd > max(8 * even, few):
        return "utf-16-le"
    if even > max(8 * odd, few):
        return "utf-16-be"
    return None


def _refuse_binary(raw: bytes) -> None:
    odd = len(raw) - len(raw.translate(None, _ODD_CONTROLS))
    if odd > max(2, len(raw) // 50):
        raise InputError(
            "This file is not text: it holds bytes that no transcript has. "
            "Give a text, caption, Word, PDF, CSV or JSON transcript.",
            "binary",
        )


def _not_quite_utf8(raw: bytes, notes: Notes) -> str:
    """UTF-8 with a few damaged places, or else Windows-1252."""
    text = raw.decode("utf-8", errors="replace")
    lost = text.count(_LOST)
    good = sum(1 for c in text[:200_000] if c > "\x7f" and c != _LOST)
    if good > 4 * lost:
        _note_lost(text, notes)
        return text
    notes.about_file(
        "the text is not UTF-8; read as Windows-1252 (Western European). Check accented letters and quotes."
    )
    return _lenient(raw, "cp1252", notes)


def _lenient(raw: bytes, encoding: str, notes: Notes) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode(encoding, errors="replace")
        _note_lost(text, notes)
        return text


def _note_lost(text: str, notes: Notes) -> None:
    line, begin = 1, 0
    for _ in range(2000):  # enough places to find the damage; more would only lengthen the warning
        at = text.find(_LOST, begin)
        if at < 0:
            return
        line += text.count("\n", begin, at)
        notes.add(line, "characters that could not be decoded were replaced by a mark.", "line")
        begin = at + 1
        line += text[at] == "\n"
