"""Hostile JSON."""

import json
from collections.abc import Iterator

from tests.hostile_samples import ASSEMBLYAI, AWS, DEEPGRAM, MIB, OWN, WHISPERX, File


def json_files() -> Iterator[File]:
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
