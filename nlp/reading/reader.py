"""Tells a file's format by what is in it, and reads it."""

import re
from collections.abc import Mapping

from nlp.errors import InputError
from nlp.reading import own_json, speech_json
from nlp.reading.captions import is_timing, read_captions
from nlp.reading.chat_log import looks_like_chat_log, read_chat_log
from nlp.reading.chat_transcript import looks_like_chat, read_chat
from nlp.reading.decoding import decode
from nlp.reading.elan import read_elan
from nlp.reading.finishing import ReadResult, finish
from nlp.reading.json_text import parse_json
from nlp.reading.limits import MAX_BYTES
from nlp.reading.pdf import read_pdf
from nlp.reading.pieces import Notes, Reading
from nlp.reading.table import read_table, table_delimiter
from nlp.reading.text import read_text
from nlp.reading.word import read_word

_JSON = re.compile(r'\{\s{0,200}["}]|\[\s{0,200}[{\["\]]')
_XML = re.compile(r"<(?:\?xml|!DOCTYPE|!ENTITY|!--|[A-Za-z][\w:.-]{0,60}[\s/>])", re.IGNORECASE)
_BINARY = (
    (b"\xd0\xcf\x11\xe0", "an old Word (.doc) or Office file", "Save it as .docx."),
    (b"{\\rtf", "an RTF file", "Save it as .docx or plain text."),
    (b"\x89PNG", "a picture", ""),
    (b"\xff\xd8\xff", "a picture", ""),
    (b"GIF8", "a picture", ""),
    (b"II*\x00", "a picture", ""),
    (b"MM\x00*", "a picture", ""),
    (b"RIFF", "a sound, picture or video file", ""),
    (b"ID3", "a sound file", ""),
    (b"\xff\xfb", "a sound file", ""),
    (b"\xff\xf3", "a sound file", ""),
    (b"OggS", "a sound file", ""),
    (b"fLaC", "a sound file", ""),
    (b"\x1aE\xdf\xa3", "a video file", ""),
    (b"\x1f\x8b", "a packed archive", "Unpack it first."),
    (b"7z\xbc\xaf", "a packed archive", "Unpack it first."),
    (b"Rar!", "a packed archive", "Unpack it first."),
    (b"BZh", "a packed archive", "Unpack it first."),
    (b"\xfd7zXZ", "a packed archive", "Unpack it first."),
    (b"SQLite format 3", "a database", ""),
    (b"\x7fELF", "a program", ""),
    (b"MZ\x90", "a program", ""),
)


def read_transcript(raw: bytes, filename: str, columns: Mapping[str, str] | None = None) -> ReadResult:
    """Reads a session transcript of any known format, told by its content.

    `columns` is for tables: {"speaker": heading or number, "text": ..., "start": ..., "end": ...,
    "transcript": ..., "choose": id}; all may be left out. "choose" also picks one of several
    transcripts in JSON. Raises InputError, and nothing else, for what cannot be read.
    """
    if len(raw) > MAX_BYTES:
        raise InputError(
            f"This file has {len(raw) / 2**20:.0f} MiB; at most {MAX_BYTES // 2**20} MiB are read. "
            "Give the transcript only, without audio or pictures.",
            "too_large",
        )
    if not raw.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise InputError("This file is empty. Give a file with a transcript in it.", "empty")
    notes = Notes()
    return finish(_read(raw, notes, columns), filename, notes)


def _read(raw: bytes, notes: Notes, columns: Mapping[str, str] | None) -> Reading:
    if raw.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return read_word(raw, notes, columns)
    if b"%PDF-" in raw[:1024]:
        return read_pdf(raw, notes)
    _refuse_known_binary(raw)
    text = decode(raw, notes).lstrip("\ufeff")
    if _XML.match(text.lstrip()[:400]):
        return _read_xml(raw, text, notes)
    return _read_text(text, notes, columns)


def _read_text(text: str, notes: Notes, columns: Mapping[str, str] | None) -> Reading:
    head = text[:4000].lstrip()
    if _JSON.match(head):
        return _read_json(text, notes, columns)
    if head.startswith("WEBVTT") or sum(is_timing(line) for line in head.splitlines()) >= 2 or _one_cue(head):
        return read_captions(text, notes)
    if looks_like_chat(text):
        return read_chat(text, notes)
    if looks_like_chat_log(text):
        return read_chat_log(text, notes)
    delimiter = table_delimiter(text)
    if delimiter or set(columns or ()) - {"choose"}:
        return read_table(text, notes, columns, delimiter)
    return read_text(text, notes)


def _one_cue(head: str) -> bool:
    lines = head.splitlines()[:2]
    return any(is_timing(line) for line in lines)


def _read_json(text: str, notes: Notes, columns: Mapping[str, str] | None) -> Reading:
    data = parse_json(text)
    speech = speech_json.speech_format(data)
    if speech:
        return speech_json.read_speech(data, speech, notes)
    several = any(own_json.find_turns(d) is not None for d in data) if isinstance(data, list) else False
    if several or own_json.find_turns(data) is not None:
        return own_json.read_own_json(data, notes, columns)
    raise InputError(
        "This JSON is not of a known kind. Known are AWS Transcribe, Deepgram, AssemblyAI, WhisperX, and "
        "Suture's own: an object with “turns”, each with a “speaker” and a “text”.",
        "unsupported",
    )


def _read_xml(raw: bytes, text: str, notes: Notes) -> Reading:
    if re.search(r"<(?:!DOCTYPE\s{1,20}html|html)\b", text[:2000], re.IGNORECASE):
        raise InputError("This is a web page. Save the transcript as text, Word or WebVTT.", "unsupported")
    return read_elan(raw, notes)


def _refuse_known_binary(raw: bytes) -> None:
    for magic, what, advice in _BINARY:
        if raw.startswith(magic) or (raw[4:8] == b"ftyp" and what == "a video file"):
            raise InputError(
                f"This is {'a sound or video file' if raw[4:8] == b'ftyp' else what}, not a transcript. "
                f"{advice or 'Give the text of the session.'}",
                "binary",
            )
