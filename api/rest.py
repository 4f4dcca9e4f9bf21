"""The REST API, version 1: what a program can do, the same as what a person can do on the pages."""

from dataclasses import dataclass

from fastapi import APIRouter, Depends
from sqlalchemy import text
from starlette.responses import Response

from api import rest_sessions, service, tokens
from api.coding import rest as rest_coding
from api.database import reading
from api.rest_docs import problems
from api.rest_json import token_json, user_json
from api.security import PartsHere, SignedIn, guard_forgery

PREFIX = "/api/v1"

open_router = APIRouter(prefix=PREFIX, responses=problems(500))
router = APIRouter(
    prefix=PREFIX, dependencies=[Depends(guard_forgery)], responses=problems(401, 403, 422, 500)
)


@open_router.get("/health", tags=["service"], summary="Whether the service answers")
def get_health(parts: PartsHere) -> dict:
    """Says `ok` when the service and its database answer; nothing else. Needs no sign-in."""
    with reading(parts.store.engine) as connection:
        connection.execute(text("SELECT 1"))
    return {"status": "ok"}


@router.get("/me", tags=["account"], summary="Who is asking")
def get_me(user: SignedIn) -> dict:
    """The account behind the cookie or the token."""
    return user_json(user)


@router.get("/people", tags=["sharing"], summary="Whom sessions can be shared with")
def get_people(user: SignedIn, parts: PartsHere) -> dict:
    """Everybody else with an account: id, name and role."""
    return {"people": [user_json(person) for person in service.people(parts, user)]}


@dataclass(frozen=True)
class NewToken:
    """An API token to be made: a name to know it by, and after how many days it ends (default: never)."""

    name: str
    days: int | None = None


@router.get("/tokens", tags=["account"], summary="List one's API tokens")
def get_tokens(user: SignedIn, parts: PartsHere) -> dict:
    """Names and dates; the secrets are not kept."""
    return {"tokens": [token_json(token) for token in tokens.tokens_of(parts.store, user)]}


@router.post("/tokens", tags=["account"], summary="Make an API token", status_code=201)
def post_token(new: NewToken, user: SignedIn, parts: PartsHere) -> dict:
    """The answer holds the secret; it is shown this once."""
    secret, token = tokens.create_token(parts.store, user, new.name, new.days)
    return token_json(token) | {"token": secret}


@router.delete(
    "/tokens/{token_id}",
    tags=["account"],
    summary="Revoke an API token",
    status_code=204,
    response_class=Response,
    responses=problems(404),
)
def delete_token(token_id: str, user: SignedIn, parts: PartsHere) -> None:
    """The token stops working at once."""
    tokens.revoke_token(parts.store, user, token_id)


router.include_router(rest_sessions.router)
router.include_router(rest_coding.router)
