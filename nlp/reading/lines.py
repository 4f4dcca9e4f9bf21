"""The lines of a text, numbered."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nlp.reading.limits import MAX_CHARACTERS, MAX_LINES, at_most

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Line:
    """One line with words; `after_gap` when a blank line stands before it. White space is single spaces."""

    place: int
    text: str
    after_gap: bool = False


def split_raw_lines(text: str) -> list[str]:
    """All lines as they are; refused when there are more than any session has."""
    at_most(len(text), MAX_CHARACTERS, "characters")
    at_most(text.count("\n") + text.count("\r"), MAX_LINES, "lines")
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
