"""ELAN (`.eaf`): one tier a speaker, annotations in time order, neighbours of one speaker joined."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from nlp.errors import InputError
from nlp.reading.limits import MAX_PIECES, at_most
from nlp.reading.pieces import Notes, Piece, Reading, clean
from nlp.reading.xml import walk_xml

_NOT_TALK = re.compile(
    r"(?:^|[\W_])(?:notes?|comments?|gestures?|gaze|codes?|coding|translation|gloss)(?:[\W_]|$)", re.I
)


@dataclass
class _Document:
    times: dict[str, float | None] = field(default_factory=dict)  # in the file's order
    annotations: list[tuple[str, str, str, str]] = field(default_factory=list)  # speaker, slots, text
    left_out: int = 0


def read_elan(raw: bytes, notes: Notes) -> Reading:
    """The talk of an ELAN annotation file."""
    notes.unit = "annotation"
    document = _read_document(raw, notes)
    times, order = _fill_times(document.times), {slot: i for i, slot in enumerate(document.times)}
    placed = []
    for number, (name, first, last, text) in enumerate(document.annotations, 1):
        start, end = times.get(first), times.get(last)
        if not clean(text):
            notes.add(number, "empty; left out.")
            continue
        placed.append(((start or 0.0, order.get(first, 0)), Piece(number, name, text, start, end)))
    pieces = [piece for _, piece in sorted(placed, key=lambda item: item[0])]
    return Reading("elan", pieces, {"annotations": len(document.annotations) + document.left_out}, joins=True)


def _read_document(raw: bytes, notes: Notes) -> _Document:
    document = _Document()
    tier: Element | None = None
    seen_root = False
    for event, element in walk_xml(raw, "This ELAN file"):
        tag = element.tag
        if event == "start":
            if not seen_root and tag != "ANNOTATION_DOCUMENT":
                raise InputError(
                    "This XML file is not an ELAN transcript. Export the session as text, Word or WebVTT.",
                    "unsupported",
                )
            seen_root = True
            tier = element if tag == "TIER" else tier
        elif tag == "TIME_SLOT":
            document.times[element.get("TIME_SLOT_ID", "")] = _seconds(element.get("TIME_VALUE"))
        elif tag in ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION") and tier is not None:
            _take(document, tier, element)
            element.clear()
        elif tag == "TIER":
            tier = None
    if document.left_out:
        notes.about_file(f"annotations on dependent or comment tiers were left out: {document.left_out}.")
    return document


def _take(document: _Document, tier: Element, annotation: Element) -> None:
    """An annotation that stands for talk; those on tiers that comment on others do not."""
    name = tier.get("PARTICIPANT") or tier.get("TIER_ID") or ""
    if (
        tier.get("PARENT_REF")
        or annotation.tag == "REF_ANNOTATION"
        or _NOT_TALK.search(tier.get("TIER_ID", "")[:200])
    ):
        document.left_out += 1
        return
    at_most(len(document.annotations) + 1, MAX_PIECES, "annotations")
    first, last = annotation.get("TIME_SLOT_REF1", ""), annotation.get("TIME_SLOT_REF2", "")
    document.annotations.append((name, first, last, annotation.findtext("ANNOTATION_VALUE") or ""))


def _seconds(value: str | None) -> float | None:
    return int(value) / 1000 if value and value.isascii() and value.isdecimal() and len(value) < 12 else None


def _fill_times(times: dict[str, float | None]) -> dict[str, float | None]:
    """Slots without a time lie after the slot before them."""
    filled: dict[str, float | None] = {}
    last: float | None = None
    for slot, time in times.items():
        last = time if time is not None else last
        filled[slot] = last
    return filled
