"""`suture users`: accounts from the command line, by whoever may start the service."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

app = typer.Typer(help="Who may sign in.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The account's e-mail address.")]
Role = Annotated[str, typer.Option(help="admin, supervisor, researcher, tutor or trainee.")]
Name = Annotated[str, typer.Option(help="The name others see.")]


@app.command("list")
def list_users() -> None:
    """List all accounts."""
    from api.members import all_users
    from api.people import SYSTEM

    with opened_accounts() as accounts:
        for user in all_users(accounts, SYSTEM):
            print(f"{user.email}\t{user.name}\t{user.role}{'  (disabled)' if user.disabled else ''}")


@app.command()
def add(email: Email, name: Name, role: Role = "supervisor") -> None:
    """Make an account and type its password."""
    from api.members import add_user
    from api.people import SYSTEM

    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with opened_accounts() as accounts:
        user = add_user(accounts, SYSTEM, email, name, password, role)
    print(f"{user.email} can sign in as {user.role}.")


@app.command()
def invite(email: Email, name: Name, role: Role = "supervisor") -> None:
    """Print a one-time link by which somebody makes their account."""
    from api.links import invite as make_invitation
    from api.people import SYSTEM

    with opened_accounts() as accounts:
        _print_link("invitation", make_invitation(accounts, SYSTEM, email, name, role))


@app.command("first-link")
def first_link() -> None:
    """Print the one-time link for the first admin, while nobody has an account."""
    from api.links import first_run_link
    from nlp.errors import InputError

    with opened_accounts() as accounts:
        token = first_run_link(accounts)
    if token is None:
        raise InputError("Somebody has an account already; ask an admin for an invitation.", "wrong_state")
    _print_link("welcome", token)


@app.command("password-link")
def password_link(email: Email) -> None:
    """Print a one-time link by which somebody sets a new password."""
    from api.links import reset_link
    from api.people import SYSTEM

    with opened_accounts() as accounts:
        _print_link("new-password", reset_link(accounts, SYSTEM, email))


@app.command("role")
def set_role(email: Email, role: Annotated[str, typer.Argument(help="The new role.")]) -> None:
    """Give somebody another role."""
    from api.members import set_role as change_role
    from api.people import SYSTEM

    with opened_accounts() as accounts:
        print(f"{email} is now {change_role(accounts, SYSTEM, email, role).role}.")


@app.command()
def disable(email: Email) -> None:
    """End somebody's logins and let them sign in no more."""
    from api.members import disable as end_access
    from api.people import SYSTEM

    with opened_accounts() as accounts:
        end_access(accounts, SYSTEM, email)
    print(f"{email} can no longer sign in.")


@app.command()
def enable(email: Email) -> None:
    """Let somebody sign in again."""
    from api.members import enable as give_access
    from api.people import SYSTEM

    with opened_accounts() as accounts:
        give_access(accounts, SYSTEM, email)
    print(f"{email} can sign in again.")


def environment() -> dict[str, str]:
    """The environment, as settings are read from it."""
    return dict(os.environ)


@contextmanager
def opened_store() -> Iterator:
    """The store that the settings name, for as long as a command needs it."""
    from api.settings import load_settings
    from api.store import open_store

    store = open_store(load_settings(environment()))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def opened_accounts() -> Iterator:
    """The accounts of that store."""
    from api.accounts import open_accounts
    from api.settings import load_settings

    with opened_store() as store:
        yield open_accounts(store, load_settings(environment()))


def _print_link(path: str, token: str) -> None:
    from api.settings import load_settings

    print(f"{load_settings(environment()).public_url}/{path}/{token}")
