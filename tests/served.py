"""The whole application in this process, with people who sign in and a worker done by hand."""

import secrets
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.members import add_user
from api.people import SYSTEM, User
from api.service import Parts
from api.system_store import save_analysis, start_analysis
from api.tokens import create_token
from nlp.segmentation import split_sentences
from tests.gold_tagger import GoldTagger

HOME = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"
SMALL = b"T: How was the week?\nC: Fine, I guess.\nT: You sound unsure. What was it like?\nC: I dunno.\n"
ROLES = {"T": "therapist", "C": "client"}


@dataclass(frozen=True)
class Served:
    """An application under test."""

    app: FastAPI

    @property
    def parts(self) -> Parts:
        return self.app.state.parts

    def visitor(self) -> TestClient:
        """Somebody who has not signed in."""
        return TestClient(self.app, base_url=HOME, follow_redirects=False)

    def person(self, role: str = "supervisor", name: str = "A Person") -> User:
        email = f"{role}-{secrets.token_hex(4)}@example.org"
        return add_user(self.parts.accounts, SYSTEM, email, name, PASSWORD, role)

    def program(self, user: User) -> TestClient:
        """A program with an API token of this person."""
        text, _ = create_token(self.parts.store, user, "test")
        client = self.visitor()
        client.headers["Authorization"] = f"Bearer {text}"
        return client

    def browser(self, user: User) -> TestClient:
        """A browser of this person, signed in, that sends its CSRF token as our pages' scripts do."""
        login = self.parts.accounts.sign_in(user.email, PASSWORD, "127.0.0.1")
        client = self.visitor()
        client.cookies.set("suture_login", login.token)
        client.headers |= {"X-CSRF-Token": login.csrf, "Origin": HOME, "Sec-Fetch-Site": "same-origin"}
        return client

    def work(self, session_id: str) -> None:
        """What the worker does with a queued session, by the tagger for tests."""
        work = start_analysis(self.parts.store, session_id)
        transcript, tagger = split_sentences(work.reading.transcript), GoldTagger()
        scores = tagger.score(transcript)
        assert save_analysis(
            self.parts.store, session_id, work.roles_version, transcript, tagger.info, scores
        )


def serve(settings, passwords) -> Served:
    """The application on these settings."""
    return Served(create_app(settings, passwords))


def routes_of(app: FastAPI) -> set[str]:
    """Every route of the application as "METHOD /path", but for the static files."""
    found = set()
    for route in app.router.routes:
        included = getattr(route, "effective_route_contexts", None)
        for context in included() if included else [route]:
            found |= {f"{method} {context.path}" for method in getattr(context, "methods", None) or ()}
    return {route for route in found if not route.startswith("HEAD ")}
