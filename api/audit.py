"""Who did what to which object, when: a table one can only add to, each row sealing those before it.

Every row holds a hash over its own content and the hash of the row before, so an altered or
removed row breaks the chain. The head (how many rows, the last hash) is signed with a key that
is not in the database, so cutting off the end shows too. No row ever holds text or names.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from api.keys import ServiceKeys
from api.tables import audit, audit_head

ACTIONS = frozenset(
    """session.created session.listed session.looked_at session.read session.exported session.roles_set
    session.retried session.renamed session.deleted session.granted session.revoked session.key_read
    analysis.started analysis.saved analysis.failed
    login.started login.ended login.all_ended password.changed
    user.invited user.created user.disabled user.enabled user.role_set user.reset_linked user.listed
    project.created project.listed project.looked_at project.changed project.codings_read session.assigned
    coding.opened coding.saved coding.first_pass coding.suggested coding.finished
    token.created token.revoked audit.read audit.verified keys.rewrapped""".split()
)
OUTCOMES = frozenset({"done", "refused"})
SYSTEM, NOBODY = "system", "nobody"
_START = "0" * 64
_HEAD = 1


@dataclass(frozen=True)
class AuditCheck:
    """What checking the whole trail found. `first_bad` is the number of the first row that is wrong."""

    rows: int
    ok: bool
    first_bad: int | None
    head: str
    problem: str = ""


@dataclass(frozen=True)
class AuditTrail:
    """Adds rows to the trail and checks it."""

    keys: ServiceKeys
    clock: Callable[[], datetime]

    def append(
        self, conn: Connection, who: str, what: str, object_id="", other_id="", outcome="done"
    ) -> None:
        """Adds a row in the caller's transaction. Call it last: others wait from here to the commit."""
        if what not in ACTIONS or outcome not in OUTCOMES:
            raise ValueError(f"{what!r}, {outcome!r}: not in the audit vocabulary")
        rows, previous = self._locked_head(conn)
        entry = {"seq": rows + 1, "at": self.clock(), "who": who, "what": what}
        entry |= {"object_id": as_id(object_id), "other_id": as_id(other_id), "outcome": outcome}
        digest = _hash(previous, entry)
        conn.execute(audit.insert().values(**entry, previous=previous, hash=digest))
        head = {"rows": rows + 1, "hash": digest, "mac": self._mac(rows + 1, digest)}
        conn.execute(update(audit_head).where(audit_head.c.id == _HEAD).values(**head))

    def start(self, conn: Connection) -> None:
        """Writes the head of an empty trail, in the transaction that makes the keys and never again."""
        conn.execute(audit_head.insert().values(id=_HEAD, rows=0, hash=_START, mac=self._mac(0, _START)))

    def verify(self, conn: Connection) -> AuditCheck:
        """Checks every row and the head; `conn` must see one snapshot (`database.reading`)."""
        previous, count = _START, 0
        for row in conn.execution_options(yield_per=1000).execute(select(audit).order_by(audit.c.seq)):
            if row.seq != count + 1 or row.previous != previous or row.hash != _hash(previous, row._asdict()):
                return AuditCheck(count, False, count + 1, previous, "a row was altered or removed")
            previous, count = row.hash, row.seq
        return AuditCheck(count, **self._check_head(conn, count, previous), head=previous)

    def _check_head(self, conn: Connection, count: int, last: str) -> dict[str, object]:
        head = conn.execute(select(audit_head)).one_or_none()
        if head is None or head.mac != self._mac(head.rows, head.hash):
            return {"ok": False, "first_bad": None, "problem": "the signed head was altered"}
        if (head.rows, head.hash) != (count, last):
            return {
                "ok": False,
                "first_bad": min(head.rows, count) + 1,
                "problem": "rows are missing at the end",
            }
        return {"ok": True, "first_bad": None, "problem": ""}

    def _locked_head(self, conn: Connection) -> tuple[int, str]:
        head = select(audit_head.c.rows, audit_head.c.hash).where(audit_head.c.id == _HEAD)
        rows, previous = conn.execute(head.with_for_update()).one()
        return rows, previous

    def _mac(self, rows: int, digest: str) -> str:
        return self.keys.mac("audit", f"{rows} {digest}".encode())


def entries(conn: Connection, limit: int = 100, before: int | None = None) -> list[Row]:
    """The newest rows first; `before` is the `seq` to go on from."""
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    return list(conn.execute(query if before is None else query.where(audit.c.seq < before)))


def as_id(text: str) -> str:
    """`text` where it is one of our ids, else nothing: what people type never reaches the trail."""
    try:
        return text if str(uuid.UUID(text)) == text else ""
    except ValueError:
        return ""


def _hash(previous: str, entry: dict[str, object]) -> str:
    fields = [entry[k] for k in ("seq", "who", "what", "object_id", "other_id", "outcome")]
    content = json.dumps([previous, entry["at"].isoformat(), *fields], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
