"""How the app says no: one JSON shape for programs, one page for people.

Whatever goes wrong, a program gets `{"error": {"code", "message", "where"?}}` and a person a page
with the same sentence. Neither ever carries transcript text or the message of a bug.
"""

from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from nlp.errors import InputError

API_PREFIX = "/api/"
WORDS = {  # status: (code, sentence) for what the web framework itself refuses
    400: ("bad_request", "The request could not be read. Check its form fields and its encoding."),
    401: ("sign_in_needed", "Sign in first, or send an API token as 'Authorization: Bearer ...'."),
    403: ("forbidden", "This account may not do that."),
    404: ("not_found", "There is nothing here, or it is not yours to see."),
    405: ("method_not_allowed", "This address does not take that kind of request."),
    413: ("too_large", "The request is larger than this service accepts."),
    415: ("unsupported", "This kind of content is not accepted here."),
    422: ("invalid", "A value in the request is not one that is accepted here."),
    429: ("throttled", "Too many requests. Wait a little and try again."),
    500: ("internal", "Something went wrong on our side. Nothing that was accepted is lost."),
}
STATUS_OF_CODE = {code: status for status, (code, _) in WORDS.items()} | {
    "bad_credentials": 401,
    "forged": 403,
    "bad_link": 404,
    "wrong_state": 409,
    "not_ready": 409,
    "binary": 415,
}
UNPROCESSABLE = 422


def status_of(error: InputError) -> int:
    """The HTTP status of an error that its giver can mend."""
    return STATUS_OF_CODE.get(error.code, UNPROCESSABLE)


def refuse(status: int, message: str = "") -> InputError:
    """An InputError with the code (and, unless given, the sentence) of an HTTP status."""
    code, sentence = WORDS[status]
    return InputError(message or sentence, code)


def is_api(request: Request) -> bool:
    """Whether the request is to the API and not to a page."""
    return request.url.path.startswith(API_PREFIX)


def wants_json(request: Request) -> bool:
    """True for the API, and for a page asked for by a program."""
    accept = request.headers.get("accept", "")
    return is_api(request) or ("json" in accept and "html" not in accept)


def error_body(code: str, message: str, where: str = "") -> dict:
    """The one error shape."""
    return {"error": {"code": code, "message": message} | ({"where": where} if where else {})}


def error_response(
    request: Request, status: int, code: str, message: str, where: str = "", headers: dict | None = None
) -> Response:
    """The error as JSON or as a page, whichever the asker reads."""
    if wants_json(request):
        return JSONResponse(error_body(code, message, where), status, headers)
    if code == "sign_in_needed":
        return RedirectResponse(f"/sign-in?next={quote(_way_back(request))}", 303)
    from api.rendering import error_page
    from api.security import frame_of

    return HTMLResponse(error_page(status, message, frame_of(request)), status, headers)


def internal_error(request: Request) -> Response:
    """The answer to a bug: nothing but the number under which the log has it."""
    number = getattr(request.state, "number", "")
    code, sentence = WORDS[500]
    return error_response(request, 500, code, f"{sentence} When you report it, quote {number}.")


def install_errors(app: FastAPI) -> None:
    """Make the app answer every refusal in the one shape."""
    app.add_exception_handler(InputError, _input_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


def _way_back(request: Request) -> str:
    return request.url.path if request.method == "GET" else "/"


def _input_error(request: Request, error: InputError) -> Response:
    seconds = getattr(error, "retry_after", None)
    headers = {"Retry-After": str(int(seconds) + 1)} if seconds is not None else {}
    status = status_of(error)
    if status == 401 and wants_json(request):
        headers["WWW-Authenticate"] = "Bearer"
    return error_response(request, status, error.code, str(error), headers=headers)


def _validation_error(request: Request, error: RequestValidationError) -> Response:
    """The first thing that is wrong and where; never the value, which may be transcript text."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    code, sentence = WORDS[UNPROCESSABLE]
    return error_response(request, UNPROCESSABLE, code, f"{sentence} {where}: {first['msg']}.", where)


def _http_error(request: Request, error: HTTPException) -> Response:
    code, sentence = WORDS.get(error.status_code, WORDS[400])
    return error_response(request, error.status_code, code, sentence, headers=error.headers)
