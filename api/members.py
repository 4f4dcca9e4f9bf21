"""An admin's work on accounts: who there is, what role they have, who may no longer sign in."""

from sqlalchemy import Connection, select, update

from api.accounts import Accounts, end_logins
from api.database import reading
from api.passwords import check_password
from api.people import (
    User,
    as_user,
    checked_email,
    checked_name,
    checked_role,
    find_user,
    insert_user,
    require_admin,
)
from api.tables import users
from nlp.errors import InputError


def all_users(accounts: Accounts, admin: User) -> tuple[User, ...]:
    """Everybody with an account, by name."""
    require_admin(admin)
    with reading(accounts.store.engine) as conn:
        return tuple(map(as_user, conn.execute(select(users).order_by(users.c.name, users.c.id))))


def add_user(accounts: Accounts, admin: User, email: str, name: str, password: str, role: str) -> User:
    """Makes an account with a password at once, without an invitation."""
    require_admin(admin)
    email, name, role = checked_email(email), checked_name(name), checked_role(role)
    check_password(password, name, email, email.partition("@")[0])
    password_hash = accounts.passwords.hash(password)
    with accounts.store.engine.begin() as conn:
        user = insert_user(conn, email, name, role, password_hash, accounts.store.clock())
        accounts.store.trail.append(conn, admin.id, "user.created", other_id=user.id)
    return user


def disable(accounts: Accounts, admin: User, user_id: str) -> User:
    """Ends somebody's logins and lets them sign in no more. What they own stays."""
    return _change(accounts, admin, user_id, "user.disabled", disabled=True)


def enable(accounts: Accounts, admin: User, user_id: str) -> User:
    """Lets somebody sign in again."""
    return _change(accounts, admin, user_id, "user.enabled", disabled=False)


def set_role(accounts: Accounts, admin: User, user_id: str, role: str) -> User:
    """Gives somebody another role."""
    return _change(accounts, admin, user_id, "user.role_set", role=checked_role(role))


def _change(accounts: Accounts, admin: User, user_id: str, what: str, **values: object) -> User:
    require_admin(admin)
    with accounts.store.engine.begin() as conn:
        admins = _lock_admins(conn)
        user = find_user(conn, user_id)
        if user is None:
            raise InputError("There is no such account.", "not_found")
        conn.execute(update(users).where(users.c.id == user.id).values(**values))
        if admins and not _lock_admins(conn):
            raise InputError("This is the last admin; make somebody else an admin first.", "last_admin")
        if values.get("disabled"):
            end_logins(conn, user.id)
        accounts.store.trail.append(conn, admin.id, what, other_id=user.id)
        return find_user(conn, user.id)


def _lock_admins(conn: Connection) -> int:
    """How many admins can sign in; none of them can be changed elsewhere meanwhile."""
    admins = select(users.c.id).where(users.c.role == "admin", ~users.c.disabled).order_by(users.c.id)
    return len(conn.execute(admins.with_for_update()).all())
