"""The people who use this Suture, as the other modules know them."""

import re
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, or_, select
from sqlalchemy.exc import IntegrityError

from api.tables import users
from nlp.errors import InputError

ROLES = ("admin", "supervisor", "researcher", "tutor", "trainee")
LONGEST_NAME, LONGEST_EMAIL = 100, 254


@dataclass(frozen=True)
class User:
    """A person with an account. They sign in by e-mail address and are shown by name."""

    id: str
    email: str
    name: str
    role: str
    disabled: bool = False


SYSTEM = User("system", "", "Suture", "admin")  # the service itself and its command line


def as_user(row: Row) -> User:
    """The person in a row of the table `users`."""
    return User(row.id, row.email, row.name, row.role, row.disabled)


def find_user(conn: Connection, id_or_email: str) -> User | None:
    """The person with this id or e-mail address, disabled or not."""
    key = email_key(id_or_email)
    row = conn.execute(select(users).where(or_(users.c.id == key, users.c.email_key == key))).one_or_none()
    return row and as_user(row)


def require_admin(user: User) -> None:
    """InputError unless this person is an admin."""
    if user.role != "admin" or user.disabled:
        raise InputError("Only an admin may do this.", "forbidden")


def insert_user(
    conn: Connection, email: str, name: str, role: str, password_hash: str, now: datetime
) -> User:
    """Adds a person; InputError when the address has an account already."""
    user = User(str(uuid.uuid4()), email, name, checked_role(role))
    row = vars(user) | {"email_key": email_key(email), "password_hash": password_hash, "created_at": now}
    try:
        conn.execute(users.insert().values(**row))
    except IntegrityError as error:
        raise InputError("There is an account with this e-mail address already.", "email_taken") from error
    return user


def email_key(email: str) -> str:
    """What two spellings of one address have in common; safe to look up whatever was typed."""
    folded = unicodedata.normalize("NFKC", email).strip().casefold()
    return "".join(c for c in folded if c.isprintable())


def checked_email(email: str) -> str:
    """The address, tidied; InputError unless it looks like one."""
    email = email.strip()
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", email) or not email.isprintable() or len(email) > LONGEST_EMAIL:
        raise InputError("Give an e-mail address like ada@example.org.", "bad_email")
    return email


def checked_name(name: str) -> str:
    """The name, tidied; InputError when there is none or it is too long."""
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise InputError(f"Give a name of 1 to {LONGEST_NAME} characters.", "bad_name")
    return name


def checked_role(role: str) -> str:
    """The role; InputError when there is none like it."""
    if role not in ROLES:
        raise InputError(f"The role must be one of {', '.join(ROLES)}.", "bad_role")
    return role
