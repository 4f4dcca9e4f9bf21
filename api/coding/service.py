"""Making a project, with the fictional example session where it is wanted."""

from collections.abc import Sequence
from dataclasses import replace

from api import service
from api.coding.projects import NewProject, create_project
from api.people import User
from api.service import Parts
from nlp.errors import InputError

SESSIONS_OFFERED = 50


def make_project(parts: Parts, user: User, new: NewProject, example: bool = False) -> str:
    """Make a project of the chosen sessions and, if wanted, the example; its id."""
    if not service.may(user, "lead"):
        raise InputError("Admins, supervisors and researchers make coding projects.", "forbidden")
    if example:
        own = service.start_example(parts, user).session.id
        new = replace(new, sessions=[*new.sessions, own])
    return create_project(parts.store, user, new, parts.codebook.version)


def possible_coders(parts: Parts, user: User) -> Sequence[User]:
    """Who may code or adjudicate in a project that the user makes: everybody but trainees."""
    return [person for person in (user, *service.people(parts, user)) if person.role != "trainee"]
