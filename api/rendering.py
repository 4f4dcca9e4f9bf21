"""HTML from plain data: pages, the report, and the report as one self-contained file."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api import wording
from api.report_view import report_view
from nlp.codebook import Codebook, load_codebook
from nlp.report import SessionReport

REPORT_STYLES = ("base.css", "report.css", "print.css")
REPORT_SCRIPTS = ("place.js", "moments.js", "filters.js", "timeline.js", "print.js")
ERROR_TITLES = {
    400: ("This could not be understood", "The request was not in the form that was expected."),
    401: ("Please sign in", "This page is for people who are signed in."),
    403: ("Not yours to change", "You may not do this. Whoever owns the session, or an admin, can."),
    404: ("Nothing here", "There is no such page, or it is not shared with you."),
    405: ("Not that way", "This address does not take that kind of request."),
    409: ("Not just now", "The state of the session does not allow this."),
    413: ("Too large", "The file is larger than this service takes."),
    415: ("Not a kind of file we read", "Suture reads transcripts; this file is something else."),
    422: ("This could not be used", "Something in what was sent needs mending."),
    429: ("One moment, please", "There were too many tries in a short time. Wait a little and try again."),
    500: ("Something went wrong on our side", "Nothing you sent is lost. The fault is ours; try again."),
    503: ("Busy", "The service is starting or busy. Try again in a moment."),
}


@dataclass(frozen=True)
class Frame:
    """What surrounds a page: who reads it, which part of the site it is, and a notice to show once."""

    user: str = ""
    role: str = ""
    csrf: str = ""
    here: str = ""  # sessions | upload | projects | account | users | audit | about
    notice: str = ""


def page(template: str, frame: Frame, **context) -> str:
    """One page of the site."""
    return _environment().get_template(template).render(frame=frame, **context)


def error_page(status: int, message: str = "", frame: Frame | None = None) -> str:
    """The page for an HTTP error: what happened and what one can do, in plain sentences."""
    title, usual = ERROR_TITLES.get(status, ERROR_TITLES[500 if status >= 500 else 400])
    return page("error.html", frame or Frame(), status=status, title=title, message=message or usual)


def report_html(report: SessionReport, codebook: Codebook | None = None, title: str = "") -> str:
    """The report as one HTML file that needs nothing else: style and script are inside it.

    Its Content-Security-Policy names each of them by hash and allows nothing to be fetched.
    """
    styles = Markup("\n".join(static_text(name) for name in REPORT_STYLES))
    scripts = [Markup(static_text(name)) for name in REPORT_SCRIPTS]
    return (
        _environment()
        .get_template("export.html")
        .render(
            view=report_view(report, codebook or load_codebook(), title),
            hidden=(),
            styles=styles,
            scripts=scripts,
            policy=_policy([styles], scripts),
        )
    )


def static_text(name: str) -> str:
    """One of our own style sheets or scripts."""
    return files("api").joinpath("static", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["wording"] = wording
    return environment


def _policy(styles: list[str], scripts: list[str]) -> str:
    return (
        f"default-src 'none'; style-src {_hashes(styles)}; script-src {_hashes(scripts)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: list[str]) -> str:
    digests = (hashlib.sha256(t.encode()).digest() for t in texts)
    return " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)
