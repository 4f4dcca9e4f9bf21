"""Finds who speaks at the head of a line: `T:`, `[00:01:02] Client:`, `Dr Jones (00:05):`, `Speaker 1:`."""

import re
from collections import Counter
from dataclasses import dataclass

from nlp.reading.times import CLOCK, parse_clock
from nlp.roles import role_of_name
from nlp.transcript import Speaker

MAX_LABEL = 60  # characters before the colon

# A date before the time is how phone chats are exported; the date itself is not kept.
_DATE = r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? )?"
# All patterns are bounded and read lines whose white space is already single spaces, so none is slow.
_STAMP = re.compile(
    rf" ?[\[(<{{#]? ?{_DATE}({CLOCK})(?:-\d)?(?: ?[AaPp]\.?[Mm]\.?)?"
    rf"(?: ?(?:-->?|[-–—]|to) ?({CLOCK}))?(?!\d|:\d) ?[\])>}}#]? ?[-–—|:]? ?"
)
_NAME_THEN_STAMP = re.compile(
    rf"([^\n:]{{1,{MAX_LABEL}}}?) ?[-–—|,]? ?([\[(<{{#])? ?({CLOCK})(?: ?[AaPp]\.?[Mm]\.?)?"
    rf"(?: ?(?:-->?|[-–—]|to) ?{CLOCK})?(?!\d|:\d) ?[\])>}}#]? ?([:：]?) ?"
)
_NAME_THEN_COLON = re.compile(rf"([^\n:：]{{1,{MAX_LABEL}}})[:：](?!//)(?!(?<=\d:)\d) ?")
_NAME_THEN_DASH = re.compile(r"([^\W\d_][\w ]{0,30}?) ?[-–—.)>=]{1,2} ")
_BRACKETED_NAME = re.compile(rf" ?[\[(<]([^\n\[\]()<>]{{1,{MAX_LABEL}}})[\])>] ?[-–—]? ?(?=\S)")
_SPEAKER_N = re.compile(
    r"(?:speaker|spk|sprecher|person|voice|channel|ch|participant|interviewee|interviewer|client|patient"
    r"|therapist|unknown speaker|unidentified speaker)(?:[ _#-]{1,2}[0-9a-z]|[ _#-]{0,2}[0-9]{1,3}[a-z]?)\Z",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[?!;\"“”…]|[.,] ?[a-z]|\.\.")

_FACTS = frozenset(  # the first word of what stands above a transcript: `Date: ...`
    """date time session number no duration length location place setting participants attendees present
    transcriber transcriptionist transcribed transcription transcript recording recorded audio video file
    filename title subject topic re note notes comment comments key legend id case reference ref age gender
    sex language version dob birth page meeting agenda confidential confidentiality project study modality
    source url link summary diagnosis background created downloaded exported name names code codes initials
    start end interview conventions symbols speakers http https copyright status""".split()
)
_FACTS_AT_END = frozenset(
    "date time name names number no id code age gender initials duration length".split()
)
_ORDINARY = frozenset(
    """so well and but because okay ok yes no yeah right then now first second third fourth finally also like
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december today yesterday tomorrow question answer example remember meaning
    anyway basically look listen thing point one two three four five this that it he she they we you i
    warning p.s ps nb what why how when where who which""".split()
)


@dataclass(frozen=True)
class Head:
    """The head of a line: who, when, and the text after it."""

    label: str
    start: float | None
    rest: str


def split_stamp(line: str) -> tuple[float | None, str]:
    """A time at the beginning of a line, and the line without it."""
    match = _STAMP.match(line)
    if not match:
        return None, line
    return parse_clock(match[1]), line[match.end() :]


def candidate_head(line: str) -> Head | None:
    """The head a line may have, before it is known which names are speakers."""
    start, rest = split_stamp(line)
    match = _NAME_THEN_STAMP.match(rest)
    if match and (match[4] or match[2]) and (label := _as_label(match[1])):
        return Head(label, parse_clock(match[3]), rest[match.end() :])
    match = _NAME_THEN_COLON.match(rest)
    if match and (label := _as_label(match[1])):
        return _head_with_later_stamp(label, start, _after_emphasis(match[1], rest[match.end() :]))
    match = _BRACKETED_NAME.match(rest)
    if match and (label := _as_label(match[1])) and is_known(label):
        return Head(label, start, rest[match.end() :])
    return None


def _after_emphasis(name: str, rest: str) -> str:
    """`**Therapist:** text`: the mark that ends the emphasis is no part of the text."""
    mark = name.lstrip()[:2]
    return rest[2:].lstrip() if mark in ("**", "__") and rest.startswith(mark) else rest


def _head_with_later_stamp(label: str, start: float | None, rest: str) -> Head:
    """`T: [00:01:02] text`: a bracketed time right after the colon belongs to the head."""
    if rest[:1] in ("[", "(", "<", "{", "#"):
        later, after = split_stamp(rest)
        if later is not None:
            return Head(label, later if start is None else start, after)
    return Head(label, start, rest)


def own_line_head(line: str) -> Head | None:
    """A line that is nothing but a name and a time (Otter, Zoom, Rev, Teams), or nothing but a role."""
    if len(line) > 120:
        return None
    start, rest = split_stamp(line)
    if start is not None and (label := _as_label(rest.rstrip(":： "))):
        return Head(label, start, "")
    match = _NAME_THEN_STAMP.match(line)
    if match and not line[match.end() :] and (label := _as_label(match[1])):
        return Head(label, parse_clock(match[3]), "")
    label = _as_label(line.rstrip(":： "))
    alone = line.endswith((":", "：")) or (len(line) > 2 and line[-1] not in ".?!,")
    if label and alone and is_known(label) and not label.islower():
        return Head(label, None, "")
    return None


def dash_head(line: str) -> Head | None:
    """`T - text`, `C. text`, `Th) text`: read only where a file has no colons, and only for roles and speakers."""
    start, rest = split_stamp(line)
    match = _NAME_THEN_DASH.match(rest)
    label = _as_label(match[1]) if match else None
    return Head(label, start, rest[match.end() :]) if label and is_known(label) else None


def is_known(label: str) -> bool:
    """Whether a label can only be a speaker: `Dr Jones`, nothing but role words, `Speaker 1`."""
    if _SPEAKER_N.match(label):
        return True
    if is_about_the_file(label):
        return False
    if role_of_name(label) is None:
        return False
    words = [w for w in re.findall(r"[^\W\d_]+", label.casefold()) if w != "the"]
    return is_name_like(label) or all(role_of_name(w) in (Speaker.THERAPIST, Speaker.CLIENT) for w in words)


def is_about_the_file(label: str) -> bool:
    """Whether a label heads a fact about the recording (`Date:`, `Session no.:`), not talk."""
    words = re.findall(r"[^\W\d_]+", label.casefold())
    return bool(words) and (words[0] in _FACTS or words[-1] in _FACTS_AT_END)


def choose_labels(candidates: list[str]) -> dict[str, bool]:
    """Which candidate labels are speakers; the value says whether that is sure.

    Sure: role words, `Speaker 1`, and name-like labels that come back. Unsure: a name-like label
    seen once, which may be a sentence with a colon in it.
    """
    counts = Counter(label.casefold() for label in candidates)
    chosen, total = {}, counts.total()
    for label in dict.fromkeys(candidates):
        seen = counts[label.casefold()]
        if is_known(label):
            chosen[label] = True
        elif _is_ordinary(label) or (is_about_the_file(label) and (seen < 3 or seen * 10 < total)):
            continue
        elif is_name_like(label):
            chosen[label] = seen > 1
        elif seen > 2 and seen * 20 >= total and len(label.split()) <= 3:
            chosen[label] = True
    return chosen


def _as_label(text: str) -> str | None:
    """The text as a label, without brackets and markdown; None when it cannot be a name."""
    label = text.strip().strip("*_#>").strip()
    if label[:1] in "[(<{" and label[-1:] in "])>}":
        label = label[1:-1].strip()
    label = label.strip("*_ ")
    if not label or len(label) > MAX_LABEL or len(label.split()) > 6:
        return None
    if not any(c.isalpha() for c in label) or _SENTENCE.search(label):
        return None
    return label


def _is_ordinary(label: str) -> bool:
    words = label.casefold().split()
    return words[0].strip(",") in _ORDINARY and not label.isupper() and not _SPEAKER_N.match(label)


def is_name_like(label: str) -> bool:
    """Every word begins with a capital, a digit or a letter of a script without case."""
    small = {"de", "da", "von", "van", "der", "den", "of", "the", "and", "bin", "al", "el", "la", "y"}
    words = re.split(r"[\s/&+]+", re.sub(r"\(.*?\)", "", label).strip() or label)
    return all(not w[:1].islower() or w in small or "_" in w for w in words if w) and words[0] not in small
