"""The lines of a text, numbered."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nlp.errors import InputError

MAX_LINES = 500_000  # of any text file, blank ones and all

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Line:
    """One line with words; `after_gap` when a blank line stands before it. White space is single spaces."""

    place: int
    text: str
    after_gap: bool = False


def split_raw_lines(text: str) -> list[str]:
    """All lines as they are; refused when there are more than any session has."""
    if text.count("\n") + text.count("\r") > MAX_LINES:
        raise InputError(
            f"This file has more than {MAX_LINES} lines, which no session has. Give one session.",
            "too_large",
        )
    return _LINE_END.split(text)


def split_lines(text: str) -> list[Line]:
    """The lines that have words, with their numbers from 1."""
    return list(number_lines(split_raw_lines(text)))


def number_lines(texts: Iterable[str]) -> Iterator[Line]:
    gap = False
    for place, text in enumerate(texts, 1):
        words = " ".join(text.split())
        if words:
            yield Line(place, words, gap)
        gap = not words
