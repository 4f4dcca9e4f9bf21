"""Malformed and hostile files, made anew each time and always the same: whatever a person may upload.

`hostile_files()` yields (filename, bytes). None of them may crash, hang or silently lose anything:
each must give a transcript or an InputError.
"""

import json
import random
from collections.abc import Iterator

from tests.hostile_containers import pdfs, xml_files, zips
from tests.hostile_json import json_files
from tests.hostile_samples import CHA, CSV, EAF, MIB, OWN, SRT, TALK, VTT, File
from tests.hostile_texts import captions, tables, texts


def hostile_files() -> Iterator[File]:
    """All files, kind by kind."""
    for kind in (
        _empty,
        _binary,
        _encodings,
        texts,
        captions,
        tables,
        json_files,
        xml_files,
        zips,
        pdfs,
        _names,
        _random,
    ):
        yield from kind()


def _empty() -> Iterator[File]:
    yield "empty.txt", b""
    yield "spaces.txt", b"  \t \r\n\n   "
    yield "bom_only.txt", b"\xef\xbb\xbf"
    yield "utf16_bom_only.txt", b"\xff\xfe"
    yield "one_byte.txt", b"T"
    yield "one_newline.vtt", b"\n"
    yield "nul.txt", b"\x00"
    yield "nuls.txt", b"\x00" * 4096
    yield "many_newlines.txt", b"\n" * (2 * MIB)
    yield "many_carriage_returns.txt", b"\r" * MIB
    yield "zero_width.txt", "\u200b\u200b\u200b".encode()
    yield "no_break_spaces.txt", ("\u00a0" * 500).encode()


def _binary() -> Iterator[File]:
    magics = {
        "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "note.rtf": b"{\\rtf1\\ansi hello}", "a.png": b"\x89PNG\r\n\x1a\n",
        "a.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF", "a.gif": b"GIF89a", "a.tiff": b"II*\x00", "a.wav": b"RIFF\x00\x00\x00\x00WAVE",
        "a.mp3": b"ID3\x04\x00", "b.mp3": b"\xff\xfb\x90\x00", "a.ogg": b"OggS\x00\x02", "a.flac": b"fLaC\x00", "a.m4a":
        b"\x00\x00\x00\x20ftypM4A ", "a.mp4": b"\x00\x00\x00\x18ftypmp42", "a.mkv": b"\x1aE\xdf\xa3", "a.gz": b"\x1f\x8b\x08",
        "a.7z": b"7z\xbc\xaf\x27\x1c", "a.rar": b"Rar!\x1a\x07", "a.xz": b"\xfd7zXZ\x00", "a.bz2": b"BZh91AY", "a.sqlite":
        b"SQLite format 3\x00", "a.elf": b"\x7fELF\x02", "a.exe": b"MZ\x90\x00", "a.pyc": b"\xa7\r\r\n\x00", "a.class":
        b"\xca\xfe\xba\xbe\x00\x00",
    }  # fmt: skip
    rng = random.Random(1)
    for name, magic in magics.items():
        yield name, magic + rng.randbytes(3000)
    yield "picture_called.txt", b"\x89PNG\r\n\x1a\n" + rng.randbytes(100)
    yield "text_called.png", TALK.encode()
    yield "text_then_binary.txt", TALK.encode() + rng.randbytes(5000)
    yield "big_random.bin", rng.randbytes(4 * MIB)


def _encodings() -> Iterator[File]:
    text = "T: Wie geht’s? Naïve café — façade.\nC: Geht so… “gut”.\nT: Ja?\nC: Nein.\n"
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
        yield f"{encoding}.txt", text.encode(encoding)
    yield "utf16_be_bom.txt", b"\xfe\xff" + text.encode("utf-16-be")
    yield "utf16_odd_length.txt", text.encode("utf-16")[:-1]
    yield (
        "utf16_half_pair.txt",
        b"\xff\xfe" + TALK.encode("utf-16-le") + b"\x3d\xd8" + "C: x\n".encode("utf-16-le"),
    )
    yield "utf16_only_surrogates.txt", b"\xff\xfe" + b"\x3d\xd8" * 400
    yield "utf8_cut.txt", text.encode()[:-2] + b"\xe2\x80"
    yield "utf8_surrogates.txt", b"T: a\xed\xa0\x80b\nC: c\n"
    yield "utf8_overlong.txt", b"T: \xc0\xaf\nC: \xe0\x80\xaf\n"
    yield "utf8_invalid_everywhere.txt", b"T: \xff\xfe\xfd\nC: \xfc\xfb\n" * 50
    yield "cp1252_undefined.txt", b"T: \x81\x8d\x8f\nC: \x90\x9d caf\xe9\n"
    yield "shift_jis.txt", "T: こんにちは\nC: はい\n".encode("shift_jis")
    yield "utf7.txt", b"T: +ZeVnLIqe-\nC: Hi\n"
    yield "ebcdic.txt", TALK.encode("cp037")
    yield "mixed_line_ends.txt", b"T: a\r\nC: b\rT: c\nC: d\x85T: e\r\n"
    yield "nul_between.txt", b"T: a\x00b\nC: c\x00d\nT: e\nC: f\n" * 20
    yield "many_nuls.txt", b"T\x00\x00: a\nC\x00\x00: b\n" * 20
    yield "controls.txt", b"T: \x01\x02bell\x07\nC: \x1b[31mred\x1b[0m\n" * 3
    yield "wrong_bom.txt", b"\xff\xfe" + TALK.encode()


def _names() -> Iterator[File]:
    """Good talk under names made to do harm."""
    for number, name in enumerate(
        ("../../etc/passwd", "C:\\Windows\\x.txt", "a\x00b.txt", "." * 300, "x" * 3000 + ".txt", "<script>.vtt", "'; --.csv",
         "\u202egpj.txt", "CON", " ", "naïve café 🙂.txt", "a\r\nSet-Cookie: x=1.txt", "%2e%2e%2f.txt", "-rf.txt")
    ):  # fmt: skip
        yield name, TALK.replace("week", f"week {number}").encode()


def _random() -> Iterator[File]:
    rng = random.Random(7)
    seeds = {"txt": TALK, "vtt": VTT, "srt": SRT, "csv": CSV, "cha": CHA, "eaf": EAF, "json": json.dumps(OWN)}
    for ending, text in seeds.items():
        for number in range(6):
            data = bytearray(text.encode())
            for _ in range(1 + number * 4):
                data[rng.randrange(len(data))] = rng.randrange(256)
            yield f"mutated_{number}.{ending}", bytes(data)
    for number in range(10):
        yield f"random_{number}.txt", rng.randbytes(10 ** (number % 5))
