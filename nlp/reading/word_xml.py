"""The body of a Word document as blocks: paragraphs, and rows of tables."""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from nlp.reading.limits import MAX_PIECES, at_most
from nlp.reading.pieces import Notes
from nlp.reading.xml import walk_xml

_LEFT_OUT = {  # subtrees that are not part of the text as it now stands
    "del": "a tracked deletion; left out.",
    "moveFrom": "text that was moved away; left out here.",
    "Fallback": "",  # the same text again, for older programs
    "delText": "",
    "instrText": "",
}
_SPACES = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


@dataclass(frozen=True)
class Block:
    """A paragraph (one cell) or a table row (a cell a column); `place` counts paragraphs from 1."""

    place: int
    cells: list[str]
    heading: bool = False


@dataclass
class _Paragraph:
    texts: list[str] = field(default_factory=list)
    heading: bool = False


@dataclass
class _Walk:
    """Where a walk through the document is, and what it has found."""

    notes: Notes
    blocks: list[Block] = field(default_factory=list)
    paragraphs: list[_Paragraph] = field(default_factory=list)  # open ones: text boxes nest
    rows: list[list[list[str]]] = field(default_factory=list)  # open rows: cells: paragraphs
    place: int = 0
    skipping: int = 0  # depth inside subtrees that are left out


def read_blocks(raw: bytes, notes: Notes) -> list[Block]:
    """Paragraphs and rows in the document's order."""
    walk = _Walk(notes)
    for event, element in walk_xml(raw, "This Word document"):
        tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if event == "start":
            _open(walk, tag)
        else:
            _close(walk, tag, element)
            if tag in ("p", "r", "tr", "tbl", "pPr"):
                element.clear()
    return walk.blocks


def _open(walk: _Walk, tag: str) -> None:
    if tag in _LEFT_OUT:
        walk.skipping += 1
    elif tag == "p":
        walk.place += 1
        at_most(walk.place, MAX_PIECES, "paragraphs")
        walk.paragraphs.append(_Paragraph())
    elif tag == "tr":
        walk.rows.append([])
    elif tag == "tc" and walk.rows:
        walk.rows[-1].append([])


def _close(walk: _Walk, tag: str, element: Element) -> None:
    if tag in _LEFT_OUT:
        walk.skipping -= 1
        if _LEFT_OUT[tag] and len(element):
            walk.notes.add(max(1, walk.place), _LEFT_OUT[tag])
    elif tag == "p" and walk.paragraphs:
        _close_paragraph(walk)
    elif tag == "tr" and walk.rows:
        _close_row(walk)
    elif walk.paragraphs and not walk.skipping:
        _take_text(walk.paragraphs[-1], tag, element)


def _take_text(paragraph: _Paragraph, tag: str, element: Element) -> None:
    if tag == "t":
        paragraph.texts.append(element.text or "")
    elif tag in _SPACES:
        paragraph.texts.append(_SPACES[tag])
    elif tag == "pStyle":
        style = next((v for k, v in element.attrib.items() if k.endswith("val")), "")
        paragraph.heading = style.casefold().startswith(("heading", "title", "subtitle", "berschrift"))


def _close_paragraph(walk: _Walk) -> None:
    paragraph = walk.paragraphs.pop()
    text = "".join(paragraph.texts)
    if walk.rows and walk.rows[-1]:
        walk.rows[-1][-1].append(text)
    elif not walk.skipping:
        walk.blocks.append(Block(walk.place, [text], paragraph.heading))


def _close_row(walk: _Walk) -> None:
    """A row of an inner table becomes lines of the cell around it."""
    cells = ["\n".join(cell) for cell in walk.rows.pop()]
    if walk.rows and walk.rows[-1]:
        walk.rows[-1][-1].extend(cells)
    elif cells and not walk.skipping:
        walk.blocks.append(Block(walk.place, cells))
