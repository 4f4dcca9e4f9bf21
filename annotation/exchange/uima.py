"""UIMA CAS as JSON (0.4.0), which INCEpTION imports and exports: a file for each session and coder.

Turns are sentences there, so that no evidence can go over two of them, and tags a layer of their
own. UIMA counts places in UTF-16 units; here they are in code points.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import accumulate

from annotation.corpus import CodedTranscript
from annotation.exchange.carrying import losses
from annotation.exchange.collecting import Collector
from annotation.exchange.files import (
    Exported,
    Imported,
    Row,
    file_name,
    json_file,
    json_row,
    json_value,
    of_type,
)
from annotation.exchange.joined import cut_warning, join_turns, place
from annotation.exchange.rows import about_row, coding_row, intensity, turn_from, turn_row
from nlp.errors import InputError
from nlp.tagging import TurnTag
from nlp.transcript import Span, Turn

LOSES = frozenset({"scores", "tag_sources"})
_SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
_TAG, _TURN, _SESSION = "webanno.custom.AllianceTag", "webanno.custom.Turn", "webanno.custom.Session"
_TEXT, _NUMBER = "uima.cas.String", "uima.cas.Integer"
_FEATURES = {
    _SENTENCE: {"id": _TEXT},
    _TAG: {"code": _TEXT, "intensity": _NUMBER},
    _TURN: {"speaker": _TEXT, "name": _TEXT, "details": _TEXT},
    _SESSION: {"details": _TEXT, "coding": _TEXT},
}
_NOT_TOLD = ("uima.", "de.tudarmstadt.ukp.")  # types that every CAS has


def write(coded: Sequence[CodedTranscript]) -> Exported:
    """A CAS for each coder of each session, and one for a session that nobody coded."""
    files: dict[str, bytes] = {}
    for c in coded:
        coders = dict.fromkeys([*c.tags, *c.looked_at, *c.ratings, *c.episodes])
        for coder in coders or (None,):
            wish = c.transcript.id if coder is None else f"{c.transcript.id} {coder}"
            files[file_name(wish, files, ".json")] = json_file(_cas(c, coder))
    return Exported(files, losses(coded, LOSES, "UIMA CAS"))


def read(files: Mapping[str, bytes]) -> Imported:
    """Sessions from CASes that Suture wrote and INCEpTION gave back."""
    collector = Collector()
    for name, raw in of_type(files, ".json").items():
        _read_cas(json_row(raw, name), collector)
    return collector.result()


def _cas(coded: CodedTranscript, coder: str | None) -> dict:
    turns = coded.transcript.turns
    text, starts = join_turns(turns)
    units = _units(text)
    structures: list[dict] = []

    def add(kind: str, start: int, end: int, **features: object) -> None:
        place_ = {"@sofa": 1, "begin": units[start], "end": units[end]}
        structures.append({"%ID": len(structures) + 2, "%TYPE": kind, **place_, **features})

    details = {"details": json.dumps(about_row(coded), ensure_ascii=False)}
    if coder is not None:
        details["coding"] = json.dumps(coding_row(coded, coder), ensure_ascii=False)
    add(_SESSION, 0, len(text), **details)
    for turn, start in zip(turns, starts, strict=True):
        end = start + len(turn.text)
        row = json.dumps(turn_row(turn, words=False), ensure_ascii=False)
        add(_SENTENCE, start, end, id=turn.id)
        add(_TURN, start, end, speaker=turn.speaker.value, name=turn.name, details=row)
    for tag in coded.tags.get(coder, ()):
        at = starts[tag.turn]
        add(
            _TAG, at + tag.evidence.start, at + tag.evidence.end, code=tag.code, intensity=tag.intensity
        )  # fmt: skip
    sofa = {
        "%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaNum": 1, "sofaID": "_InitialView",
        "mimeType": "text/plain", "sofaString": text,
    }  # fmt: skip
    return {
        "%TYPES": {name: _type(name, features) for name, features in _FEATURES.items()},
        "%FEATURE_STRUCTURES": [sofa, *structures],
        "%VIEWS": {"_InitialView": {"%SOFA": 1, "%MEMBERS": [s["%ID"] for s in structures]}},
    }


def _type(name: str, features: Mapping[str, str]) -> dict:
    described = {f: {"%NAME": f, "%RANGE": kind} for f, kind in features.items()}
    return {"%NAME": name, "%SUPER_TYPE": "uima.tcas.Annotation", **described}


def _units(text: str) -> list[int]:
    """For each place in code points, the place in UTF-16 units."""
    return [0, *accumulate(2 if c > "\uffff" else 1 for c in text)]


def _read_cas(cas: Row, collector: Collector) -> None:
    structures = list(cas.rows("%FEATURE_STRUCTURES"))
    by_type: dict[str, list[Row]] = {}
    for structure in structures:
        by_type.setdefault(structure.text("%TYPE"), []).append(structure)
    if len(by_type.get(_SESSION, [])) != 1 or len(by_type.get("uima.cas.Sofa", [])) != 1:
        raise InputError(
            f"{cas.where}: this CAS does not say which turns it has. Only CASes that Suture exported are read.",
            "bad_exchange",
        )
    text = by_type["uima.cas.Sofa"][0].text("sofaString")
    points = {unit: point for point, unit in enumerate(_units(text))}
    turns = [
        _turn(row, index, text, points)
        for index, row in enumerate(sorted(by_type.get(_TURN, []), key=lambda r: r.whole("begin", 0)))
    ]
    if join_turns(turns)[0] != text:
        raise InputError(f"{cas.where}: the text is not the one that Suture exported.", "bad_exchange")
    known = by_type[_SESSION][0]
    session = collector.add_session(_json(known, "details"), turns)
    other = sorted(k for k in by_type if k not in _FEATURES and not k.startswith(_NOT_TOLD))
    if other:
        collector.warn(f"{cas.where}: annotations of other layers were left out: {', '.join(other)}.")
    if "coding" in known.value:
        coding = _json(known, "coding")
        starts = join_turns(turns)[1]
        tags = []
        for row in by_type.get(_TAG, []):
            placed = place(*_place(row, points), turns, starts)
            tags.append(_tag(row, coding.text("coder"), placed, collector))
        collector.add_coding(session, coding, tags)


def _json(row: Row, key: str) -> Row:
    return Row({key: json_value(row.text(key), row.where)}, row.where).row(key)


def _place(row: Row, points: Mapping[int, int]) -> tuple[int, int]:
    ends = row.whole("begin", 0), row.whole("end", 0)
    if not all(e in points for e in ends):
        raise InputError(f"{row.where}: “begin” and “end” must be places within the text.", "bad_exchange")
    return points[ends[0]], points[ends[1]]


def _turn(row: Row, index: int, text: str, points: Mapping[int, int]) -> Turn:
    start, end = _place(row, points)
    return turn_from(_json(row, "details"), index, text[start:end])


def _tag(row: Row, coder: str, placed: tuple[int, Span, bool] | None, collector: Collector) -> TurnTag:
    if placed is None:
        raise InputError(f"{row.where}: the tag lies on no words.", "bad_exchange")
    turn, evidence, cut = placed
    if cut:
        collector.warn(cut_warning(row.where))
    strength = intensity(row.whole("intensity", 2), row.where)
    return TurnTag(turn, row.text("code"), evidence, intensity=strength, source=coder)
