"""Malformed and hostile files, made anew each time and always the same: whatever a person may upload.

`hostile_files()` yields (filename, bytes). None of them may crash, hang or silently lose anything:
each must give a transcript or an InputError.
"""

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tests.transcript_files import docx_xml, pdf_file, zip_of

File = tuple[str, bytes]
MIB = 1024 * 1024
TALK = "T: How was your week?\nC: Not good.\nT: What happened?\nC: I don't want to talk about it.\n"
VTT = (
    "WEBVTT\n\n1\n00:00:01.000 --> 00:00:03.000\nAnna: Hello.\n\n2\n00:00:04.000 --> 00:00:06.000\nBen: Hi.\n"
)
SRT = "1\n00:00:01,000 --> 00:00:03,000\nAnna: Hello.\n\n2\n00:00:04,000 --> 00:00:06,000\nBen: Hi.\n"
CSV = 'speaker,text\ntherapist,"How are you, today?"\nclient,"Fine, I guess."\n'
CHA = "@UTF8\n@Begin\n@Participants:\tTHE Therapist, CLI Client\n*THE:\thow are you ?\n*CLI:\tfine .\n@End\n"
EAF = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" '
    'TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="900"/></TIME_ORDER>'
    '<TIER TIER_ID="T"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">'
    "<ANNOTATION_VALUE>Hello.</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"
)
OWN = {
    "id": "x",
    "turns": [
        {"index": 0, "speaker": "therapist", "text": "Hi."},
        {"index": 1, "speaker": "client", "text": "No."},
    ],
}
AWS = {
    "jobName": "j",
    "results": {
        "speaker_labels": {
            "segments": [
                {"speaker_label": "spk_0", "items": [{"start_time": "0.1", "speaker_label": "spk_0"}]}
            ]
        },
        "items": [
            {
                "type": "pronunciation",
                "start_time": "0.1",
                "end_time": "0.3",
                "alternatives": [{"content": "Hi"}],
            }
        ],
    },
}
DEEPGRAM = {
    "results": {
        "channels": [],
        "utterances": [{"speaker": 0, "transcript": "Hi."}, {"speaker": 1, "transcript": "No."}],
    }
}
ASSEMBLYAI = {
    "audio_url": "x",
    "utterances": [{"speaker": "A", "text": "Hi."}, {"speaker": "B", "text": "No."}],
    "words": [],
}
WHISPERX = {
    "segments": [{"speaker": "SPEAKER_00", "text": "Hi."}, {"speaker": "SPEAKER_01", "text": "No."}],
    "word_segments": [],
}


