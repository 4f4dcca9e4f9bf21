"""JSON that cannot harm, and careful ways to take values out of it."""

import json
from collections.abc import Iterable

from nlp.errors import InputError
from nlp.reading.limits import MAX_WORD_ITEMS, at_most
from nlp.reading.pieces import Notes

MAX_CONTAINERS = 1_000_000
MAX_VALUES = 4_000_000


def parse_json(text: str) -> object:
    """The value of a JSON text; several lines of objects (JSON lines) give a list."""
    if text.count("{") + text.count("[") > MAX_CONTAINERS or text.count(",") > MAX_VALUES:
        raise InputError(
            "This JSON file is far more complex than a session's transcript can be.", "too_complex"
        )
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            return _parse_lines(text)
        raise _malformed(error) from None


def _parse_lines(text: str) -> list[object]:
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise _malformed(error) from None


def _malformed(error: Exception) -> InputError:
    where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
    why = (
        "is nested too deeply"
        if isinstance(error, RecursionError)
        else "is not valid JSON; it may be cut short"
    )
    return InputError(f"This file begins like JSON but {why}{where}. Export it again.", "malformed")


def a_dict(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def a_list(value: object) -> list:
    return value if isinstance(value, list) else []


def a_text(value: object) -> str:
    """A string as it is, a whole number as its digits, anything else as no text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**12 else ""
    return value if isinstance(value, str) else ""


def entries(value: object, notes: Notes, unit: str) -> Iterable[tuple[int, dict]]:
    """The objects of a list with their numbers from 1; anything else among them is noted."""
    notes.unit = unit
    at_most(len(a_list(value)), MAX_WORD_ITEMS, f"{unit}s")
    for place, entry in enumerate(a_list(value), 1):
        if isinstance(entry, dict):
            yield place, entry
        else:
            notes.add(place, "not of the expected form; left out.")
