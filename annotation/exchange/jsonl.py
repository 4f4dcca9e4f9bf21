"""Suture's own JSON Lines: the text in one file, what coders made of it in others, offsets within the turn."""

from collections.abc import Mapping, Sequence

from annotation.corpus import CodedTranscript
from annotation.exchange.files import Exported, Imported, Row, json_lines, json_rows, needed
from annotation.exchange.rows import (
    about_row,
    coded_from,
    coding_rows,
    tag_from,
    tag_row,
    turn_from,
    turn_row,
)
from nlp.errors import InputError

LOSES: frozenset[str] = frozenset()
TEXT, CODINGS, TAGS = "text.jsonl", "codings.jsonl", "tags.jsonl"


def write(coded: Sequence[CodedTranscript]) -> Exported:
    """A line a session, a line a coder and session, and a line a tag."""
    text = [about_row(c) | {"turns": [turn_row(t) for t in c.transcript.turns]} for c in coded]
    codings = [{"session": c.transcript.id, **row} for c in coded for row in coding_rows(c)]
    tags = [
        {"session": c.transcript.id, "coder": coder, **tag_row(tag, coder)}
        for c in coded
        for coder, of_coder in c.tags.items()
        for tag in of_coder
    ]
    return Exported({TEXT: json_lines(text), CODINGS: json_lines(codings), TAGS: json_lines(tags)})


def read(files: Mapping[str, bytes]) -> Imported:
    """Sessions from text.jsonl, with what codings.jsonl and tags.jsonl, where given, say of them."""
    text = [Row(row.value, row.where) for row in json_rows(*reversed(needed(files, TEXT)))]
    by_id = unique({row.text("id"): row for row in text}, text)
    codings = _by_session(files, CODINGS, by_id)
    tags = _by_session(files, TAGS, by_id)
    coded = []
    for id_, row in by_id.items():
        turns = [turn_from(t, index) for index, t in enumerate(row.rows("turns"))]
        by_coder: dict[str, list] = {}
        for tag in tags.get(id_, []):
            by_coder.setdefault(tag.text("coder"), []).append(tag_from(tag, tag.text("coder"), turns))
        coded.append(coded_from(row, turns, codings.get(id_, []), by_coder))
    return Imported(tuple(coded))


def unique(by_id: dict[str, Row], rows: Sequence[Row]) -> dict[str, Row]:
    """The rows by id, of which none may occur twice."""
    if len(by_id) < len(rows):
        seen: set[str] = set()
        twice = next(r for r in rows if r.text("id") in seen or seen.add(r.text("id")))
        raise InputError(
            f"{twice.where}: a session of this id came before; each must have its own.", "bad_exchange"
        )
    return by_id


def _by_session(files: Mapping[str, bytes], name: str, sessions: Mapping[str, Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for path in (p for p in files if p.rpartition("/")[2] == name):
        for row in json_rows(files[path], path):
            if row.text("session") not in sessions:
                raise InputError(
                    f"{row.where}: {TEXT} has no session of this id, and tags without their text cannot be read.",
                    "bad_exchange",
                )
            found.setdefault(row.text("session"), []).append(row)
    return found
