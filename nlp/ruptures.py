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
            side = self.marks if tag.code in markers else self.strategies
            side.setdefault(tag.turn, []).append(tag)
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
    """withdrawal, confrontation, or mixed where the markers are of both kinds."""
    kinds = {codebook[tag.code].kind for tag in tags}
    return kinds.pop() if len(kinds) == 1 else MIXED


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
    points += _FOR_BOTH_KINDS if kind_of(tags, codebook) == MIXED else 0
    return 1 + sum(points >= level for level in _LEVELS)


def _status(
    marks: _Marks, turns: list[int], repairs: tuple[int, ...], calm: int, rule: JoiningRule
) -> tuple[str, str]:
    """The status of a rupture and why; `calm` is the number of unmarked client turns that follow it."""
    if not repairs:
        return UNREPAIRED, f"No repair strategy was found in it or within {rule.reach} client turns after it."
    tried = f"The therapist answered it with repair strategies ({_listed(marks, repairs)})"
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
    codes = {tag.code for turn in repairs for tag in marks.strategies[turn]}
    names = [_in_sentence(c.name) for c in marks.codebook.codes if c.id in codes]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _in_sentence(name: str) -> str:
    return name[0].lower() + name[1:]


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
