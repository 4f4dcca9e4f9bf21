"""An upload as it comes in by a form: one file, and perhaps a title, roles and columns."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from api.errors import refuse
from api.people import User
from api.security import allow, read_form
from nlp.errors import InputError

HELD_AT_ONCE = 4  # uploads in memory at the same time; the next ones wait
ASKED_COLUMNS = {  # what a person may be asked about a table, or about a file of several transcripts
    "speaker": "Column with the speaker",
    "text": "Column with the words",
    "choose": "Which transcript, where it holds several",
}


@dataclass(frozen=True)
class UploadForm:
    """What an uploader sent."""

    raw: bytes
    filename: str
    title: str = ""
    roles: Mapping[str, str] | None = None
    columns: Mapping[str, str] | None = None


MayUpload = Annotated[User, Depends(allow("upload"))]


async def held_upload(request: Request, _: MayUpload) -> AsyncIterator[UploadForm]:
    """A dependency: the form of somebody who may upload, waiting while too many are in memory already."""
    async with request.app.state.upload_slots:
        yield upload_form(await read_form(request))


def upload_slots() -> asyncio.Semaphore:
    """How many uploads are held in memory at once."""
    return asyncio.Semaphore(HELD_AT_ONCE)


def upload_form(form: FormData) -> UploadForm:
    """The fields of an upload, checked for their form only."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise refuse(422, "No file was sent. Send the transcript as the multipart field 'file'.")
    title = form.get("title", "")
    return UploadForm(
        raw=file.file.read(),
        filename=file.filename or "",
        title=title if isinstance(title, str) else "",
        roles=_mapping(form, "roles"),
        columns=_mapping(form, "columns") or _columns(form),
    )


def _columns(form: FormData) -> dict[str, str] | None:
    """The columns as the fields of a form without scripts give them, one each."""
    given = {what: form.get(f"column_{what}") for what in ASKED_COLUMNS}
    return {what: name for what, name in given.items() if isinstance(name, str) and name.strip()} or None


def _mapping(form: FormData, field: str) -> dict[str, str] | None:
    """A field that holds a JSON object of strings."""
    text = form.get(field)
    if not text:
        return None
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise InputError(
            f"The field '{field}' must be a JSON object whose values are strings.", f"bad_{field}"
        )
    return value
