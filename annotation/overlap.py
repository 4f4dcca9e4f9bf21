"""How far two spans of one turn cover the same words."""

import re

from nlp.transcript import Span

_WORD = re.compile(r"\S+")


def words_touched(span: Span, text: str) -> set[int]:
    """Which words of a text, by number, a span touches."""
    return {i for i, m in enumerate(_WORD.finditer(text)) if m.start() < span.end and span.start < m.end()}


def token_f1(first: Span, second: Span, text: str) -> float:
    """F1 of the words two spans share; NaN where neither touches any."""
    a, b = words_touched(first, text), words_touched(second, text)
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else float("nan")
