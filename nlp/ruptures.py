"""Joins neighbouring marked client turns into ruptures and tells whether they were repaired.

The rules are written out in docs/report.md; benchmarks/joining.py measures them against the
episodes that the corpus's coders drew.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from nlp.codebook import Codebook
from nlp.findings import Rupture
from nlp.tagging import TurnTag
from nlp.transcript import Speaker, Transcript

MIXED = "mixed"
REPAIRED, PARTLY, UNREPAIRED = "repaired", "partly", "unrepaired"


@dataclass(frozen=True)
class JoiningRule:
    """How near things must lie, in client turns, to be one rupture; chosen by benchmarks/joining.py."""

    gap: int = 4  # at most so many unmarked client turns between two marked ones of one rupture
    settled: int = 3  # so many of them after a repair close it all the same
    reach: int = 5  # a strategy within so many client turns after the last marked one still answers it
    back: int = 5  # so many unmarked client turns after the last marked one show that it is over
    relapse: int = 2  # so many marked turns after the last strategy show that it did not take
    per_repair: int = 5  # marked turns that one strategy turn can be held to have answered


RULE = JoiningRule()

# A strategy counts as the therapist's repair when it is named, or when its turn repairs as likely as not.
_REPAIRS_FROM = 0.5
# A rupture is mixed when the kind that is less sure is at least so much as sure as the other. On the dev
# sessions the kind is then the coders' in 33 of 42 ruptures; with any mark at all it was in 29.
_MIXED_FROM = 0.5


def counts_as_repair(tag: TurnTag) -> bool:
    """Whether a strategy is sure enough to be held to have answered a rupture."""
    return tag.named or tag.turn_score >= _REPAIRS_FROM


def find_ruptures(
    transcript: Transcript, tags: tuple[TurnTag, ...], codebook: Codebook, rule: JoiningRule = RULE
) -> tuple[Rupture, ...]:
    """The ruptures of one session, in order, from the tags on its turns."""
    marks = _Marks(transcript, tags, codebook)
    groups = _join(marks, rule)
    starts = [group[0] for group in groups] + [len(transcript.turns)]
    return tuple(
        _rupture(f"r{n}", marks, group, limit, rule)
        for n, (group, limit) in enumerate(zip(groups, starts[1:], strict=True), start=1)
    )


class _Marks:
    """The tags of one session by turn, and its client turns in order."""

    def __init__(self, transcript: Transcript, tags: tuple[TurnTag, ...], codebook: Codebook):
        self.codebook = codebook
        self.marks: dict[int, list[TurnTag]] = {}
        self.strategies: dict[int, list[TurnTag]] = {}
        markers = set(codebook.markers)
        for tag in tags:
            if tag.code in markers:
                self.marks.setdefault(tag.turn, []).append(tag)
            elif counts_as_repair(tag):
                self.strategies.setdefault(tag.turn, []).append(tag)
        self._client = [t.index for t in transcript.turns if t.speaker is Speaker.CLIENT]
        self._repairs = sorted(self.strategies)

    def client(self, after: int, before: int) -> list[int]:
        """The client turns strictly between two turns."""
        return _between(self._client, after, before)

    def unmarked(self, after: int, before: int) -> list[int]:
        """The unmarked client turns strictly between two turns."""
        return [i for i in self.client(after, before) if i not in self.marks]

    def repairs(self, after: int, before: int) -> list[int]:
        """The therapist turns with strategies strictly between two turns."""
        return _between(self._repairs, after, before)


def _between(ordered: list[int], after: int, before: int) -> list[int]:
    return ordered[bisect_right(ordered, after) : bisect_left(ordered, before)]


def _join(marks: _Marks, rule: JoiningRule) -> list[list[int]]:
    groups: list[list[int]] = []
    for turn in sorted(marks.marks):
        if groups and _belong_together(marks, groups[-1][-1], turn, rule):
            groups[-1].append(turn)
        else:
            groups.append([turn])
    return groups


def _belong_together(marks: _Marks, earlier: int, later: int, rule: JoiningRule) -> bool:
    if len(marks.unmarked(earlier, later)) > rule.gap:
        return False
    repairs = marks.repairs(earlier, later)
    return not repairs or len(marks.unmarked(repairs[0], later)) < rule.settled


def _rupture(name: str, marks: _Marks, turns: list[int], limit: int, rule: JoiningRule) -> Rupture:
    first, last = turns[0], turns[-1]
    tags = tuple(tag for turn in turns for tag in marks.marks[turn])
    after = marks.client(last, limit)
    end = after[rule.reach - 1] if len(after) >= rule.reach else limit
    repairs = tuple(marks.repairs(first, end))
    status, because = _status(marks, turns, repairs, len(after), rule)
    return Rupture(
        id=name,
        kind=kind_of(tags, marks.codebook),
        first_turn=first,
        last_turn=last,
        significance=significance(tags, status, marks.codebook),
        turns=tuple(turns),
        repairs=repairs,
        status=status,
        because=because,
    )


def kind_of(tags: Iterable[TurnTag], codebook: Codebook) -> str:
    """withdrawal, confrontation, or mixed where both kinds are about as sure."""
    sure: dict[str, float] = {}
    for tag in tags:
        kind = codebook[tag.code].kind
        sure[kind] = max(tag.turn_score, sure.get(kind, 0.0))
    surest = max(sure, key=lambda kind: sure[kind])
    mixed = len(sure) > 1 and min(sure.values()) >= _MIXED_FROM * sure[surest]
    return MIXED if mixed else surest


# What one marked turn adds by its intensity, what an open rupture adds, and where the levels begin.
_BY_INTENSITY = {1: 1, 2: 3, 3: 6}
_BY_STATUS = {REPAIRED: 0, PARTLY: 3, UNREPAIRED: 6}
_FOR_BOTH_KINDS = 3
_LEVELS = (4, 12, 24, 40)


def significance(tags: Iterable[TurnTag], status: str, codebook: Codebook) -> int:
    """How much a rupture weighs on the collaboration, 1 to 5.

    More marked turns, stronger ones, more different markers, both kinds at once and less repair
    never make it smaller.
    """
    tags = tuple(tags)
    strongest: dict[int, int] = {}
    for tag in tags:
        strongest[tag.turn] = max(tag.intensity, strongest.get(tag.turn, 1))
    points = sum(_BY_INTENSITY[i] for i in strongest.values()) + _BY_STATUS[status]
    points += len({tag.code for tag in tags}) - 1
    points += _FOR_BOTH_KINDS if len({codebook[tag.code].kind for tag in tags}) > 1 else 0
    return 1 + sum(points >= level for level in _LEVELS)


def _status(
    marks: _Marks, turns: list[int], repairs: tuple[int, ...], calm: int, rule: JoiningRule
) -> tuple[str, str]:
    """The status of a rupture and why; `calm` is the number of unmarked client turns that follow it."""
    if not repairs:
        within = f"in it or within {rule.reach} client turns after it"
        return UNREPAIRED, f"No clear repair strategy was found {within}."
    named = _listed(marks, repairs)
    tried = f"repair strategies ({named})" if named else "what reads as repair, its kind unclear"
    tried = f"The therapist answered it with {tried}"
    later = sum(turn > repairs[-1] for turn in turns)
    if later >= rule.relapse:
        return UNREPAIRED, f"{tried}, but {later} more marked turns followed the last one."
    if len(repairs) * rule.per_repair <= len(turns):
        return UNREPAIRED, f"{tried}, but only {_times(len(repairs))} over {len(turns)} marked turns."
    if later:
        return PARTLY, f"{tried}, but one more marked turn followed the last one."
    if calm < rule.back:
        follow = f"only {calm} unmarked client turn{'s follow' if calm != 1 else ' follows'}" if calm else ""
        return PARTLY, f"{tried}; {follow or 'no client turn follows'}, too few to tell that it held."
    return REPAIRED, f"{tried}, and the next {calm} client turns carry no marker."


def _listed(marks: _Marks, repairs: tuple[int, ...]) -> str:
    codes = {tag.code for turn in repairs for tag in marks.strategies[turn] if tag.named}
    names = [_in_sentence(c.name) for c in marks.codebook.codes if c.id in codes]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def answering(
    tags: Iterable[TurnTag], ruptures: Iterable[Rupture], codebook: Codebook
) -> tuple[TurnTag, ...]:
    """The tags without the strategies that answer no rupture."""
    answers = {turn for rupture in ruptures for turn in rupture.repairs}
    markers = set(codebook.markers)
    return tuple(
        tag for tag in tags if tag.code in markers or (tag.turn in answers and counts_as_repair(tag))
    )


def _in_sentence(name: str) -> str:
    return name[0].lower() + name[1:]


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
