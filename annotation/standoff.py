"""Tags kept apart from the text they are about: one JSON object a line, offsets within the turn."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nlp.tagging import TurnTag
from nlp.transcript import Span


@dataclass(frozen=True)
class Episode:
    """A coder's rupture episode: turns `start` to `end` (included), its kind and whether it was resolved."""

    start: int
    end: int
    kind: str  # withdrawal | confrontation | mixed
    resolved: str  # yes | partly | no


def read_jsonl(path: Path) -> list[dict]:
    """The objects of a JSON Lines file, in order."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def tag_from(row: Mapping, coder: str) -> TurnTag:
    """A TurnTag from one stand-off row."""
    return TurnTag(
        turn=row["turn"],
        code=row["code"],
        evidence=Span(row["start"], row["end"]),
        intensity=row["intensity"],
        source=coder,
    )


def read_tags(path: Path, coder: str) -> dict[str, tuple[TurnTag, ...]]:
    """Tags by session (or transcript) id."""
    tags: dict[str, list[TurnTag]] = defaultdict(list)
    for row in read_jsonl(path):
        tags[str(row.get("session", row.get("transcript")))].append(tag_from(row, coder))
    return {session: tuple(found) for session, found in tags.items()}


def read_episodes(path: Path) -> dict[str, tuple[Episode, ...]]:
    """Episodes by session (or transcript) id; a session in which none were drawn (null) is left out."""
    return {
        str(row.get("session", row.get("transcript"))): episodes_from(row["episodes"])
        for row in read_jsonl(path)
        if row["episodes"] is not None
    }


def episodes_from(rows: Iterable[Mapping]) -> tuple[Episode, ...]:
    """Episodes from their JSON objects."""
    return tuple(Episode(r["start"], r["end"], r["kind"], r["resolved"]) for r in rows)
