"""Coded sessions through every format and back; what a format loses is said; bad files are told apart kindly."""

import json
import random
import re
from dataclasses import replace
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.corpus import load_written
from annotation.exchange.carrying import without
from annotation.exchange.files import Exported, Imported, pack, unpack
from annotation.exchange.formats import FORMATS, format_named
from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.reading import read_transcript
from nlp.tagging import TurnTag
from nlp.transcript import Span
from tests.coded import session
from tests.exchanged import corpora

FORMAT = pytest.mark.parametrize("format", FORMATS, ids=lambda f: f.name)
SESSION = session("s", "tct", ann={1: "denial"}, bob={})
ROUND = settings(deadline=None, max_examples=15)


def by_id(coded):
    return sorted(coded, key=lambda c: c.transcript.id)


def with_text(text: str, index: int = 1):
    turns = list(SESSION.transcript.turns)
    turns[index] = replace(turns[index], text=text)
    return replace(SESSION, transcript=replace(SESSION.transcript, turns=tuple(turns)))


def tag_of(imported: Imported, coder: str = "ann") -> tuple:
    (tag,) = imported.coded[0].tags[coder]
    return tag.turn, tag.code, tag.evidence, tag.intensity


@FORMAT
@ROUND
@given(coded=corpora)
def test_what_is_written_is_read_again_but_for_what_the_format_says_it_loses(format, coded):
    exported = format.write(coded)
    kept = [without(c, format.loses) for c in coded]
    assert by_id(format.read(exported.files).coded) == by_id(kept)
    assert any("cannot carry" in w for w in exported.warnings) == (kept != list(coded))


@FORMAT
def test_written_sessions_go_through(format):
    coded = load_written("dev")[:5]
    exported = format.write(coded)
    back = by_id(format.read(unpack(pack(exported.files), "all.zip")).coded)
    for before, after in zip(by_id(coded), back, strict=True):
        before = without(before, format.loses)
        assert after.transcript == before.transcript
        for coder, tags in before.tags.items():
            assert sorted(map(repr, after.tags[coder])) == sorted(map(repr, tags))


def test_a_format_says_how_many_sessions_lose_what():
    strong = replace(SESSION, tags={"ann": (TurnTag(1, "denial", Span(0, 4), intensity=3, source="ann"),)})
    assert format_named("doccano").write([SESSION, strong]).warnings == (
        "doccano cannot carry the tags' intensities; left out in 1 session.",
    )
    assert format_named("jsonl").write([SESSION, strong]).warnings == ()


def test_an_unknown_format_is_told_with_those_that_are_known():
    with pytest.raises(InputError, match="label-studio"):
        format_named("docx")


@FORMAT
def test_files_of_another_kind_are_refused(format):
    with pytest.raises(InputError):
        format.read({"notes.txt": b"hello"})
    for ending in (".json", ".jsonl", ".csv", ".eaf", ".spacy"):
        with pytest.raises(InputError):
            format.read({f"text{ending}": b"\xff\x00 no such thing"})


_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?|null')
_ODD = ("null", "-1", "99999", '"x"', "[]", "{}", "1.5", "true", '"\\ud800"', '[["a"]]', "NaN", "1e999")


def damaged(files: dict[str, bytes], seed: int) -> dict[str, bytes]:
    """Files with one value exchanged, some bytes changed, or cut short."""
    rng = random.Random(seed)
    name = rng.choice(sorted(files))
    raw = files[name]
    way = rng.randrange(3)
    if way == 0 and name.endswith(("json", "jsonl", "csv", "eaf")):
        text = raw.decode()
        places = list(_VALUE.finditer(text))
        m = rng.choice(places) if places else None
        raw = (text[: m.start()] + rng.choice(_ODD) + text[m.end() :]).encode() if m else raw
    elif way == 1:
        raw = raw[: rng.randrange(len(raw) + 1)]
    else:
        changed = bytearray(raw)
        for _ in range(rng.randrange(1, 4)):
            if changed:
                changed[rng.randrange(len(changed))] = rng.randrange(256)
        raw = bytes(changed)
    return {**files, name: raw}


