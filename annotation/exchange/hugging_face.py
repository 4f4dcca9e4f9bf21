"""The layout of a Hugging Face data set: turns, tags and codings as JSON Lines, and a card that describes them."""

import json
from collections.abc import Mapping, Sequence

from annotation.corpus import CodedTranscript
from annotation.exchange.files import Exported, Imported, Row, json_lines, json_rows, json_value, needed
from annotation.exchange.rows import (
    about_row,
    coded_from,
    coding_rows,
    tag_from,
    tag_row,
    turn_from,
    turn_row,
)

LOSES: frozenset[str] = frozenset()
_TURN = ("index", "id", "speaker", "name", "start", "end", "sentences", "text")
_TAG = ("turn", "code", "intensity", "start", "end", "score", "turn_score", "source")


def write(coded: Sequence[CodedTranscript]) -> Exported:
    """A configuration each for turns, tags, sessions and codings; every row of one has the same columns."""
    turns = [
        {"session": c.transcript.id} | {k: turn_row(t).get(k) for k in _TURN}
        for c in coded
        for t in c.transcript.turns
    ]
    tags = [
        {"session": c.transcript.id, "coder": coder} | {k: tag_row(t, coder).get(k) for k in _TAG}
        for c in coded
        for coder, of_coder in c.tags.items()
        for t in of_coder
    ]
    codings = [
        {"session": c.transcript.id, "coder": row["coder"], "details": json.dumps(row, ensure_ascii=False)}
        for c in coded
        for row in coding_rows(c)
    ]
    sessions = [
        {"session": c.transcript.id, "details": json.dumps(about_row(c), ensure_ascii=False)} for c in coded
    ]
    tables = {"turns": turns, "tags": tags, "sessions": sessions, "codings": codings}
    filled = {name: rows for name, rows in tables.items() if rows}
    files = {f"data/{name}.jsonl": json_lines(rows) for name, rows in tables.items()}
    return Exported({"README.md": _card(coded, filled).encode(), **files})


def read(files: Mapping[str, bytes]) -> Imported:
    """Sessions from such a folder."""
    turns, tags = _by_session(files, "turns.jsonl"), _by_session(files, "tags.jsonl")
    codings = _by_session(files, "codings.jsonl")
    coded = []
    for id_, (row,) in ((i, r[:1]) for i, r in _by_session(files, "sessions.jsonl").items()):
        said = [turn_from(t, index) for index, t in enumerate(turns.get(id_, []))]
        by_coder: dict[str, list] = {}
        for tag in tags.get(id_, []):
            by_coder.setdefault(tag.text("coder"), []).append(tag_from(tag, tag.text("coder"), said))
        coded.append(coded_from(_details(row), said, [_details(r) for r in codings.get(id_, [])], by_coder))
    return Imported(tuple(coded))


def _by_session(files: Mapping[str, bytes], name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    path, raw = needed(files, name)
    for row in json_rows(raw, path):
        found.setdefault(row.text("session"), []).append(row)
    return found


def _details(row: Row) -> Row:
    return Row({"details": json_value(row.text("details"), row.where)}, row.where).row("details")


def _card(coded: Sequence[CodedTranscript], filled: Mapping[str, list]) -> str:
    configs = "".join(
        f"- config_name: {name}\n  data_files: data/{name}.jsonl\n{'  default: true' + chr(10) if name == 'turns' else ''}"
        for name in filled
    )
    coders = len({coder for c in coded for coder in c.tags})
    return f"""---
configs:
{configs}language:
- en
---

# Coded psychotherapy sessions

Exported by Suture: {len(coded)} sessions, {sum(len(c.transcript.turns) for c in coded)} turns, {coders} coders.

- `turns`: a row a turn, in order; `start` and `end` are seconds, `sentences` places within `text`.
- `tags`: a row a tag; `turn` is the turn's index, `start` and `end` the evidence's place in its text, in code points.
- `codings`: a row for each coder and session, tags or none, with looked-at turns, ratings and episodes as JSON.
- `sessions`: a row a session, with what is known of it as JSON.

These are words of therapy. Keep them where those who spoke them have agreed to their being kept.
"""
