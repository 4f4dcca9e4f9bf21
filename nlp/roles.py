"""Proposes who is the therapist and who the client: from names where they say it, else from how they talk."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from nlp.transcript import Speaker, Transcript

SURE = 0.8  # from here on a proposal is used without being confirmed first

_WORDS = {
    Speaker.OTHER: """mother father mum mom dad parent parents partner wife husband spouse sister brother son
        daughter child baby grandmother grandfather receptionist secretary observer supervisor interpreter
        translator transcriber unnamed unknown unidentified narrator staff student visitor neighbour
        crosstalk both all everyone group audience system operator chaperone carer caregiver""",
    Speaker.THERAPIST: """therapist psychotherapist physiotherapist hypnotherapist cotherapist counsellor
        counselor clinician psychologist psychiatrist psychoanalyst analyst dr doctor practitioner""",
    Speaker.CLIENT: "client patient analysand counsellee counselee coachee",
}
_WEAK_WORDS = {
    Speaker.THERAPIST: "interviewer investigator agent nurse coach facilitator provider worker",
    Speaker.CLIENT: "interviewee participant customer consumer caller resident user",
}
_SHORT = {
    Speaker.THERAPIST: "t th ther thp thr tx psy",
    Speaker.CLIENT: "c cl cli clt p pt pat",
}
_STRONG, _WEAK = 0.98, 0.85


def _by_word(words: dict[Speaker, str]) -> dict[str, Speaker]:
    return {word: role for role, listed in words.items() for word in listed.split()}


_ROLE_OF_WORD, _ROLE_OF_WEAK_WORD, _ROLE_OF_SHORT = _by_word(_WORDS), _by_word(_WEAK_WORDS), _by_word(_SHORT)


@dataclass(frozen=True)
class RoleProposal:
    """Who is taken for whom, how sure that is, and why.

    `confidence` is meant as the chance that both therapist and client are right. 0.95 and more:
    the names themselves say it (`Therapist`, `T`, `Dr Jones`, `Client`). 0.8 to 0.94: told from how
    they talk, right at least 97 times in 100 on the written and the AnnoMI sessions; used unless
    somebody objects. Below 0.8: a guess that a person must confirm.
    """

    roles: dict[str, Speaker]
    confidence: float
    because: str


def role_of_name(name: str) -> Speaker | None:
    """The role that a speaker's name states by itself; None when it does not."""
    return _stated_role(name)[0]


def propose_roles(transcript: Transcript) -> RoleProposal:
    """A role for every speaker name in the transcript."""
    words = Counter[str]()
    for turn in transcript.turns:
        words[turn.name] += len(turn.text.split())
    stated = {name: _stated_role(name) for name in words}
    if _short_names_clash(words):
        stated = {name: (None, 0.0) for name in words}
    roles = {name: role or Speaker.OTHER for name, (role, _) in stated.items()}
    therapists = [n for n in words if roles[n] is Speaker.THERAPIST]
    clients = [n for n in words if roles[n] is Speaker.CLIENT]
    if therapists and clients:
        confidence = min(stated[n][1] for n in (*therapists, *clients))
        return RoleProposal(roles, confidence, "The speakers' names say who is therapist and who is client.")
    unstated = Counter({n: words[n] for n in words if stated[n][0] is None})
    if therapists or clients:
        return _by_elimination(roles, unstated or words, Speaker.CLIENT if therapists else Speaker.THERAPIST)
    return _from_talk(transcript, roles, unstated if len(unstated) > 1 else words)


def _stated_role(name: str) -> tuple[Speaker | None, float]:
    """The role a name states, and how strongly."""
    words = re.findall(r"[^\W\d_]+", name.casefold().replace("co-t", "cot").replace("’", "'"))
    if len(words) == 1 and words[0] in _ROLE_OF_SHORT:
        return _ROLE_OF_SHORT[words[0]], _STRONG
    for table, strength in ((_ROLE_OF_WORD, _STRONG), (_ROLE_OF_WEAK_WORD, _WEAK)):
        found = {table[w] for w in words if w in table}
        for role in (Speaker.OTHER, Speaker.THERAPIST, Speaker.CLIENT):
            if role in found:
                return role, strength
    return None, 0.0


