"""Hostile plain text, captions and tables."""

from collections.abc import Iterator

from tests.hostile_samples import CHA, MIB, SRT, VTT, File


def texts() -> Iterator[File]:
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


def captions() -> Iterator[File]:
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


def tables() -> Iterator[File]:
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
