"""What the OpenAPI document says beside the routes: examples, and every way a route can refuse."""

from dataclasses import dataclass

from api.errors import WORDS, error_body

SESSION_EXAMPLE = {
    "id": "5f0c1c0e9d8b4f0f9a3c",
    "title": "Session 9",
    "filename": "session-9.vtt",
    "source_format": "webvtt",
    "status": "ready",
    "failure": "",
    "turns": 212,
    "owner": "A. Supervisor",
    "access": "own",
    "created_at": "2026-03-01T09:30:00+00:00",
    "updated_at": "2026-03-01T09:30:09+00:00",
}
SIMILAR_EXAMPLE = {
    "turn": 15,
    "similar": [
        {
            "likeness": 0.91,
            "about": "a written session: CBT; public service, trainee therapist",
            "turn": 22,
            "codes": {"rejects_intervention": ["writer", "blind"]},
            "turns": [{"index": 22, "speaker": "client", "text": "I wouldn't put a number on that."}],
        }
    ],
}
VIEW_EXAMPLE = SESSION_EXAMPLE | {
    "warnings": ["cue 4: two voices; read as two turns"],
    "counts": {"cues": 230, "turns": 212},
    "roles": {"Anna": "therapist", "Ben": "client"},
    "role_proposal": {
        "roles": {"Anna": "therapist", "Ben": "client"},
        "confidence": 0.94,
        "because": "Anna asks most of the questions.",
    },
}
PROGRESS_EXAMPLE = {
    "id": SESSION_EXAMPLE["id"],
    "status": "analysing",
    "failure": "",
    "done": 64,
    "total": 212,
    "waits_for": "",
}
UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "The transcript."},
                        "title": {"type": "string", "description": "Unless given: the file's own."},
                        "roles": {
                            "type": "string",
                            "description": "JSON object: each speaker's name to therapist, client or other. "
                            "With it the session is analysed at once.",
                            "example": '{"Anna": "therapist", "Ben": "client"}',
                        },
                        "columns": {
                            "type": "string",
                            "description": "JSON object, for tables: our word (speaker, text, start, end, "
                            "transcript) to the table's heading or its number from 1; or `choose` to the id of one of "
                            "several transcripts. A file that needs it is refused with the code `columns` or "
                            "`several_transcripts`: send it again with this.",
                            "example": '{"speaker": "who", "text": "utterance"}',
                        },
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True)
class Problem:
    """What went wrong: a stable word, a sentence, and where in the request."""

    code: str
    message: str
    where: str | None = None


@dataclass(frozen=True)
class ErrorBody:
    """Every error of this API has this shape."""

    error: Problem


def problems(*statuses: int) -> dict:
    """The error responses of a route, each with its example."""
    return {status: _problem(status) for status in statuses}


def answer(status: int, description: str, example: object) -> dict:
    """A good response with its example."""
    return {status: {"description": description, "content": {"application/json": {"example": example}}}}


def _problem(status: int) -> dict:
    code, sentence = SPECIAL.get(status) or WORDS[status]
    example = error_body(code, sentence)
    return {
        "model": ErrorBody,
        "description": sentence,
        "content": {"application/json": {"example": example}},
    }


SPECIAL = {
    409: ("not_ready", "The report is not ready yet (status: analysing). Try again soon."),
}
