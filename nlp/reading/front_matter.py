"""Tells what stands before and after the talk: titles, dates, legends, credits."""

import re
from collections import Counter

from nlp.reading.labels import Head, candidate_head, is_about_the_file, is_known
from nlp.reading.lines import Line
from nlp.roles import role_of_name

MOST_LINES = 80  # front matter is looked for within these

_CLOSING = re.compile(
    r"[\[(*\-–— ]{0,5}"
    r"(?:end of (?:the )?(?:transcript(?:ion)?|recording|session|interview|tape|audio|meeting|file)"
    r"|(?:the )?(?:recording|transcript(?:ion)?|audio|tape) (?:ends|ended|stops|stopped)(?: here)?"
    r"|.{0,80}(?:started|stopped) transcription|transcribed by https?://.{1,80})"
    r"[\])*.\-–— ]{0,5}(?:\d[\d:.]*)?\Z",
    re.IGNORECASE,
)


def is_closing(text: str) -> bool:
    """Whether a line only says that the transcript ends or who made it."""
    return len(text) < 200 and bool(_CLOSING.match(text))


def count_front_lines(lines: list[Line], heads: list[Head | None]) -> int:
    """How many lines at the beginning are not talk."""
    front = 0
    for i in range(min(len(lines), MOST_LINES)):
        if (
            heads[i] is None
            and _is_fact(lines[i].text)
            and all(_may_be_fact(heads[k]) for k in range(front, i))
        ):
            front = i + 1
        elif heads[i] and not any(heads[front:i]) and _is_legend(heads[i], heads[i + 1 :]):
            front = i + 1
    front = _to_end_of_facts(lines, heads, front)
    while front < len(lines) and heads[front] is None:
        front += 1
    return _past_single_names(heads, front)


def _is_fact(text: str) -> bool:
    head = candidate_head(text)
    return head is not None and is_about_the_file(head.label) and not is_known(head.label)


def _may_be_fact(head: Head | None) -> bool:
    """A line without a head, or one whose value reads like a name or number and not like talk."""
    return head is None or _is_value(head.rest)


def _is_value(text: str) -> bool:
    words = text.split()
    return bool(words) and len(words) <= 6 and text[-1] not in ".?!…-" and not any(w.islower() for w in words)


def _is_legend(head: Head, later: list[Head | None]) -> bool:
    """`T: Therapist` explains a label that comes back."""
    words = [w for w in re.findall(r"[\w-]+", head.rest.casefold()) if w not in ("the", "a")]
    if not 1 <= len(words) <= 3 or len(head.rest) < 4 or head.rest[-1] in ".?!…":
        return False
    meant = {role_of_name(w) for w in words}
    same = None not in meant and role_of_name(head.label) in (None, *meant)
    again = any(h and h.label == head.label for h in later)
    return same and again and head.label.casefold() != words[-1]


def _to_end_of_facts(lines: list[Line], heads: list[Head | None], front: int) -> int:
    """`Therapist: Dr Jones` under `Date: 3 May` is a fact too, when a blank line then ends the block."""
    if not front:
        return 0
    end = front
    while end < min(len(lines), front + 8) and not lines[end].after_gap:
        if not (heads[end] and len(heads[end].label) > 2 and _is_value(heads[end].rest)):
            return front
        end += 1
    return end if end < len(lines) and lines[end].after_gap else front


def _past_single_names(heads: list[Head | None], front: int) -> int:
    """Past names that never come back (`Clinic: North`), where lines without a head stand among them."""
    counts = Counter(head.label for head in heads if head)
    if max(counts.values(), default=0) < 2:
        return front
    main = next((i for i, h in enumerate(heads) if h and (counts[h.label] > 1 or is_known(h.label))), front)
    between = heads[front:main]
    return front if all(between) or main > MOST_LINES else main
