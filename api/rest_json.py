"""What the REST API writes about each noun."""

from dataclasses import asdict

from api.grants import Grant
from api.people import User
from api.service import SessionPage, SessionProgress, SessionView, failure_sentence
from api.store import SessionRow
from api.tokens import ApiToken


def row_json(row: SessionRow) -> dict:
    """A therapy session as in a list."""
    return {
        "id": row.id,
        "title": row.title,
        "filename": row.filename,
        "source_format": row.source_format,
        "status": row.status,
        "failure": failure_sentence(row.failure),
        "turns": row.turns,
        "owner": row.owner_name,
        "access": row.level,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


def view_json(view: SessionView) -> dict:
    """A therapy session with what its reading said."""
    return row_json(view.session) | {
        "warnings": list(view.warnings),
        "counts": dict(view.counts),
        "roles": dict(view.roles),
        "role_proposal": asdict(view.proposal),
    }


def page_json(page: SessionPage) -> dict:
    """A page of the list."""
    return {"sessions": [row_json(row) for row in page.sessions], "next_cursor": page.next_cursor}


def progress_json(progress: SessionProgress) -> dict:
    """How far an analysis is."""
    return asdict(progress)


def user_json(user: User) -> dict:
    """A person, without their address."""
    return {"id": user.id, "name": user.name, "role": user.role}


def grant_json(grant: Grant) -> dict:
    """A person who may see a therapy session, and how far."""
    return {"id": grant.user_id, "name": grant.user_name, "level": grant.level}


def token_json(token: ApiToken) -> dict:
    """An API token, without its secret."""
    times = {"created_at": token.created_at, "expires_at": token.expires_at, "used_at": token.used_at}
    named = {name: moment.isoformat() if moment else None for name, moment in times.items()}
    return {"id": token.id, "name": token.name} | named