@FORMAT
@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**9))
def test_damaged_files_are_read_or_refused_with_where_and_what_and_no_words_of_the_session(format, seed):
    secret = with_text("Zanzibar is where I hid.")
    files = damaged(dict(format.write([secret]).files), seed)
    try:
        imported = format.read(files)
    except InputError as refused:
        assert "Zanzibar" not in str(refused) and len(str(refused)) < 600
    else:
        for coded in imported.coded:
            for tags in coded.tags.values():
                for tag in tags:
                    assert tag.evidence.end <= len(coded.transcript.turns[tag.turn].text)


def test_a_bad_row_is_told_with_its_line_its_field_and_what_was_expected():
    files = dict(format_named("jsonl").write([SESSION]).files)
    files["tags.jsonl"] = (
        b'\n{"session": "s", "coder": "ann", "turn": "one", "code": "denial", "start": 0, "end": 3}\n'
    )
    with pytest.raises(InputError, match=r"tags.jsonl, line 2: “turn” .* a whole number was expected"):
        format_named("jsonl").read(files)
    files["tags.jsonl"] = (
        b'{"session": "s", "coder": "ann", "turn": 1, "code": "denial", "start": 0, "end": 99}\n'
    )
    with pytest.raises(InputError, match=r"line 1: the evidence is from 0 to 99"):
        format_named("jsonl").read(files)
    files["tags.jsonl"] = b'{"session": "other"}\n'
    with pytest.raises(InputError, match="no session of this id"):
        format_named("jsonl").read(files)


def test_label_studio_counts_as_browsers_do():
    coded = replace(
        with_text("😀😀 fine"), tags={"ann": (TurnTag(1, "denial", Span(3, 7), intensity=3, source="ann"),)}
    )
    exported = format_named("label-studio").write([coded])
    region = json.loads(exported.files["tasks.json"])[0]["annotations"][0]["result"][0]
    assert region["value"]["startOffset"] == 5 and region["value"]["text"] == "fine"
    assert tag_of(format_named("label-studio").read(exported.files)) == (1, "denial", Span(3, 7), 3)


def test_label_studio_annotations_made_there_are_read():
    region = {"start": "1", "end": "1", "startOffset": 0, "endOffset": 4}
    task = {
        "id": 7,
        "data": {"dialogue": [{"author": "Therapist", "text": "How?"}, {"author": "Client", "text": "Fine, I guess."}]},
        "annotations": [
            {
                "completed_by": 3,
                "result": [
                    {"id": "a", "type": "paragraphlabels", "value": {**region, "paragraphlabels": ["denial"]}},
                    {"id": "b", "type": "choices", "value": {"choices": ["x"]}},
                ],
            },
            {"completed_by": 4, "was_cancelled": True, "result": []},
        ],
    }  # fmt: skip
    imported = format_named("label-studio").read({"export.json": json.dumps([task]).encode()})
    assert tag_of(imported, "3") == (1, "denial", Span(0, 4), 2)
    assert [t.speaker for t in imported.coded[0].transcript.turns] == ["therapist", "client"]
    assert len(imported.warnings) == 2


def test_the_labelling_interface_of_label_studio_has_every_code():
    interface = format_named("label-studio").write([SESSION]).files["labelling_interface.xml"].decode()
    assert all(f'value="{code.id}"' in interface for code in load_codebook().codes)


def test_doccano_labels_made_there_are_read_and_cut_at_the_end_of_a_turn():
    files = dict(format_named("doccano").write([session("s", "tc", ann={})]).files)
    line = json.loads(files["ann.jsonl"])
    line["label"] = [[len(line["text"]) - 4, len(line["text"]), "denial"]]
    assert tag_of(format_named("doccano").read({"ann.jsonl": json.dumps(line).encode()}))[:2] == (1, "denial")
    line["label"] = []
    line["entities"] = [{"id": 1, "start_offset": 0, "end_offset": 20, "label": "redirects"}]
    del line["label"]
    imported = format_named("doccano").read({"ann.jsonl": json.dumps(line).encode()})
    assert tag_of(imported)[:3] == (0, "redirects", Span(0, 14))
    assert "cut at the end" in imported.warnings[0]


def test_a_code_typed_in_elan_means_the_whole_turn():
    files = dict(format_named("elan").write([SESSION]).files)
    changed = {name: raw.replace(b"denial|2|0-6", b" denial ") for name, raw in files.items()}
    assert tag_of(format_named("elan").read(changed)) == (1, "denial", Span(0, 14), 2)


