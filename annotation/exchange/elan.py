"""ELAN's .eaf: a file a session, a tier a speaker, and below it a tier for each coder's tags.

A tag reads `code|intensity|start-end`, the place within the turn; a coder who types the code alone means
the whole turn. What ELAN has no place for lies in a property of the file's header.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from annotation.corpus import CodedTranscript
from annotation.exchange.carrying import losses
from annotation.exchange.collecting import Collector
from annotation.exchange.files import Exported, Imported, Row, file_name, json_value, of_type
from annotation.exchange.rows import about_row, check_span, coding_rows, intensity, turn_from, turn_row
from nlp.errors import InputError
from nlp.reading.xml import walk_xml
from nlp.tagging import TurnTag
from nlp.transcript import Span, Turn

LOSES = frozenset({"scores", "tag_sources"})
_PROPERTY = "suture"
_BY = " @ "  # between a coder and the speaker's tier
_TAG = re.compile(r"\s*([^|]*?)\s*(?:\|\s*([123])\s*)?(?:\|\s*(\d{1,7})-(\d{1,7})\s*)?")
_UNWRITABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(coded: Sequence[CodedTranscript]) -> Exported:
    """A file for each session; where turns have no times, each is given a second, and this is said."""
    files: dict[str, bytes] = {}
    warnings = list(losses(coded, LOSES, "ELAN"))
    for number, c in enumerate(coded, 1):
        if any(t.start is None or t.end is None for t in c.transcript.turns):
            warnings.append(
                f"session {number}: not every turn has its times, which ELAN needs; they were made up "
                "for the timeline and are left out again on import."
            )
        files[file_name(c.transcript.id, files, ".eaf")] = _document(c, number)
    return Exported(files, tuple(warnings))


def read(files: Mapping[str, bytes]) -> Imported:
    """Sessions from files that Suture wrote and people worked on in ELAN."""
    collector = Collector()
    for name, raw in of_type(files, ".eaf").items():
        _read_document(_parse(raw, name), name, collector)
    return collector.result()


def _document(coded: CodedTranscript, number: int) -> bytes:
    turns = coded.transcript.turns
    root = ET.Element(
        "ANNOTATION_DOCUMENT", AUTHOR="", DATE="2000-01-01T00:00:00+00:00", FORMAT="3.0", VERSION="3.0"
    )
    header = ET.SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    about = {
        "session": about_row(coded),
        "turns": [turn_row(t, words=False) for t in turns],
        "codings": coding_rows(coded),
    }
    ET.SubElement(header, "PROPERTY", NAME=_PROPERTY).text = json.dumps(about)
    order = ET.SubElement(root, "TIME_ORDER")
    for turn, (start, end) in zip(turns, _times(turns), strict=True):
        ET.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=f"ts{2 * turn.index + 1}", TIME_VALUE=str(start))
        ET.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=f"ts{2 * turn.index + 2}", TIME_VALUE=str(end))
    for tier, speaker in _tiers(turns).items():
        _speaker_tier(root, tier, speaker, turns)
        for coder, tags in coded.tags.items():
            _coder_tier(
                root, f"{coder}{_BY}{tier}", coder, tier, [t for t in tags if turns[t.turn] in speaker]
            )
    ET.SubElement(root, "LINGUISTIC_TYPE", LINGUISTIC_TYPE_ID="talk", TIME_ALIGNABLE="true")
    ET.SubElement(
        root, "LINGUISTIC_TYPE", LINGUISTIC_TYPE_ID="tags", TIME_ALIGNABLE="false",
        CONSTRAINTS="Symbolic_Subdivision",
    )  # fmt: skip
    ET.SubElement(
        root, "CONSTRAINT", STEREOTYPE="Symbolic_Subdivision",
        DESCRIPTION="Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered",
    )  # fmt: skip
    written = ET.tostring(root, encoding="unicode")
    if _UNWRITABLE.search(written):
        raise InputError(
            f"session {number}: it has characters that XML cannot hold. Take control characters out of the "
            "transcript, or choose another format.",
            "bad_exchange",
        )
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + written).encode()


def _times(turns: Sequence[Turn]) -> list[tuple[int, int]]:
    """Milliseconds for the timeline: as given, else a second after the turn before, never running backwards."""
    times, now = [], 0
    for turn in turns:
        start = now if turn.start is None else max(0, round(turn.start * 1000))
        end = start + 1000 if turn.end is None else max(start + 1, round(turn.end * 1000))
        times.append((start, end))
        now = end
    return times


def _tiers(turns: Sequence[Turn]) -> dict[str, list[Turn]]:
    """Turns by speaker, under a name for the tier that no other has."""
    speakers: dict[tuple[str, str], list[Turn]] = {}
    for turn in turns:
        speakers.setdefault((turn.name or turn.speaker.value, turn.speaker.value), []).append(turn)
    tiers: dict[str, list[Turn]] = {}
    for (name, _), of_speaker in speakers.items():
        tier, number = name.replace(_BY, " "), 1
        while tier in tiers:
            number += 1
            tier = f"{name.replace(_BY, ' ')} {number}"
        tiers[tier] = of_speaker
    return tiers


def _speaker_tier(root: ET.Element, tier: str, turns: Sequence[Turn], everybody: Sequence[Turn]) -> None:
    element = ET.SubElement(root, "TIER", LINGUISTIC_TYPE_REF="talk", PARTICIPANT=turns[0].name, TIER_ID=tier)
    for turn in turns:
        annotation = ET.SubElement(
            ET.SubElement(element, "ANNOTATION"), "ALIGNABLE_ANNOTATION", ANNOTATION_ID=f"a{turn.index}",
            TIME_SLOT_REF1=f"ts{2 * turn.index + 1}", TIME_SLOT_REF2=f"ts{2 * turn.index + 2}",
        )  # fmt: skip
        ET.SubElement(annotation, "ANNOTATION_VALUE").text = turn.text


def _coder_tier(root: ET.Element, id_: str, coder: str, parent: str, tags: Sequence[TurnTag]) -> None:
    element = ET.SubElement(
        root, "TIER", ANNOTATOR=coder, LINGUISTIC_TYPE_REF="tags", PARENT_REF=parent, TIER_ID=id_
    )
    number = sum(1 for _ in root.iter("REF_ANNOTATION"))
    before: dict[int, str] = {}
    for tag in tags:
        number += 1
        attributes = {"ANNOTATION_ID": f"b{number}", "ANNOTATION_REF": f"a{tag.turn}"}
        attributes |= {"PREVIOUS_ANNOTATION": before[tag.turn]} if tag.turn in before else {}
        before[tag.turn] = f"b{number}"
        annotation = ET.SubElement(ET.SubElement(element, "ANNOTATION"), "REF_ANNOTATION", attributes)
        value = f"{tag.code}|{tag.intensity}|{tag.evidence.start}-{tag.evidence.end}"
        ET.SubElement(annotation, "ANNOTATION_VALUE").text = value


@dataclass
class _Document:
    about: str = ""
    talk: dict[str, str] = field(default_factory=dict)  # words by annotation id
    tags: list[tuple[str, str, str]] = field(default_factory=list)  # coder, annotation tagged, value
    other: list[str] = field(default_factory=list)  # tiers of other kinds


def _parse(raw: bytes, name: str) -> _Document:
    document, tier = _Document(), None
    for event, element in walk_xml(raw, name):
        if event == "start":
            tier = element if element.tag == "TIER" else tier
        elif element.tag == "PROPERTY" and element.get("NAME") == _PROPERTY:
            document.about = element.text or ""
        elif element.tag == "ALIGNABLE_ANNOTATION" and tier is not None and not tier.get("PARENT_REF"):
            document.talk[element.get("ANNOTATION_ID", "")] = element.findtext("ANNOTATION_VALUE") or ""
        elif element.tag == "REF_ANNOTATION" and tier is not None and tier.get("PARENT_REF"):
            coder = tier.get("ANNOTATOR") or tier.get("TIER_ID", "").split(_BY)[0]
            value = element.findtext("ANNOTATION_VALUE") or ""
            document.tags.append((coder, element.get("ANNOTATION_REF", ""), value))
    return document


def _read_document(document: _Document, name: str, collector: Collector) -> None:
    if not document.about:
        raise InputError(
            f"{name}: this file was not exported by Suture, so it does not say which turns it is about. "
            "Upload it as a transcript instead.",
            "bad_exchange",
        )
    about = Row({_PROPERTY: json_value(document.about, f"{name}, header")}, f"{name}, header").row(_PROPERTY)
    turns = []
    for index, row in enumerate(about.rows("turns")):
        if f"a{index}" not in document.talk:
            raise InputError(f"{name}: the annotation of turn {index} is missing.", "bad_exchange")
        turns.append(turn_from(row, index, document.talk.pop(f"a{index}")))
    if document.talk:
        collector.warn(f"{name}: annotations added to speakers' tiers were left out: {len(document.talk)}.")
    session = collector.add_session(about.row("session"), turns)
    tags: dict[str, list[TurnTag]] = {}
    for coder, tagged, value in document.tags:
        tags.setdefault(coder, []).append(_tag(coder, tagged, value, turns, name))
    for coding in about.rows("codings"):
        collector.add_coding(session, coding, _in_order(tags.pop(coding.text("coder"), [])))
    for coder, of_coder in tags.items():
        collector.add_coding(session, Row({"coder": coder}, name), _in_order(of_coder))


def _in_order(tags: list[TurnTag]) -> list[TurnTag]:
    return sorted(tags, key=lambda t: t.turn)


def _tag(coder: str, tagged: str, value: str, turns: Sequence[Turn], name: str) -> TurnTag:
    turn = int(tagged[1:]) if re.fullmatch(r"a\d{1,6}", tagged) else -1
    where = f"{name}, a tag on turn {turn}"
    match = _TAG.fullmatch(value)
    if turn not in range(len(turns)) or not match or not match[1]:
        raise InputError(
            f"{where}: a code was expected, alone or as code|intensity|start-end, on a turn of the session.",
            "bad_exchange",
        )
    span = Span(int(match[3]), int(match[4])) if match[3] else Span(0, len(turns[turn].text))
    check_span(turn, span, turns, where)
    return TurnTag(turn, match[1], span, intensity=intensity(int(match[2] or 2), where), source=coder)
