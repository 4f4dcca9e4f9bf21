"""The versions of a coder's entries: the newest counts, those before it are kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from api.coding.entries import WHOLE, Entry, Whole, pack, unpack_entry, unpack_whole
from api.coding.tables import coding_entries
from api.crypto import DataKey


@dataclass(frozen=True)
class Saved:
    """What was last said of a turn or of the whole session, with its version."""

    turn: int
    version: int
    said: Entry | Whole
    saved_at: datetime


def current(
    conn: Connection, key: DataKey, assignment_id: str, before_suggestions: bool = False
) -> dict[int, Saved]:
    """The newest version of each entry, by turn; or the newest made before the suggestions were seen."""
    e = coding_entries.c
    query = select(coding_entries).where(e.assignment_id == assignment_id)
    if before_suggestions:
        query = query.where(e.after_suggestions.is_(False))
    newest = {row.turn: row for row in conn.execute(query.order_by(e.turn, e.version))}
    return {turn: _unsealed(key, row) for turn, row in newest.items()}


def current_of(conn: Connection, key: DataKey, assignment_id: str, turn: int) -> Saved | None:
    """The newest version of one entry."""
    e = coding_entries.c
    query = select(coding_entries).where(e.assignment_id == assignment_id, e.turn == turn)
    row = conn.execute(query.order_by(e.version.desc()).limit(1)).one_or_none()
    return row and _unsealed(key, row)


def add_version(
    conn: Connection,
    key: DataKey,
    assignment_id: str,
    saved: Saved,
    judged: bool,
    after_suggestions: bool,
) -> None:
    """Keeps one more version of an entry."""
    name = _field(assignment_id, saved.turn, saved.version)
    row = {
        "assignment_id": assignment_id,
        "turn": saved.turn,
        "version": saved.version,
        "judged": judged,
        "after_suggestions": after_suggestions,
        "sealed_entry": key.seal(name, pack(saved.said)),
        "saved_at": saved.saved_at,
    }
    conn.execute(coding_entries.insert().values(**row))


@dataclass(frozen=True)
class Tally:
    """How many turns a coder has looked at, and how many they changed after seeing suggestions."""

    judged: int = 0
    changed_after: int = 0


def tallies(conn: Connection, assignment_ids: Iterable[str]) -> dict[str, Tally]:
    """How far each assignment is; nothing is unsealed for it."""
    e, ids = coding_entries.c, list(assignment_ids)
    newest = (
        select(e.assignment_id, e.turn, func.max(e.version).label("version"))
        .where(e.assignment_id.in_(ids), e.turn != WHOLE)
        .group_by(e.assignment_id, e.turn)
        .subquery()
    )
    same = (
        (e.assignment_id == newest.c.assignment_id)
        & (e.turn == newest.c.turn)
        & (e.version == newest.c.version)
    )
    rows = conn.execute(select(e.assignment_id, e.judged, e.after_suggestions).join(newest, same)).all()
    return {id_: _tally([row for row in rows if row.assignment_id == id_]) for id_ in ids}


def _tally(rows: list[Row]) -> Tally:
    return Tally(sum(row.judged for row in rows), sum(row.after_suggestions for row in rows))


def _unsealed(key: DataKey, row: Row) -> Saved:
    packed = key.unseal(_field(row.assignment_id, row.turn, row.version), row.sealed_entry)
    said = unpack_whole(packed) if row.turn == WHOLE else unpack_entry(packed)
    return Saved(row.turn, row.version, said, row.saved_at)


def _field(assignment_id: str, turn: int, version: int) -> str:
    return f"coding {assignment_id} {turn} {version}"
