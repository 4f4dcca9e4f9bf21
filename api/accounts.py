"""Signing in and staying signed in. Logins live in the database, so that they can be ended there."""

import hmac
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, or_, select, update

from api import throttle
from api.audit import NOBODY
from api.crypto import new_token, token_hash
from api.database import reading
from api.passwords import Passwords, check_password
from api.people import User, as_user, email_key
from api.settings import Settings
from api.store import Store
from api.tables import logins, users
from nlp.errors import InputError

FREE_PER_ACCOUNT, FREE_PER_ADDRESS = 5, 20  # wrong passwords before one has to wait
_NOTED_EVERY = timedelta(minutes=1)  # how exactly we note when somebody was last here


def same_token(expected: str, given: str) -> bool:
    """Whether a token is the one expected, in a time that does not tell how far it fits."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


@dataclass(frozen=True)
class Login:
    """One person signed in on one browser. `token` goes into the cookie, `csrf` into every form."""

    id: str
    user: User
    token: str = field(repr=False)
    csrf: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Accounts:
    """The accounts of a store, and how long a login lasts."""

    store: Store
    passwords: Passwords
    lifetime: timedelta
    idle: timedelta

    def sign_in(self, email: str, password: str, address: str, old_token: str | None = None) -> Login:
        """A new login, in place of the one `old_token` stands for. The same answer, after the same time,
        whether the account or the password was wrong."""
        keys = self._attempt_keys(email, address)
        self._spend_attempt(keys)
        row = self._find(email)
        kept = None if row is None or row.disabled else row.password_hash
        if not self.passwords.matches(kept, password):
            self._refuse(row)
        fresh_hash = self.passwords.hash(password) if self.passwords.is_outdated(kept) else kept
        with self.store.engine.begin() as conn:
            current = conn.execute(select(users).where(users.c.id == row.id).with_for_update()).one()
            if current.disabled or current.password_hash != kept:  # changed while we were looking
                raise _wrong()
            conn.execute(update(users).where(users.c.id == row.id).values(password_hash=fresh_hash))
            throttle.forget(conn, keys[0][0])
            throttle.give_back(conn, *keys[1], self.store.clock())
            return self._start_login(conn, as_user(row), old_token)

    def login(self, token: str) -> Login | None:
        """The login this token stands for, unless it has ended."""
        with reading(self.store.engine) as conn:
            row = conn.execute(_login_query(token)).one_or_none()
        now = self.store.clock()
        if row is None or row.disabled or now >= row.expires_at or now - row.seen_at >= self.idle:
            return None
        if now - row.seen_at > min(_NOTED_EVERY, self.idle / 4):
            with self.store.engine.begin() as conn:
                conn.execute(update(logins).where(logins.c.id == row.login_id).values(seen_at=now))
        return self._login(row.login_id, as_user(row), token, row.expires_at)

    def sign_out(self, login: Login) -> None:
        """Ends this login."""
        with self.store.engine.begin() as conn:
            conn.execute(delete(logins).where(logins.c.id == login.id))
            self.store.trail.append(conn, login.user.id, "login.ended")

    def sign_out_everywhere(self, user: User) -> None:
        """Ends all logins of this person."""
        with self.store.engine.begin() as conn:
            end_logins(conn, user.id)
            self.store.trail.append(conn, user.id, "login.all_ended")

    def change_password(self, user: User, old: str, new: str, keep: Login | None = None) -> None:
        """Sets another password and ends the person's logins, but the one to keep."""
        check_password(new, user.name, user.email, user.email.partition("@")[0])
        keys = self._attempt_keys(user.email, "")[:1]
        self._spend_attempt(keys)
        row = self._find(user.email)
        if row is None or not self.passwords.matches(row.password_hash, old):
            raise InputError("The old password is wrong.", "bad_password")
        hashed = self.passwords.hash(new)
        with self.store.engine.begin() as conn:
            set_password(conn, user.id, hashed, keep)
            throttle.forget(conn, keys[0][0])
            self.store.trail.append(conn, user.id, "password.changed", other_id=user.id)

    def _attempt_keys(self, email: str, address: str) -> list[tuple[str, int]]:
        keep = self.store.keys.mac
        return [
            (keep("throttle", f"account {email_key(email)}".encode()), FREE_PER_ACCOUNT),
            (keep("throttle", f"address {address}".encode()), FREE_PER_ADDRESS),
        ]

    def _spend_attempt(self, keys: list[tuple[str, int]]) -> None:
        now = self.store.clock()
        with self.store.engine.begin() as conn:
            for key, free in keys:
                throttle.spend(conn, key, free, now)
            throttle.forget_old(conn, now)

    def _find(self, email: str) -> Row | None:
        with reading(self.store.engine) as conn:
            return conn.execute(select(users).where(users.c.email_key == email_key(email))).one_or_none()

    def _refuse(self, row: Row | None) -> None:
        with self.store.engine.begin() as conn:
            who = NOBODY if row is None else row.id
            self.store.trail.append(conn, who, "login.started", outcome="refused")
        raise _wrong()

    def _start_login(self, conn: Connection, user: User, old_token: str | None) -> Login:
        now, token, login_id = self.store.clock(), new_token(), str(uuid.uuid4())
        ended = or_(logins.c.expires_at <= now, logins.c.seen_at <= now - self.idle)
        if old_token:
            ended = or_(ended, logins.c.token_hash == token_hash(old_token))
        conn.execute(delete(logins).where(ended))
        login = self._login(login_id, user, token, now + self.lifetime)
        row = {"id": login_id, "user_id": user.id, "token_hash": token_hash(token)}
        row |= {"created_at": now, "seen_at": now, "expires_at": login.expires_at}
        conn.execute(logins.insert().values(**row))
        self.store.trail.append(conn, user.id, "login.started")
        return login

    def _login(self, login_id: str, user: User, token: str, expires_at: datetime) -> Login:
        csrf = self.store.keys.mac("csrf", login_id.encode())
        return Login(login_id, user, token, csrf, expires_at)


def open_accounts(store: Store, settings: Settings, passwords: Passwords | None = None) -> Accounts:
    """The accounts of this store."""
    lifetime = timedelta(hours=settings.login_hours)
    idle = timedelta(minutes=settings.login_idle_minutes)
    return Accounts(store, passwords or Passwords(), lifetime, idle)


def set_password(conn: Connection, user_id: str, password_hash: str, keep: Login | None = None) -> None:
    """Keeps another password and ends the person's logins, but the one to keep."""
    conn.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))
    end_logins(conn, user_id, keep)


def end_logins(conn: Connection, user_id: str, keep: Login | None = None) -> None:
    """Ends all logins of a person, but the one to keep."""
    query = delete(logins).where(logins.c.user_id == user_id)
    conn.execute(query if keep is None else query.where(logins.c.id != keep.id))


def _login_query(token: str):
    columns = (logins.c.id.label("login_id"), logins.c.seen_at, logins.c.expires_at)
    return select(users, *columns).join_from(logins, users).where(logins.c.token_hash == token_hash(token))


def _wrong() -> InputError:
    return InputError("The e-mail address or the password is wrong.", "bad_credentials")
