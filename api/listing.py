"""The list of therapy sessions a person may see, page by page, newest first."""

import base64
import binascii
from datetime import datetime

from sqlalchemy import Connection, and_, or_

from api.crypto import MasterKey
from api.grants import visible_to
from api.people import User
from api.stored import Page, SessionRow, unseal_row
from api.tables import therapy_sessions
from nlp.errors import InputError

MOST = 200


def list_page(conn: Connection, master: MasterKey, user: User, limit: int, after: str | None) -> Page:
    """Up to `limit` sessions after the cursor. New uploads do not shift the pages that follow."""
    created, session_id = therapy_sessions.c.created_at, therapy_sessions.c.id
    limit = max(1, min(limit, MOST))
    query = visible_to(user).order_by(created.desc(), session_id.desc()).limit(limit + 1)
    if after is not None:
        last_created, last_id = _read_cursor(after)
        query = query.where(or_(created < last_created, and_(created == last_created, session_id < last_id)))
    rows = conn.execute(query).all()
    items = tuple(unseal_row(row, master.unwrap(row.id, row.wrapped)) for row in rows[:limit])
    return Page(items, _cursor(items[-1]) if len(rows) > limit else None)


def _cursor(row: SessionRow) -> str:
    return base64.urlsafe_b64encode(f"{row.created_at.isoformat()} {row.id}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        moment, session_id = base64.urlsafe_b64decode(padded).decode("ascii").split(" ")
        created = datetime.fromisoformat(moment)
    except (binascii.Error, ValueError):
        created = None
    if created is None or created.tzinfo is None or "\0" in session_id:
        raise InputError(
            "The page marker is not one this service gave out. Start from the first page.", "bad_cursor"
        )
    return created, session_id
