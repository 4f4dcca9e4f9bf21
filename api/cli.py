"""`suture`: the command line. Whatever is slow to load is loaded by the command that needs it."""

import sys
from typing import Annotated

import typer

from api import cli_corpus, cli_models, cli_users
from api.analyse import analyse
from api.cli_deidentify import deidentify
from nlp.errors import InputError

app = typer.Typer(
    name="suture",
    help="Shows where the working alliance came under strain in a session transcript, and how to mend it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print locals, and those hold transcript text
)
audit_app = typer.Typer(help="The record of who read and changed what.", no_args_is_help=True)
app.command("analyse")(analyse)
app.command("train")(cli_models.train)
app.command("evaluate")(cli_models.evaluate)
app.command("deidentify")(deidentify)
app.add_typer(cli_corpus.app, name="corpus")
app.add_typer(cli_users.app, name="users")
app.add_typer(audit_app, name="audit")

Tagger = Annotated[
    str | None, typer.Option(help="module:function that loads another tagger than the trained one.")
]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [SUTURE_HOST].")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on [SUTURE_PORT].", min=1, max=65535)
    ] = None,
    tagger: Tagger = None,
) -> None:
    """Start the service: the pages, the API and, on SQLite, the worker beside it."""
    from api.serving import serve as serve_until_stopped
    from api.settings import load_settings

    given = {"SUTURE_HOST": host, "SUTURE_PORT": port}
    environment = cli_users.environment() | {k: str(v) for k, v in given.items() if v is not None}
    serve_until_stopped(load_settings(environment), lambda line: print(line, flush=True), tagger)


@app.command()
def worker(tagger: Tagger = None) -> None:
    """Analyse what is waiting, until stopped. On PostgreSQL, start as many as there are machines."""
    from api.logs import set_up_logs
    from api.settings import load_settings
    from api.worker import run_worker

    set_up_logs()
    run_worker(load_settings(), tagger)


@app.command()
def migrate() -> None:
    """Bring the database's tables up to date. `suture serve` does this by itself."""
    from api.settings import load_settings
    from api.store import open_store

    open_store(load_settings()).close()
    print("The database is up to date.")


@app.command("rotate-key")
def rotate_key() -> None:
    """Replace the master key. Stop the service first.

    A key file is replaced, the old one kept beside it as `.old`. Where the key comes from
    SUTURE_MASTER_KEY, set SUTURE_NEW_MASTER_KEY to the new one first and SUTURE_MASTER_KEY after.
    """
    from api.rotation import rotate
    from api.settings import load_settings

    count = rotate(load_settings(), cli_users.environment().get("SUTURE_NEW_MASTER_KEY", ""))
    print(f"{count} keys are wrapped by the new master key.")


@app.command("settings")
def show_settings() -> None:
    """List every setting: its environment variable, its default and what it does."""
    from api.settings import SETTINGS

    for setting in SETTINGS:
        print(f"{setting.env}  [{setting.default or 'unset'}]\n    {setting.help}")


@audit_app.command("verify")
def verify_audit() -> None:
    """Check that no row of the audit trail was altered or removed."""
    with cli_users.opened_store() as store:
        check = store.verify_audit()
    print(f"{check.rows} rows, head {check.head}")
    if not check.ok:
        where = "" if check.first_bad is None else f" (first at row {check.first_bad})"
        raise InputError(f"The audit trail is broken: {check.problem}{where}.", "broken_trail")
    print("The audit trail is whole.")


def main() -> None:
    """The entry point: an error that one can mend is one line, not a traceback."""
    try:
        app()
    except InputError as error:
        print(f"suture: {error}", file=sys.stderr)
        sys.exit(1)
