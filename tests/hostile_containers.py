"""Hostile XML, zip files and PDFs."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tests.hostile_samples import EAF, MIB, TALK, VTT, File
from tests.transcript_files import docx_xml, pdf_file, zip_of


def xml_files() -> Iterator[File]:
    laughs = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    yield "billion_laughs.eaf", f"{laughs}]><ANNOTATION_DOCUMENT>&i;</ANNOTATION_DOCUMENT>".encode()
    outside = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    yield "outside_entity.eaf", f"{outside}<ANNOTATION_DOCUMENT>&e;</ANNOTATION_DOCUMENT>".encode()
    yield (
        "dtd.eaf",
        b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><ANNOTATION_DOCUMENT/>',
    )
    yield "one_speaker.eaf", EAF.encode()
    for i in (30, 100, 250, len(EAF) - 5):
        yield f"cut_{i}.eaf", EAF.encode()[:i]
    yield "no_tiers.eaf", b"<ANNOTATION_DOCUMENT></ANNOTATION_DOCUMENT>"
    yield "wrong_root.eaf", b"<?xml version='1.0'?><other><TIER/></other>"
    yield "svg.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><text>T: hi</text></svg>'
    yield "page.html", b"<!DOCTYPE html><html><body><p>T: Hello</p><p>C: Hi</p></body></html>"
    yield "unknown_encoding.eaf", EAF.replace("UTF-8", "X-NOPE").encode()
    yield "wrong_encoding.eaf", EAF.replace("UTF-8", "UTF-16").encode()
    yield "utf16.eaf", EAF.replace("UTF-8", "UTF-16").encode("utf-16")
    yield "deep.eaf", b"<ANNOTATION_DOCUMENT>" + b"<a>" * 100_000
    yield (
        "deep_closed.eaf",
        b"<ANNOTATION_DOCUMENT>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</ANNOTATION_DOCUMENT>",
    )
    yield "many_elements.eaf", b"<ANNOTATION_DOCUMENT>" + b"<a/>" * (4 * MIB) + b"</ANNOTATION_DOCUMENT>"
    yield (
        "many_attributes.eaf",
        b"<ANNOTATION_DOCUMENT " + b" ".join(b'a%d="x"' % i for i in range(50_000)) + b"/>",
    )
    yield "bad_times.eaf", EAF.replace('"900"', '"-9999999999999999999"').replace('"0"', '"NaN"').encode()
    yield "missing_slots.eaf", EAF.replace('TIME_SLOT_REF1="ts1"', 'TIME_SLOT_REF1="nope"').encode()
    yield "doctype_late.eaf", (" " * 2000 + EAF).encode()
    yield "comment_bomb.eaf", b"<!--" + b"-" * MIB


def zips() -> Iterator[File]:
    good = zip_of({"word/document.xml": docx_xml(["T: Hello there.", "C: Hi.", "T: So?", "C: No."])})
    for share in (4, 22, 50, 90, 99):
        yield f"cut_{share}.docx", good[: len(good) * share // 100]
    yield "changed_bytes.docx", good[:60] + bytes(200) + good[260:]
    yield (
        "wrong_crc.docx",
        good.replace(
            struct.pack("<I", zlib.crc32(docx_xml(["T: Hello there.", "C: Hi.", "T: So?", "C: No."]))),
            b"\0\0\0\0",
        ),
    )
    yield "empty_zip.docx", zip_of({})
    yield "no_document.docx", zip_of({"[Content_Types].xml": b"<Types/>"})
    yield "empty_document.docx", zip_of({"word/document.xml": b""})
    yield "not_xml.docx", zip_of({"word/document.xml": b"T: hi\nC: ho"})
    yield "no_talk.docx", zip_of({"word/document.xml": docx_xml([])})
    yield "no_speakers.docx", zip_of({"word/document.xml": docx_xml(["Just prose."] * 5)})
    yield (
        "doctype.docx",
        zip_of({"word/document.xml": b'<!DOCTYPE x [<!ENTITY e "a">]><document>&e;</document>'}),
    )
    yield "bomb.docx", zip_of({"word/document.xml": b"<a>" + b" " * (60 * MIB)})
    yield "bomb_many.docx", zip_of({f"word/{i}.xml": b"x" for i in range(6000)})
    yield (
        "bomb_header.docx",
        zip_of({"word/document.xml": docx_xml(["T: a", "C: b"]), "word/header1.xml": b"0" * (60 * MIB)}),
    )
    yield "deep.docx", zip_of({"word/document.xml": b"<document>" + b"<tbl><tr><tc>" * 30_000})
    yield (
        "deep_closed.docx",
        zip_of(
            {"word/document.xml": b"<document>" + b"<del>" * 50_000 + b"</del>" * 50_000 + b"</document>"}
        ),
    )
    yield (
        "stray_tags.docx",
        zip_of(
            {"word/document.xml": b"<document><tc><t>x</t></tc><tr/><del/><p><tc><p/></tc></p></document>"}
        ),
    )
    inner = b"x"
    for _ in range(8):
        inner = zip_of({"word/document.xml": inner})
    yield "zip_in_zip.docx", inner
    yield (
        "paths.docx",
        zip_of({"../../evil": b"x", "/etc/passwd": b"x", "word/document.xml": docx_xml(["T: a", "C: b"])}),
    )
    yield "workbook.xlsx", zip_of({"xl/workbook.xml": b"<workbook/>"})
    yield "slides.pptx", zip_of({"ppt/presentation.xml": b"<p/>"})
    yield "text.odt", zip_of({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})
    yield "program.jar", zip_of({"META-INF/MANIFEST.MF": b"Main-Class: X"})
    yield "transcripts.zip", zip_of({"a.txt": TALK.encode(), "b.vtt": VTT.encode()})
    yield "locked.docx", _locked(good)
    yield (
        "many_paragraphs.docx",
        zip_of({"word/document.xml": docx_xml([f"{'TC'[i % 2]}: word" for i in range(15_000)])}),
    )
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as z:
        for text in ("T: a", "C: b"):
            z.writestr("word/document.xml" if text[0] == "T" else "word/Document.xml", docx_xml([text]))
    yield "two_documents.docx", twice.getvalue()


def _locked(good: bytes) -> bytes:
    """The zip with its parts marked as encrypted."""
    data = bytearray(good)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        begin = data.find(mark)
        data[begin + at] |= 1
    return bytes(data)


def pdfs() -> Iterator[File]:
    good = pdf_file([["T: Hello there.", "C: Hi.", "T: So?", "C: No."]])
    yield "good.pdf", good
    for share in (3, 30, 80):
        yield f"cut_{share}.pdf", good[: len(good) * share // 100]
    yield "scan.pdf", pdf_file([[]])
    yield "header_only.pdf", b"%PDF-1.7\n%%EOF"
    yield (
        "locked.pdf",
        good.replace(
            b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Standard /V 99 /R 9 /O (x) /U (x) /P -4 >>"
        ),
    )
    yield "page_loop.pdf", good.replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")
    yield "text_called.pdf", TALK.encode()
    stream = zlib.compress(b"0 " * (30 * MIB))
    yield (
        "stream_bomb.pdf",
        good.replace(b"%%EOF", b"")
        + b"9 0 obj << /Length %d /Filter /FlateDecode >> stream\n" % len(stream)
        + stream,
    )
