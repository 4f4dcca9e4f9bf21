"""Words that could tell who somebody is: by a roster of names, by rules, and by spaCy's entities.

They are for a person to review: rules and entities miss some, and take harmless words along.
Nothing of it is logged or leaves the machine.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import spacy
from spacy.language import Language

from nlp.identifier_rules import ADDRESS, AGE, DATE, EMAIL, NUMBER, PHONE, URL, find_by_rules
from nlp.roles import role_of_name
from nlp.segmentation import PIPELINE
from nlp.transcript import Span, Transcript
from nlp.words import COMMON, plain

PERSON, PLACE, ORGANISATION = "person", "place", "organisation"
KINDS = (PERSON, PLACE, ORGANISATION, DATE, AGE, PHONE, EMAIL, ADDRESS, URL, NUMBER)
ROSTER, RULE, ENTITY = "roster", "rule", "entity"  # how it was found


@dataclass(frozen=True)
class Identifier:
    """A span of a turn that could identify somebody; those with the same kind and `about` mean the same."""

    turn: int
    span: Span
    kind: str
    found_by: str
    about: str


_ENTITY_KINDS = {"PERSON": PERSON, "GPE": PLACE, "LOC": PLACE, "FAC": PLACE, "ORG": ORGANISATION}
_NAME = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_NO_NAMES = frozenset(
    """dr mr mrs ms miss mx prof professor sir the of and von van de speaker unnamed participant person
    interviewer interviewee voice unknown male female""".split()
)
# What spaCy takes for somebody's or some place's name and is none.
_NO_ENTITIES = frozenset(
    """mum mom mam mama dad papa nan nana nanna gran granny grandad grandma grandpa auntie uncle nah nope mm mmm hmm
    ach och aye kinda gonna wanna gotta whichever sec touché miss gp cbt dbt act emdr ptsd adhd ocd hv tv""".split()
)
_BATCH = 64


def find_identifiers(
    transcript: Transcript, roster: Mapping[str, str] | Iterable[str] = ()
) -> tuple[Identifier, ...]:
    """All that could identify somebody, in order; where they overlap the roster wins, then rules, then the longer.

    `roster` are names known to occur, by kind where not all are persons'. The speakers' names are
    among them without being told.
    """
    names = dict(roster) if isinstance(roster, Mapping) else dict.fromkeys(roster, PERSON)
    names |= {t.name: PERSON for t in transcript.turns if _name_parts(t.name) and t.name not in names}
    found: list[Identifier] = []
    taken: dict[int, list[Span]] = {}
    for way in (_by_roster(transcript, names), _by_rules(transcript), _by_entities(transcript)):
        for i in sorted(way, key=lambda i: i.span.start - i.span.end):
            spans = taken.setdefault(i.turn, [])
            if all(s.end <= i.span.start or i.span.end <= s.start for s in spans):
                spans.append(i.span)
                found.append(i)
    return tuple(sorted(_one_person(found), key=lambda i: (i.turn, i.span.start)))


def _name_parts(name: str) -> list[str]:
    """The words of a name that are somebody's own: no titles, no roles, no single letters."""
    return [
        part
        for part in _NAME.findall(name)
        if len(part) > 1 and part.lower() not in _NO_NAMES and role_of_name(part) is None
    ]


def _by_roster(transcript: Transcript, names: Mapping[str, str]) -> Iterable[Identifier]:
    """Whole names and, of persons, their parts; common words (“will”) only when they begin with a capital."""
    wanted = {" ".join(name.split()): (name, kind) for name, kind in names.items() if name.strip()}
    for name, kind in names.items():
        for part in _name_parts(name) if kind == PERSON else ():
            wanted.setdefault(part, (name, kind))
    rules = [
        (re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words.split())) + r"(?!\w)", re.I), words, about)
        for words, about in wanted.items()
    ]
    for turn in transcript.turns:
        for rule, words, (name, kind) in rules:
            for match in rule.finditer(turn.text):
                if plain(words) not in COMMON or not match[0][:1].islower():
                    yield Identifier(
                        turn.index, Span(*match.span()), kind, ROSTER, " ".join(name.lower().split())
                    )


def _by_rules(transcript: Transcript) -> Iterable[Identifier]:
    for turn in transcript.turns:
        for kind, span in find_by_rules(turn.text):
            yield Identifier(turn.index, span, kind, RULE, turn.text[span.start : span.end].lower())


def _by_entities(transcript: Transcript) -> Iterable[Identifier]:
    """What spaCy takes for names, wherever it occurs again, as the kind that it is mostly taken for."""
    kinds: dict[str, Counter[str]] = {}
    for doc in _entities().pipe((t.text for t in transcript.turns), batch_size=_BATCH):
        for entity in doc.ents:
            words = _POSSESSIVE.sub("", entity.text).strip()
            known = all(plain(w) in COMMON or w.lower() in _NO_ENTITIES for w in _NAME.findall(words))
            bracketed = doc.text[: entity.start_char].endswith("[")  # “[Laughs]” is no name
            if entity.label_ in _ENTITY_KINDS and not known and not bracketed:
                kinds.setdefault(words, Counter())[_ENTITY_KINDS[entity.label_]] += 1
    if not kinds:
        return
    anywhere = "|".join(map(re.escape, sorted(kinds, key=len, reverse=True)))
    for turn in transcript.turns:
        for match in re.finditer(rf"(?<![\w\[])(?:{anywhere})(?!\w)", turn.text):
            about = " ".join(match[0].lower().split())
            kind = kinds[match[0]].most_common(1)[0][0]
            yield Identifier(turn.index, Span(*match.span()), kind, ENTITY, about)


def _one_person(found: list[Identifier]) -> list[Identifier]:
    """A part of exactly one longer name (“Anna” of “Anna Kowalska”) is about the same person."""
    people = {i.about for i in found if i.kind == PERSON}

    def whole(about: str) -> str:
        words = set(about.split())
        longer = [name for name in people if words < set(name.split())]
        return longer[0] if len(longer) == 1 else about

    return [replace(i, about=whole(i.about)) if i.kind == PERSON else i for i in found]


@cache
def _entities() -> Language:
    return spacy.load(PIPELINE, exclude=["tagger", "parser", "attribute_ruler", "lemmatizer", "tok2vec"])
