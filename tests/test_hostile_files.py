"""Every malformed or hostile file gives a transcript or a sentence that says what to do, in seconds."""

import time

from nlp.errors import InputError
from nlp.reading import read_transcript
from tests.hostile import hostile_files

SECONDS = 10  # of processor time for one file; a PDF is read by a process with a limit of its own


def test_every_hostile_file_is_read_or_refused_in_time():
    names, read, codes = [], 0, set()
    for name, raw in hostile_files():
        names.append(name)
        started = time.process_time()
        try:
            result = read_transcript(raw, name)
        except InputError as error:
            codes.add(error.code)
            assert str(error).endswith(".") and len(str(error)) < 1500, name
        else:
            read += 1
            assert len(result.transcript.turns) >= 2, name
            assert all(t.text == " ".join(t.text.split()) != "" for t in result.transcript.turns), name
            "".join(t.name + t.text for t in result.transcript.turns).encode()  # can be stored
            " ".join([*result.warnings, result.transcript.id, result.transcript.title]).encode()
        assert time.process_time() - started < SECONDS, name
    assert len(names) >= 200 and len(set(names)) == len(names)
    assert (
        read >= 50
        and {"empty", "binary", "malformed", "doctype", "zip_bomb", "one_speaker", "no_speakers"} <= codes
    )
    assert {
        "too_large",
        "too_complex",
        "several_transcripts",
        "unsupported",
        "scanned_pdf",
        "encrypted",
    } <= codes


def test_the_files_are_the_same_every_time():
    first = [(name, len(raw)) for name, raw in hostile_files() if len(raw) < 10_000]
    again = [(name, len(raw)) for name, raw in hostile_files() if len(raw) < 10_000]
    assert first == again
