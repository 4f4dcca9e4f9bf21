"""Writes transcripts in the formats that Suture reads, for tests."""

import csv
import html
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

Said = tuple[str, str]  # who, what

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def clock(seconds: float, mark: str = ".") -> str:
    millis = round(seconds * 1000)
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{mark}{rest % 1000:03d}"


def plain(turns: Iterable[Said]) -> bytes:
    return "".join(f"{name}: {text}\n" for name, text in turns).encode()


def zoom_vtt(turns: Sequence[Said]) -> bytes:
    cues = (f"{i + 1}\n{_times(i)}\n{_in_vtt(n)}: {_in_vtt(t)}\n\n" for i, (n, t) in enumerate(turns))
    return ("WEBVTT\n\n" + "".join(cues)).encode()


def teams_vtt(turns: Sequence[Said]) -> bytes:
    cues = (f"{_times(i)}\n<v {_in_vtt(n)}>{_in_vtt(t)}</v>\n\n" for i, (n, t) in enumerate(turns))
    return ("WEBVTT\n\n" + "".join(cues)).encode()


def srt(turns: Sequence[Said]) -> bytes:
    return "".join(f"{i + 1}\n{_times(i, ',')}\n{n}: {t}\n\n" for i, (n, t) in enumerate(turns)).encode()


def otter(turns: Sequence[Said]) -> bytes:
    return "".join(f"{n}  {i // 60}:{i % 60:02d}  \n{t}\n\n" for i, (n, t) in enumerate(turns)).encode()


def zoom_chat(turns: Sequence[Said]) -> bytes:
    return "".join(
        f"{clock(36_000 + i)[:8]}\t From {n} to Everyone:\n\t{t}\n" for i, (n, t) in enumerate(turns)
    ).encode()


def table(
    turns: Iterable[Said], delimiter: str = ",", headings: Sequence[str] = ("speaker", "text")
) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([headings, *turns])
    return out.getvalue().encode()


def own_json(turns: Sequence[Said], id: str = "session-1") -> bytes:
    rows = [{"index": i, "speaker": n, "text": t} for i, (n, t) in enumerate(turns)]
    return json.dumps({"id": id, "turns": rows}).encode()


def whisperx(turns: Sequence[Said]) -> bytes:
    segments = [{"start": i, "end": i + 0.9, "text": f" {t}", "speaker": n} for i, (n, t) in enumerate(turns)]
    return json.dumps({"segments": segments, "word_segments": []}).encode()


def assemblyai(turns: Sequence[Said]) -> bytes:
    spoken = [
        {"start": i * 1000, "end": i * 1000 + 900, "text": t, "speaker": n} for i, (n, t) in enumerate(turns)
    ]
    return json.dumps({"id": "a", "status": "completed", "audio_url": "x", "utterances": spoken}).encode()


def deepgram(turns: Sequence[Said]) -> bytes:
    spoken = [{"start": i, "end": i + 0.9, "transcript": t, "speaker": n} for i, (n, t) in enumerate(turns)]
    return json.dumps({"metadata": {}, "results": {"channels": [], "utterances": spoken}}).encode()


def aws(turns: Sequence[Said]) -> bytes:
    segments = [
        {"id": i, "transcript": t, "start_time": f"{i}.0", "end_time": f"{i}.9", "speaker_label": n}
        for i, (n, t) in enumerate(turns)
    ]
    return json.dumps({"jobName": "job", "results": {"audio_segments": segments, "items": []}}).encode()


def chat(turns: Sequence[Said]) -> bytes:
    lines = "".join(f"*{n}:\t{t}\n%com:\tnone\n" for n, t in turns)
    return f"@UTF8\n@Begin\n@Languages:\teng\n{lines}@End\n".encode()


def elan(turns: Sequence[Said]) -> bytes:
    slots = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="ts{i}" TIME_VALUE="{i * 1000}"/>' for i in range(len(turns) + 1)
    )
    tiers = "".join(
        f"<TIER LINGUISTIC_TYPE_REF='talk' TIER_ID={quoteattr(name)}>"
        + "".join(_annotation(i, t) for i, (n, t) in enumerate(turns) if n == name)
        + "</TIER>"
        for name in dict.fromkeys(n for n, _ in turns)
    )
    body = f"<TIME_ORDER>{slots}</TIME_ORDER>{tiers}"
    return f"<?xml version='1.0' encoding='UTF-8'?><ANNOTATION_DOCUMENT>{body}</ANNOTATION_DOCUMENT>".encode()


def docx(turns: Iterable[Said]) -> bytes:
    return zip_of({"word/document.xml": docx_xml([f"{n}: {t}" for n, t in turns])})


def docx_table(turns: Iterable[Said]) -> bytes:
    def cell(text: str) -> str:
        return f"<w:tc><w:p>{_run(text)}</w:p></w:tc>"

    rows = "".join(f"<w:tr>{cell(n)}{cell(t)}</w:tr>" for n, t in [("Speaker", "Text"), *turns])
    return zip_of({"word/document.xml": docx_body(f"<w:tbl>{rows}</w:tbl>")})


def docx_xml(paragraphs: Iterable[str]) -> bytes:
    return docx_body("".join(f"<w:p>{_run(text)}</w:p>" for text in paragraphs))


def docx_body(body: str) -> bytes:
    return f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'.encode()


def zip_of(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in parts.items():
            z.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def pdf_file(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF of Latin-1 lines in Helvetica, one page a list."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, lines in enumerate(pages):
        shown = b"".join(
            b"BT /F1 11 Tf 60 %d Td (%s) Tj ET\n" % (780 - 15 * k, _in_pdf(line))
            for k, line in enumerate(lines)
        )
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * i)
        )
        objects.append(b"<< /Length %d >>\nstream\n%sendstream" % (len(shown), shown))
    return _with_references(objects)


def _with_references(objects: list[bytes]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table_at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % at for at in places)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table_at,
    )


def _in_pdf(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _times(i: int, mark: str = ".") -> str:
    return f"{clock(i, mark)} --> {clock(i + 0.9, mark)}"


def _in_vtt(text: str) -> str:
    return html.escape(text, quote=False)


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _annotation(i: int, text: str) -> str:
    slots = f'TIME_SLOT_REF1="ts{i}" TIME_SLOT_REF2="ts{i + 1}"'
    value = f"<ANNOTATION_VALUE>{escape(text)}</ANNOTATION_VALUE>"
    return f"<ANNOTATION><ALIGNABLE_ANNOTATION {slots}>{value}</ALIGNABLE_ANNOTATION></ANNOTATION>"
