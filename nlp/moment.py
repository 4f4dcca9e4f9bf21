"""A turn and what stands just before it, and the plain facts that its words give."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from nlp.transcript import Span, Speaker, Transcript, Turn
from nlp.words import COMMON, plain

_TOKEN = re.compile(r"\[[^\]]*\]|[^\W_]+(?:['’][^\W_]+)*")
_QUESTION = re.compile(r"[^.?!…]*\?")
_OPEN = re.compile(
    r"\b(how|what|why|in what way|tell me|say (a bit )?more|can you say|could you say|where do you feel)\b",
    re.I,
)
_FACTUAL = re.compile(
    r"\b(how (many|much|long|often|old|far)|what (time|day|date|number|year|month|age))\b", re.I
)
_LONGEST_QUOTE = 14  # words


@dataclass(frozen=True)
class Moment:
    """One turn and the words of it in question, the other side's turn before it, the speaker's earlier ones."""

    turn: Turn
    before: Turn | None
    own_earlier: tuple[Turn, ...]  # the same speaker's turns before, the nearest first, at most four
    after: Turn | None
    said: str = ""  # the evidence


def moment_at(transcript: Transcript, index: int, evidence: Span | None = None) -> Moment:
    """The moment of one turn; `evidence` are the words of it in question."""
    turns = transcript.turns
    turn = turns[index]
    other = Speaker.THERAPIST if turn.speaker is Speaker.CLIENT else Speaker.CLIENT
    start = index
    while start > 0 and turns[start - 1].speaker is turn.speaker:
        start -= 1
    before = turns[start - 1] if start > 0 and turns[start - 1].speaker is other else None
    own = [t for t in reversed(turns[max(0, index - 12) : index]) if t.speaker is turn.speaker]
    after = turns[index + 1] if index + 1 < len(turns) else None
    said = turn.text if evidence is None else turn.text[evidence.start : evidence.end]
    return Moment(turn, before, tuple(own[:4]), after, said)


def tokens(text: str) -> list[tuple[str, Span]]:
    """The words of a text as they are compared, with their places; "[laughs]" is one word."""
    return [(plain(m.group()), Span(*m.span())) for m in _TOKEN.finditer(text)]


def count_words(text: str) -> int:
    """The spoken words; "[pause]" is none."""
    return sum(not word.startswith("[") for word, _ in tokens(text))


def first_phrase(text: str, phrases: tuple[str, ...]) -> Span | None:
    """Where the first phrase of a list stands whose words are there side by side; case does not matter."""
    there = tokens(text)
    words = [word for word, _ in there]
    for wanted in map(_words_of, phrases):
        size = len(wanted)
        for n in range(len(words) - size + 1 if wanted else 0):
            if words[n] == wanted[0] and words[n : n + size] == wanted:
                return Span(there[n][1].start, there[n + size - 1][1].end)
    return None


@cache
def _words_of(phrase: str) -> list[str]:
    """A cue's words; cues are few and known beforehand."""
    return [word for word, _ in tokens(phrase)]


def first_of(text: str, words: frozenset[str]) -> Span | None:
    """Where the first of some words stands."""
    return next((span for word, span in tokens(text) if word in words), None)


def last_question(turn: Turn | None) -> Span | None:
    """Where the last question of a turn stands."""
    return question_in(turn.text) if turn else None


def question_in(text: str) -> Span | None:
    """Where the last question of a text stands."""
    found = list(_QUESTION.finditer(text))
    if not found:
        return None
    start, end = found[-1].span()
    inside = text[start:end]
    return Span(start + len(inside) - len(inside.lstrip()), end)


def is_open_question(question: str) -> bool:
    """Whether a question leaves the answer to the person: how, what, why; not how many or what day."""
    return bool(_OPEN.search(question)) and not _FACTUAL.search(question)


def quote(text: str, span: Span | None = None) -> str:
    """The words in quotation marks, copied as they are but for a last full stop; a long run ends in " …"."""
    words = (text if span is None else text[span.start : span.end]).split()
    if len(words) > _LONGEST_QUOTE:
        return f"“{' '.join(words[:_LONGEST_QUOTE])} …”"
    whole = " ".join(words)
    return f"“{whole.rstrip('.,;') or whole}”"


def spot(moment: Moment, find: Callable[[str], Span | None]) -> str:
    """What a search finds, quoted: in the words in question if it is there, else anywhere in the turn."""
    for text in (moment.said, moment.turn.text):
        if span := find(text):
            return quote(text, span)
    return ""


def spot_word(moment: Moment, words: frozenset[str]) -> str:
    """The first of some words in the turn, quoted."""
    return spot(moment, lambda text: first_of(text, words))


def content_words(text: str) -> set[str]:
    """The words of four letters and more that say what a text is about."""
    return {w for w, _ in tokens(text) if len(w) > 3 and w not in COMMON and not w.startswith("[")}
