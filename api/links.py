"""One-time links: the first admin's, invitations, new passwords. Only a hash of each is kept."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, select, update

from api.accounts import Accounts, set_password
from api.crypto import new_token, token_hash
from api.database import reading
from api.passwords import check_password
from api.people import (
    User,
    checked_email,
    checked_name,
    checked_role,
    find_user,
    insert_user,
    require_admin,
)
from api.tables import one_time_links, users
from nlp.errors import InputError

LIFETIMES = {"first_run": timedelta(days=1), "invitation": timedelta(days=7), "reset": timedelta(days=1)}


@dataclass(frozen=True)
class Link:
    """What a one-time link is for. A reset's e-mail and name are those of the account."""

    kind: str  # first_run | invitation | reset
    email: str
    name: str
    role: str
    expires_at: datetime


def first_run_link(accounts: Accounts) -> str | None:
    """The token by which the first admin is made; a new one each time, None once anybody has an account."""
    with accounts.store.engine.begin() as conn:
        if _has_users(conn):
            return None
        return _new_link(conn, accounts, "first_run", role="admin")


def invite(accounts: Accounts, admin: User, email: str, name: str, role: str) -> str:
    """The token by which somebody makes their account; an earlier invitation to them ends."""
    require_admin(admin)
    email, name, role = checked_email(email), checked_name(name), checked_role(role)
    with accounts.store.engine.begin() as conn:
        if find_user(conn, email):
            raise InputError("There is an account with this e-mail address already.", "email_taken")
        token = _new_link(conn, accounts, "invitation", email=email, name=name, role=role)
        accounts.store.trail.append(conn, admin.id, "user.invited")
    return token


def reset_link(accounts: Accounts, admin: User, user_id: str) -> str:
    """The token by which somebody sets a new password; an earlier one for them ends."""
    require_admin(admin)
    with accounts.store.engine.begin() as conn:
        user = find_user(conn, user_id)
        if user is None:
            raise InputError("There is no such account.", "not_found")
        token = _new_link(conn, accounts, "reset", user.email, user.name, user.role, user.id)
        accounts.store.trail.append(conn, admin.id, "user.reset_linked", other_id=user.id)
    return token


def look_up(accounts: Accounts, token: str) -> Link | None:
    """What the link is for, if it can still be used."""
    with reading(accounts.store.engine) as conn:
        row = _usable(conn, accounts, token)
    return row and _as_link(row)


def invitations(accounts: Accounts, admin: User) -> tuple[Link, ...]:
    """The invitations nobody has used yet."""
    require_admin(admin)
    with reading(accounts.store.engine) as conn:
        t, now = one_time_links.c, accounts.store.clock()
        open_ones = select(one_time_links).where(
            t.kind == "invitation", t.used_at.is_(None), t.expires_at > now
        )
        return tuple(_as_link(row) for row in conn.execute(open_ones.order_by(t.created_at)))


def use(accounts: Accounts, token: str, password: str, name: str = "", email: str = "") -> User:
    """Makes the account, or sets the password, that the link is for. It works once."""
    link = look_up(accounts, token)
    if link is None:
        raise _unusable()
    email = checked_email(email) if link.kind == "first_run" else link.email
    name = link.name if link.kind == "reset" else checked_name(name or link.name)
    check_password(password, name, email, email.partition("@")[0])
    password_hash = accounts.passwords.hash(password)
    with accounts.store.engine.begin() as conn:
        row = _usable(conn, accounts, token, lock=True)
        if row is None:
            raise _unusable()
        conn.execute(
            update(one_time_links).where(one_time_links.c.id == row.id).values(used_at=accounts.store.clock())
        )
        if row.kind == "reset":
            return _set_password(conn, accounts, row, password_hash)
        return _add_user(conn, accounts, email, name, row.role, password_hash)


def _set_password(conn: Connection, accounts: Accounts, row: Row, password_hash: str) -> User:
    set_password(conn, row.user_id, password_hash)
    user = find_user(conn, row.user_id)
    accounts.store.trail.append(conn, user.id, "password.changed", other_id=user.id)
    return user


def _add_user(
    conn: Connection, accounts: Accounts, email: str, name: str, role: str, password_hash: str
) -> User:
    user = insert_user(conn, email, name, role, password_hash, accounts.store.clock())
    accounts.store.trail.append(conn, user.id, "user.created", other_id=user.id)
    return user


def _new_link(
    conn: Connection, accounts: Accounts, kind: str, email="", name="", role="", user_id: str | None = None
) -> str:
    t, now, token = one_time_links.c, accounts.store.clock(), new_token()
    conn.execute(delete(one_time_links).where(t.kind == kind, t.email == email, t.used_at.is_(None)))
    row = {"id": str(uuid.uuid4()), "kind": kind, "token_hash": token_hash(token), "email": email}
    row |= {"name": name, "role": role, "user_id": user_id, "created_at": now}
    conn.execute(one_time_links.insert().values(**row, expires_at=now + LIFETIMES[kind]))
    return token


def _usable(conn: Connection, accounts: Accounts, token: str, lock: bool = False) -> Row | None:
    t, now = one_time_links.c, accounts.store.clock()
    query = select(one_time_links).where(
        t.token_hash == token_hash(token), t.used_at.is_(None), t.expires_at > now
    )
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None or (row.kind == "first_run" and _has_users(conn)) else row


def _has_users(conn: Connection) -> bool:
    return conn.execute(select(users.c.id).limit(1)).first() is not None


def _as_link(row: Row) -> Link:
    return Link(row.kind, row.email, row.name, row.role, row.expires_at)


def _unusable() -> InputError:
    return InputError(
        "This link has been used, has expired, or was never given out. Ask an admin for a new one; "
        "for the very first sign-in, restart the service, which prints one.",
        "bad_link",
    )