def test_an_elan_export_is_also_read_as_a_transcript():
    ((name, raw),) = format_named("elan").write([SESSION]).files.items()
    read = read_transcript(raw, name).transcript
    assert [t.text for t in read.turns] == [t.text for t in SESSION.transcript.turns]


def test_made_up_times_are_told_and_do_not_come_back():
    exported = format_named("elan").write([SESSION])
    assert "made up" in exported.warnings[0]
    assert all(t.start is None for t in format_named("elan").read(exported.files).coded[0].transcript.turns)


def test_a_spacy_pipeline_sees_the_tags_as_span_groups():
    import spacy
    from spacy.tokens import DocBin

    raw = format_named("docbin").write([SESSION]).files["coded.spacy"]
    (doc,) = DocBin().from_bytes(raw).get_docs(spacy.blank("en").vocab)
    assert [(s.label_, s.text) for s in doc.spans["coder:ann"]] == [("denial", "turn 1")]
    assert [s.label_ for s in doc.spans["turns"]] == ["therapist", "client", "therapist"]


def test_a_cas_is_one_that_cassis_reads():
    cassis = pytest.importorskip("cassis", reason="dkpro-cassis is not installed")
    coded = replace(with_text("😀 fine"), tags={"ann": (TurnTag(1, "denial", Span(2, 6), source="ann"),)})
    (raw,) = format_named("uima").write([coded]).files.values()
    cas = cassis.load_cas_from_json(raw.decode())
    (tag,) = cas.select("webanno.custom.AllianceTag")
    assert (tag.code, tag.intensity, tag.get_covered_text()) == ("denial", 2, "fine")
    again = format_named("uima").read({"cas.json": cas.to_json().encode()})
    assert tag_of(again) == (1, "denial", Span(2, 6), 2)


def test_layers_of_others_in_a_cas_are_told_and_left_out():
    (raw,) = format_named("uima").write([session("s", "tc", ann={})]).files.values()
    cas = json.loads(raw)
    cas["%FEATURE_STRUCTURES"].append({"%ID": 99, "%TYPE": "webanno.custom.Mood", "begin": 0, "end": 3})
    imported = format_named("uima").read({"cas.json": json.dumps(cas).encode()})
    assert "webanno.custom.Mood" in imported.warnings[0]


def test_a_convokit_corpus_made_elsewhere_needs_roles():
    line = {"id": "u1", "conversation_id": "u1", "text": "How are you?", "speaker": "jo", "meta": {"mood": 1}}
    files = {"c/utterances.jsonl": json.dumps(line).encode(), "c/conversations.json": b"{}"}
    with pytest.raises(InputError, match="role"):
        format_named("convokit").read(files)
    line["meta"]["role"] = "therapist"
    imported = format_named("convokit").read({**files, "c/utterances.jsonl": json.dumps(line).encode()})
    assert imported.coded[0].transcript.turns[0].speaker == "therapist"
    assert "mood" in imported.warnings[0]


def test_coders_whose_texts_differ_are_not_mixed():
    first = format_named("doccano").write([session("s", "tc", ann={})]).files
    second = format_named("doccano").write([session("s", "tcc", bob={})]).files
    with pytest.raises(InputError, match="turns differ"):
        format_named("doccano").read({**first, **second})


def test_an_archive_that_is_damaged_is_refused_and_any_other_file_is_itself(tmp_path):
    assert unpack(b"a,b", "x.csv") == {"x.csv": b"a,b"}
    with pytest.raises(InputError, match="damaged"):
        unpack(b"PK\x03\x04 not really", "x.zip")
    with ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("__MACOSX/._a.csv", "junk")
        archive.writestr("a.csv", "a")
    assert unpack((tmp_path / "x.zip").read_bytes(), "x.zip") == {"a.csv": b"a"}


def test_names_that_no_disk_could_hold_get_files_of_their_own():
    coded = [session("a/b", "tc", ann={}), session("a:b", "tc", ann={}), session("A_B", "tc", ann={})]
    exported: Exported = format_named("elan").write(coded)
    assert sorted(exported.files) == ["A_B-3.eaf", "a_b-2.eaf", "a_b.eaf"]