def _short_names_clash(names: Iterable[str]) -> bool:
    """`C` beside `P` and no therapist: C may be the counsellor, so the letters say nothing."""
    letters = {n.strip(" .").casefold() for n in names}
    return {"c", "p"} <= letters and all(_stated_role(n)[0] is not Speaker.THERAPIST for n in names)


def _by_elimination(roles: dict[str, Speaker], rest: Counter[str], wanted: Speaker) -> RoleProposal:
    """One side is named; of the others, whoever says most is the other side."""
    candidates = Counter({n: c for n, c in rest.items() if roles[n] is Speaker.OTHER})
    named = "therapist" if wanted is Speaker.CLIENT else "client"
    if not candidates:
        return RoleProposal(roles, 0.3, f"Only a {named} is named; nobody else speaks.")
    name, most = candidates.most_common(1)[0]
    stated_other = role_of_name(name) is Speaker.OTHER
    share = most / max(1, candidates.total())
    confidence = 0.6 if stated_other else 0.95 if share >= 0.9 else 0.7
    because = f"A {named} is named; of the others, the one who says most is taken for the {wanted.value}."
    return RoleProposal({**roles, name: wanted}, confidence, because)


# How the two differ in talk: weights of a logistic regression over the differences between two speakers'
# features, fitted (C = 0.3) on the 253 written training sessions and AnnoMI's 76 train-dev conversations.
_WEIGHTS = (1.72, 0.82, -1.94, 2.33, -1.38, 1.10)
_FIRST = frozenset("i i'm i've i'd i'll me my mine myself".split())
_SECOND = frozenset("you your you're you've you'd you'll yours yourself".split())
_OPENING = re.compile(
    r"(?:(?:and|so|okay|right|mm-?hmm)[,.]? ){0,3}(?:so you|you're|you've|it sounds|sounds like|what|how"
    r"|tell me|can you|could you|would you|do you|did you|is there|when you|i wonder|i'm wondering"
    r"|let's|it seems|and you)\b"
)


def _from_talk(transcript: Transcript, roles: dict[str, Speaker], words: Counter[str]) -> RoleProposal:
    """Compares the two who say most: questions, reflections, "I" against "you", talk share, who begins."""
    (a, _), *others = words.most_common(2)
    if not others:
        return RoleProposal(roles, 0.0, "Only one speaker was found.")
    b = others[0][0]
    turns = {n: [t.text for t in transcript.turns if t.name == n] for n in (a, b)}
    first = next(t.name for t in transcript.turns if t.name in (a, b))
    differences = [x - y for x, y in zip(_features(turns[a]), _features(turns[b]), strict=True)]
    odds = sum(w * d for w, d in zip(_WEIGHTS, [*differences, 1.0 if first == a else -1.0], strict=True))
    therapist, client = (a, b) if odds >= 0 else (b, a)
    confidence = min(1 / (1 + math.exp(-abs(odds))), _most_sure(turns, words, (a, b)))
    because = (
        "Guessed from how they talk: the one taken for the therapist asks in "
        f"{_asks(turns[therapist])} of 100 turns, the other in {_asks(turns[client])}; "
        "also from who says “you” and “I”, who begins and who says more."
    )
    return RoleProposal(
        {**roles, therapist: Speaker.THERAPIST, client: Speaker.CLIENT}, round(confidence, 2), because
    )


def _features(texts: list[str]) -> tuple[float, ...]:
    lowered = [t.lower().replace("’", "'") for t in texts]
    words = [w for t in lowered for w in re.findall(r"[a-z']+", t)]
    many, turns = len(words) or 1, len(texts) or 1
    return (
        sum("?" in t for t in texts) / turns,
        sum(bool(_OPENING.match(t)) for t in lowered) / turns,
        10 * sum(w in _FIRST for w in words) / many,
        10 * sum(w in _SECOND for w in words) / many,
        math.log(many),
    )


def _most_sure(turns: dict[str, list[str]], words: Counter[str], pair: tuple[str, str]) -> float:
    """Little talk, or a third who says much, allows no sure guess; talk alone is never as sure as names."""
    if min(len(texts) for texts in turns.values()) < 5:
        return 0.6
    if sum(words[n] for n in pair) < 0.9 * words.total():
        return 0.7
    return 0.94


def _asks(texts: list[str]) -> int:
    return round(100 * sum("?" in t for t in texts) / (len(texts) or 1))
