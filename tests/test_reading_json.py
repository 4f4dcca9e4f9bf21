"""JSON: ours, and that of AWS Transcribe, Deepgram, AssemblyAI and WhisperX."""

import json
from pathlib import Path

import pytest

from nlp.errors import InputError
from nlp.reading import read_transcript

DATA = Path(__file__).parent / "data" / "reading"
WRITTEN = Path(__file__).parents[1] / "annotation" / "data" / "written_sessions.jsonl"
WEEK = ["How has the week been?", "Fine. You know, fine.", "Fine?"]


def from_file(name: str):
    return read_transcript((DATA / name).read_bytes(), name)


def read(value: object, columns=None):
    return read_transcript(json.dumps(value).encode(), "a.json", columns)


def refusal(value: object) -> InputError:
    with pytest.raises(InputError) as refused:
        read(value)
    return refused.value


@pytest.mark.parametrize(
    ("name", "source", "speakers"),
    [
        ("aws_items.json", "aws", ["spk_0", "spk_1"]),
        ("aws_segments.json", "aws", ["spk_0", "spk_1"]),
        ("deepgram_words.json", "deepgram", ["Speaker 0", "Speaker 1"]),
        ("deepgram_paragraphs.json", "deepgram", ["Speaker 0", "Speaker 1"]),
        ("deepgram_utterances.json", "deepgram", ["Speaker 0", "Speaker 1"]),
        ("assemblyai.json", "assemblyai", ["Speaker A", "Speaker B"]),
        ("whisperx.json", "whisperx", ["SPEAKER_01", "SPEAKER_00"]),
    ],
)
def test_recognisers_give_the_same_three_turns(name, source, speakers):
    result = from_file(name)
    turns = result.transcript.turns
    assert result.transcript.source_format == source and result.warnings == ()
    assert [t.text for t in turns] == WEEK
    assert [t.name for t in turns] == [speakers[0], speakers[1], speakers[0]]
    assert all(t.start is not None and t.end is not None and t.start < t.end for t in turns)


def test_times_in_milliseconds_become_seconds():
    assert from_file("assemblyai.json").transcript.turns[1].start == 2.5


def test_aws_channels_are_put_in_order_of_time():
    def item(at, word):
        return {
            "type": "pronunciation",
            "start_time": at,
            "end_time": at,
            "alternatives": [{"content": word}],
        }

    channels = [
        {"channel_label": "ch_0", "items": [item("0.1", "Well")]},
        {"channel_label": "ch_1", "items": [item("0.0", "Hi")]},
    ]
    turns = read({"results": {"items": [], "channel_labels": {"channels": channels}}}).transcript.turns
    assert [(t.name, t.text) for t in turns] == [("ch_1", "Hi"), ("ch_0", "Well")]


def test_deepgrams_channels_are_speakers():
    channels = [{"alternatives": [{"words": [{"word": w, "start": t}]}]} for w, t in (("two", 2), ("one", 1))]
    turns = read({"results": {"channels": channels}}).transcript.turns
    assert [(t.name, t.text) for t in turns] == [("Speaker 1", "one"), ("Speaker 0", "two")]


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (
            {"results": {"items": [{"type": "pronunciation", "alternatives": [{"content": "Hi"}]}]}},
            "ShowSpeakerLabels",
        ),
        ({"results": {"channels": [{"alternatives": [{"words": [{"word": "hi"}]}]}]}}, "diarize=true"),
        (
            {"audio_url": "x", "words": [{"text": "hi", "speaker": None}], "utterances": None},
            "speaker_labels",
        ),
        ({"segments": [{"text": " Hi.", "start": 0, "end": 1}], "text": " Hi."}, "--diarize"),
        ({"turns": [{"text": "Hi."}, {"text": "Ho."}]}, "speaker"),
    ],
)
def test_json_without_speakers_is_refused_with_what_to_do(value, advice):
    error = refusal(value)
    assert error.code == "no_speakers" and advice in str(error)


def test_every_written_session_is_read_turn_by_turn():
    for line in WRITTEN.read_text(encoding="utf-8").splitlines():
        session = json.loads(line)
        result = read_transcript(line.encode(), "session.json")
        expected = [(t["speaker"], " ".join(t["text"].split())) for t in session["turns"]]
        assert [(t.speaker.value, t.text) for t in result.transcript.turns] == expected
        assert result.transcript.id == session["id"] and result.warnings == ()
        assert result.roles.confidence >= 0.95


def test_one_session_of_many_is_chosen_by_its_id():
    raw = b"\n".join(WRITTEN.read_bytes().splitlines()[:3])
    ids = [json.loads(line)["id"] for line in raw.splitlines()]
    assert read_transcript(raw, "a.jsonl", {"choose": ids[1]}).transcript.id == ids[1]
    with pytest.raises(InputError) as refused:
        read_transcript(raw, "a.jsonl")
    assert refused.value.code == "several_transcripts" and ids[2] in str(refused.value)


def test_a_report_of_ours_can_be_read_back():
    turns = [{"index": 0, "id": "t0", "speaker": "therapist", "name": "Anna", "text": "Hi."},
             {"index": 1, "id": "t1", "speaker": "client", "name": "Ben", "text": "No."}]  # fmt: skip
    report = {
        "schema": "suture.report/1",
        "transcript": {"id": "s", "title": "S", "turns": turns},
        "tags": [],
    }
    result = read(report)
    assert [(t.name, t.text) for t in result.transcript.turns] == [("Anna", "Hi."), ("Ben", "No.")]
    assert result.transcript.id == "s"
    assert [t.speaker.value for t in result.transcript.turns] == ["therapist", "client"]


def test_turns_of_the_wrong_form_are_reported():
    result = read(
        {"turns": [None, {"speaker": "T", "text": "a"}, 3, {"speaker": "C", "text": "b"}, {"speaker": "C"}]}
    )
    assert result.warnings == ("turns 1, 3, 5: has no text of the expected form; left out.",)


def test_turns_out_of_order_are_told():
    turns = [{"index": 1, "speaker": "T", "text": "a"}, {"index": 0, "speaker": "C", "text": "b"}]
    assert any("not in order" in w for w in read({"turns": turns}).warnings)


def test_half_characters_are_replaced_and_told():
    raw = b'{"turns":[{"speaker":"T","text":"a \\ud83d b"},{"speaker":"C","text":"c\\u0000d"}]}'
    result = read_transcript(raw, "a.json")
    assert [t.text for t in result.transcript.turns] == ["a \N{REPLACEMENT CHARACTER} b", "cd"]
    assert any(w.startswith("turns 1-2: control characters") for w in result.warnings)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"turns": [', "malformed"),
        (b"[" * 100_000, "malformed"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "malformed"),
        (b'{"x": 1}', "unsupported"),
        (b"[" + b"[]," * 1_100_000 + b"[]]", "too_complex"),
    ],
)
def test_broken_or_absurd_json_is_refused(raw, code):
    with pytest.raises(InputError) as refused:
        read_transcript(raw, "a.json")
    assert refused.value.code == code
