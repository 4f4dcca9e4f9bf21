"""API tokens: for programs that act for a person. Shown once, kept as a hash."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from api.audit import as_id
from api.crypto import new_token, token_hash
from api.database import reading
from api.people import User, as_user, checked_name
from api.store import Store
from api.tables import api_tokens, users
from nlp.errors import InputError

PREFIX = "sut_"  # so that one recognises a token that got somewhere it should not be
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class ApiToken:
    """What is known of a token; not the token itself."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


def create_token(store: Store, user: User, name: str, days: float | None = None) -> tuple[str, ApiToken]:
    """A new token and what is known of it; without `days` it holds until revoked."""
    now, text = store.clock(), PREFIX + new_token()
    if days is not None and not 0 < days <= 3660:
        raise InputError("A token lasts from a moment to ten years: give days from 1 to 3660.", "bad_days")
    expires = None if days is None else now + timedelta(days=days)
    made = ApiToken(str(uuid.uuid4()), checked_name(name), now, expires, None)
    with store.engine.begin() as conn:
        conn.execute(api_tokens.insert().values(**vars(made), user_id=user.id, token_hash=token_hash(text)))
        store.trail.append(conn, user.id, "token.created", made.id)
    return text, made


def tokens_of(store: Store, user: User) -> tuple[ApiToken, ...]:
    """The person's own tokens, newest first."""
    t = api_tokens.c
    query = select(t.id, t.name, t.created_at, t.expires_at, t.used_at).where(t.user_id == user.id)
    with reading(store.engine) as conn:
        return tuple(ApiToken(*row) for row in conn.execute(query.order_by(t.created_at.desc(), t.id)))


def revoke_token(store: Store, user: User, token_id: str) -> None:
    """Ends one of the person's own tokens."""
    t = api_tokens.c
    with store.engine.begin() as conn:
        own = delete(api_tokens).where(t.id == as_id(token_id), t.user_id == user.id)
        if conn.execute(own).rowcount == 0:
            raise InputError("You have no such token.", "not_found")
        store.trail.append(conn, user.id, "token.revoked", token_id)


def user_of_token(store: Store, text: str) -> User | None:
    """Whom the token acts for, unless it has expired or they may no longer sign in."""
    columns = (api_tokens.c.id.label("token_id"), api_tokens.c.expires_at, api_tokens.c.used_at)
    query = select(users, *columns).join_from(api_tokens, users)
    with reading(store.engine) as conn:
        row = conn.execute(query.where(api_tokens.c.token_hash == token_hash(text))).one_or_none()
    now = store.clock()
    if row is None or row.disabled or (row.expires_at is not None and now >= row.expires_at):
        return None
    if row.used_at is None or now - row.used_at > _NOTED_EVERY:
        with store.engine.begin() as conn:
            conn.execute(update(api_tokens).where(api_tokens.c.id == row.token_id).values(used_at=now))
    return as_user(row)