def hostile_files() -> Iterator[File]:
    """All files, kind by kind."""
    for kind in (
        _empty,
        _binary,
        _encodings,
        _texts,
        _captions,
        _tables,
        _json,
        _xml,
        _zips,
        _pdfs,
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


def _texts() -> Iterator[File]:
    yield "no_speakers.txt", b"Just some prose without anybody.\n" * 40
    yield "one_speaker.txt", b"T: Hello.\nT: Still me.\nT: And me.\n"
    yield "only_names.txt", b"T:\nC:\nT:\nC:\n"
    yield "only_timestamps.txt", b"[00:00:01]\n[00:00:02]\n[00:00:03]\n"
    yield "only_colons.txt", b":::::\n:::\n" * 100
    yield "colon_line.txt", b":" * MIB
    yield "huge_single_line.txt", b"T: " + b"word " * 300_000
    yield "huge_line_no_space.txt", b"T: " + b"a" * (8 * MIB) + b"\nC: b\n"
    yield "huge_spaces.txt", b"T: a\nC:" + b" " * (8 * MIB) + b"b\nT: c\n"
    yield "spaces_then_colon.txt", (b" " * 5000 + b":\n") * 500
    yield "digits_everywhere.txt", b"1:2:3:4:5:6:7:8:9:10:11:12\n" * 20_000
    yield "almost_times.txt", b"[00:00:00:00:00:00:00 T [00:00 C 00:00:0 \n" * 20_000
    yield "open_brackets.txt", b"[" * 200_000 + b"\n" + b"(" * 200_000
    yield "bracket_lines.txt", b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n" * 20_000
    yield "dashes.txt", b"- - - - - - - - - -\n" * 20_000
    yield "many_speakers.txt", "".join(f"Name{i} Surname{i}: hello\n" * 2 for i in range(5000)).encode()
    yield (
        "each_line_a_new_name.txt",
        "".join(f"Name{chr(65 + i % 26)}{i}: hello\n" for i in range(20_000)).encode(),
    )
    yield "too_many_turns.txt", b"T: a\nC: b\n" * 100_000
    yield "too_many_words.txt", b"T: a\nC: " + b"b " * 1_000_000 + b"\n"
    yield "long_names.txt", b"A" * 5000 + b": hi\n" + b"B" * 5000 + b": ho\n"
    yield "rtl.txt", "מטפל: מה שלומך היום?\nמטופלת: לא טוב.\nמטפל: ספרי לי.\nמטופלת: לא.\n".encode()
    yield "arabic.txt", "المعالج: كيف حالك؟\nالعميل: بخير.\nالمعالج: حقا؟\nالعميل: نعم.\n".encode()
    yield "bidi_override.txt", "T: \u202eabc\u202c\nC: \u2066x\u2069\n".encode()
    yield "emoji.txt", "🧑‍⚕️: how are you 🙂\n😢: bad 💔\n🧑‍⚕️: oh\n😢: 👨‍👩‍👧‍👦\n".encode()
    yield "zalgo.txt", ("T: a" + "\u0301" * 5000 + "\nC: b" + "\u0336" * 5000 + "\n").encode()
    yield (
        "fullwidth_colons.txt",
        "治疗师：你好吗？\n来访者：不好。\n治疗师：为什么？\n来访者：不知道。\n".encode(),
    )
    yield "line_separators.txt", "T: a\u2028C: b\u2029T: c\n".encode()
    yield "html_in_text.txt", b"T: <script>alert(1)</script>\nC: <img src=x onerror=alert(1)>\n"
    yield "sql_in_text.txt", b"T: '); DROP TABLE sessions;--\nC: \" OR 1=1\n"
    yield "template_in_text.txt", b"T: {{ 7*7 }} {% for x in y %}\nC: ${jndi:ldap://x}\n"
    yield "format_in_text.txt", b"T: %s %n {0} {x.__class__}\nC: \\u0000\n"
    yield "formula.txt", b'T: =HYPERLINK("x")\nC: @SUM(1)\n'
    yield "front_matter_only.txt", b"Date: 3 May\nSession: 4\nTherapist: A\nClient: B\n\n"
    yield "numbered_descending.txt", "".join(f"{i} T: a\n{i - 1} C: b\n" for i in range(2000, 0, -2)).encode()
    yield "huge_numbers.txt", b"9" * 5000 + b" T: a\n" + b"9" * 5000 + b" C: b\n"
    yield "negative_times.txt", b"[-00:00:01] T: a\n[99:99:99] C: b\n[00:00:00] T: c\n"
    yield "times_backwards.txt", b"[01:00:00] T: a\n[00:00:01] C: b\n[00:59:00] T: c\n"
    yield "markdown.md", b"# Session\n\n**Therapist:** Hello\n\n**Client:** Hi\n\n**Therapist:** So?\n"
    yield "python.py", b"def f(x):\n    return {'T': 1}\nclass C:\n    pass\n" * 20
    yield "mbox.txt", b"From: a@b\nTo: c@d\nSubject: x\nDate: now\n\nHello\n"
    yield "log.txt", b"2024-05-01 10:00:00 INFO: started\n2024-05-01 10:00:01 WARN: hm\n" * 500
    yield "urls.txt", b"https://a.b/c\nhttp://d.e/f\n" * 100
    yield "chat_no_text.txt", b"10:00:00 From A to Everyone:\n10:00:01 From B to Everyone:\n"
    yield (
        "chat_broken_heads.txt",
        b"10:00:00 From : \n10:00:01 From  to : x\n10:00:02 From A to Everyone: hi\n" * 30,
    )
    yield "chat_long_name.txt", b"10:00:00 From " + b"a to " * 50_000 + b": x\n"
    yield "otter_no_text.txt", b"Anna  0:01\nBen  0:02\nAnna  0:03\n"
    yield "cha_broken.cha", b"@UTF8\n@Begin\n*THE\tno colon\n%mor:\tx\n*:\tnobody\n\tlost\n@End"
    yield "cha_truncated.cha", CHA.encode()[:70]
    yield "cha_bullets.cha", (CHA.replace("fine .", "fine . \x15" * 2000)).encode()
    yield "cha_many_codes.cha", b"@UTF8\n@Begin\n" + b"".join(b"*A%05d:\thi .\n" % i for i in range(20_000))
    yield "twenty_one_mib.txt", b"T: a b c d\nC: e f g h\n" * (21 * MIB // 22 + 1)


def _captions() -> Iterator[File]:
    yield (
        "voices.vtt",
        (
            "WEBVTT\n\n"
            + "".join(f"00:00:01.000 --> 00:00:02.000\n<v Voice {i}>hi</v>\n\n" for i in range(10_000))
        ).encode(),
    )
    for i in range(0, len(VTT), 9):
        yield f"cut_{i}.vtt", VTT.encode()[:i]
    yield "header_only.vtt", b"WEBVTT"
    yield "notes_only.vtt", b"WEBVTT\n\nNOTE a\nb\n\nSTYLE\n::cue{}\n"
    yield "no_text.vtt", b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n\n00:00:03.000 --> 00:00:04.000\n\n"
    yield (
        "no_names.vtt",
        b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nhello\n\n00:00:03.000 --> 00:00:04.000\nhi\n",
    )
    yield (
        "bad_times.vtt",
        b"WEBVTT\n\n99:99:99.999 --> -1:00\nA: x\n\n00:00 --> 00:00\nB: y\n\nnoon --> one\nA: z\n",
    )
    yield "arrows.vtt", b"WEBVTT\n\n" + b"-->" * 50_000
    yield "arrow_lines.vtt", b"WEBVTT\n\n" + b"00:00:01.000 --> 00:00:02.000\n" * 50_000
    yield (
        "open_voice.vtt",
        b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Anna\n\n00:00:01.000 --> 00:00:02.000\n<v >hi\n",
    )
    yield "open_tags.vtt", b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v A>" + b"<" * 100_000 + b"\n"
    yield (
        "voice_tags.vtt",
        b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n" + b"<v A>a</v><v B>b</v>" * 5000 + b"\n",
    )
    yield "classes.vtt", b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n" + b"<v" + b".a" * 50_000 + b" A>a</v>\n"
    yield "entities.vtt", VTT.replace("Hello.", "&amp;" * 5000 + "&#x110000; &#99999999; &bogus;").encode()
    yield "no_blank_lines.srt", SRT.replace("\n\n", "\n").encode()
    yield "nul_cue.srt", SRT.replace("Hello.", "He\x00llo\x07.").encode()
    yield "same_number.srt", SRT.replace("2\n", "1\n", 1).encode()
    yield "srt_in_one_line.srt", SRT.replace("\n", " ").encode()
    yield "vtt_called.docx", VTT.encode()


def _tables() -> Iterator[File]:
    yield "unclosed_quote.csv", b'speaker,text\nT,"hello\nC,hi\nT,ho\n'
    yield "unclosed_quote_big.csv", b'speaker,text\nT,"' + b"hello,\n" * 100_000
    yield "quotes.csv", b"speaker,text\n" + b'T,""""""""""""\nC,"a""b"\n' * 50
    yield "bad_quotes.csv", b'speaker,text\nT,"a" b "c"\nC,d\nT,e"f\n'
    yield "header_only.csv", b"speaker,text\n"
    yield "no_speaker_column.csv", b"a,b,c\n1,2,3\n4,5,6\n7,8,9\n"
    yield "one_speaker.csv", b"speaker,text\nT,a\nT,b\n"
    yield "ragged.csv", b"speaker,text\nT\nC,hi,more,and,more\n,\nT,ho\nC\n"
    yield "empty_names.csv", b"speaker,text\n,hi\n,ho\n"
    yield "many_columns.csv", b",".join(b"c%d" % i for i in range(20_000)) + b"\n" + b"x," * 20_000 + b"\n"
    yield "many_rows.csv", b"speaker,text\n" + b"T,a\nC,b\n" * 150_000
    yield "commas.csv", b"," * (2 * MIB)
    yield "comma_lines.csv", b",\n" * 200_000
    yield "huge_cell.csv", b"speaker,text\nT," + b"a" * 200_000 + b"\nC,b\n"
    yield "huge_quoted_cell.csv", b'speaker,text\nT,"' + b"a b " * 100_000 + b'"\nC,b\n'
    yield (
        "several.csv",
        b"transcript_id,interlocutor,utterance_text\n0,therapist,a\n0,client,b\n1,therapist,c\n1,client,d\n",
    )
    yield (
        "many_transcripts.csv",
        b"transcript_id,speaker,text\n" + b"".join(b"%d,T,a\n" % i for i in range(30_000)),
    )
    yield "same_heading.csv", b"speaker,speaker,text,text\nT,C,a,b\nC,T,c,d\n"
    yield "nul.csv", b"speaker,text\nT,a\x00b\nC,c\n"
    yield "times.csv", b"speaker,text,start\nT,a,nan\nC,b,inf\nT,c,-1\nC,d,1e999\nT,e,99:99:99:99\n"
    yield "semicolons.csv", b"speaker;text\nT;a, b\nC;c\n"
    yield "tabs.tsv", b'speaker\ttext\nT\t"quoted at the start\nC\tc\n'
    yield "no_header.tsv", b"T\thello there\nC\thi you\nT\thow are you\nC\tfine thank you\n"
    yield "formulas.csv", b"speaker,text\nT,=1+1\nC,@cmd|' /C calc'!A0\n"


def _json() -> Iterator[File]:
    for text in ("{", "[", '{"', '{"turns"', '{"turns": [', "[{]", '{"a":}', '[""', '{"turns": nul'):
        yield f"broken_{len(text)}_{ord(text[-1])}.json", text.encode()
    for name, value in _wrong_json():
        yield f"{name}.json", json.dumps(value).encode()
    for name, good in (
        ("own", OWN),
        ("aws", AWS),
        ("deepgram", DEEPGRAM),
        ("assemblyai", ASSEMBLYAI),
        ("whisperx", WHISPERX),
    ):
        yield f"{name}_cut.json", json.dumps(good).encode()[:-4]
        for number, wrong in enumerate((None, 7, "x", [], {}, [None, 1, "a", [[]]], True, 1e308)):
            yield f"{name}_wrong_{number}.json", json.dumps(_with_leaves(good, wrong)).encode()
    yield "deep_lists.json", b"[" * 100_000
    yield "deep_objects.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield "deep_turns.json", b'{"turns":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    yield "many_lists.json", b"[" + b"[]," * MIB + b"[]]"
    yield "many_numbers.json", b'{"turns":[' + b"1," * (3 * MIB) + b"1]}"
    yield "huge_number.json", b'{"turns":[{"speaker":"T","text":"a","start":' + b"9" * 5000 + b"}]}"
    yield (
        "huge_index.json",
        b'{"turns":[{"index":' + b"9" * 4000 + b',"speaker":9,"text":"a"},{"speaker":8,"text":"b"}]}',
    )
    yield (
        "nan.json",
        b'{"turns":[{"speaker":"T","text":"a","start":NaN,"end":Infinity},{"speaker":"C","text":"b","start":-Infinity}]}',
    )
    yield (
        "surrogates.json",
        b'{"turns":[{"speaker":"T","text":"\\ud800"},{"speaker":"C\\udfff","text":"b \\udc00 c"}]}',
    )
    yield (
        "nul_escape.json",
        b'{"turns":[{"speaker":"T\\u0000","text":"a\\u0000b"},{"speaker":"C","text":"\\u0007"}]}',
    )
    yield "same_keys.json", b'{"turns":[],"turns":[{"speaker":"T","text":"a"},{"speaker":"C","text":"b"}]}'
    yield "json_lines.jsonl", (json.dumps(OWN) + "\n" + json.dumps({**OWN, "id": "y"}) + "\n").encode()
    yield "json_lines_broken.jsonl", (json.dumps(OWN) + '\n{"id": \n').encode()
    yield "json_then_text.json", json.dumps(OWN).encode() + b" and more"
    yield "aws_no_labels.json", json.dumps({"results": {"items": AWS["results"]["items"]}}).encode()
    yield (
        "whisper_plain.json",
        b'{"text":"hi","segments":[{"id":0,"start":0,"end":1,"text":" hi"}],"language":"en"}',
    )
    yield (
        "deepgram_no_speakers.json",
        b'{"results":{"channels":[{"alternatives":[{"transcript":"hi","words":[{"word":"hi"}]}]}]}}',
    )
    yield "assemblyai_error.json", b'{"status":"error","error":"x"}'


def _wrong_json() -> Iterator[tuple[str, object]]:
    yield from (
        ("null", None),
        ("true", True),
        ("number", 3),
        ("string", "T: hi"),
        ("list", []),
        ("object", {}),
    )
    yield from (
        ("numbers", [1, 2]),
        ("strings", ["a", "b"]),
        ("nested", [[[]]]),
        ("geojson", {"type": "Feature"}),
    )
    for name, turns in (
        ("turns_null", None), ("turns_text", "x"), ("turns_empty", []), ("turns_numbers", [1, 2]), ("turns_lists", [[], []]),
        ("turns_no_speaker", [{"text": "a"}, {"text": "b"}]), ("turns_no_text", [{"speaker": "T"}, {"speaker": "C"}]),
        ("turns_empty_text", [{"speaker": "T", "text": ""}, {"speaker": "C", "text": " "}]),
        ("turns_wrong_text", [{"speaker": "T", "text": 1}, {"speaker": "C", "text": []}]),
        ("turns_wrong_speaker", [{"speaker": [], "text": "a"}, {"speaker": {}, "text": "b"}]),
        ("turns_dict", {"0": {"speaker": "T", "text": "a"}}), ("one_speaker", [{"speaker": "T", "text": "a"}] * 3),
        ("mixed", [None, 1, {"speaker": "T", "text": "a"}, "x", {"speaker": "C", "text": "b"}, []]),
    ):  # fmt: skip
        yield name, {"id": "x", "turns": turns}
    yield "wrong_id", {"id": {"a": 1}, "title": [1], "turns": OWN["turns"]}
    yield "long_id", {"id": "x" * 100_000, "turns": OWN["turns"]}
    yield "path_id", {"id": "../../etc/passwd", "turns": OWN["turns"]}


def _with_leaves(value, wrong):
    """The value with every number and string in it replaced."""
    if isinstance(value, dict):
        return {k: _with_leaves(v, wrong) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_leaves(v, wrong) for v in value]
    return wrong


def _xml() -> Iterator[File]:
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


def _zips() -> Iterator[File]:
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


def _pdfs() -> Iterator[File]:
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
