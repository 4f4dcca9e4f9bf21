"""Who codes which session: as even as can be, with the agreed share coded by several."""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from nlp.errors import InputError


@dataclass(frozen=True)
class Design:
    """How many code a session, and for what share of the sessions; the others are coded by one."""

    coders_per_session: int = 1
    overlap_share: float = 1.0


@dataclass(frozen=True)
class ToCode:
    """A session to be coded; its turns say how much work it is."""

    id: str
    turns: int


def checked_design(design: Design, coders: int) -> Design:
    """The design, where so many coders can carry it out."""
    if not 1 <= design.coders_per_session <= max(coders, 1):
        raise InputError(
            "A session can be coded by as many as there are coders, and by one at least.", "bad_design"
        )
    if not 0 <= design.overlap_share <= 1:
        raise InputError("The share of sessions coded by several is between 0 and 1.", "bad_design")
    return design


def assign(
    sessions: Sequence[ToCode],
    coders: Sequence[str],
    design: Design,
    seed: int,
    load: Mapping[str, int] | None = None,
) -> dict[str, tuple[str, ...]]:
    """Coders by session. The sessions coded by several are drawn at random; coders end up with about
    the same number of turns, counting the `load` they carry already, and with changing partners."""
    checked_design(design, len(coders))
    draw = random.Random(seed)
    shared = _drawn(sessions, design, draw)
    carried = Counter({coder: (load or {}).get(coder, 0) for coder in coders})
    together: Counter[frozenset[str]] = Counter()
    chosen = {}
    for session in sorted(sessions, key=lambda s: (s.id not in shared, -s.turns)):
        wanted = design.coders_per_session if session.id in shared else 1
        chosen[session.id] = _team(wanted, coders, carried, together, draw)
        carried.update(dict.fromkeys(chosen[session.id], session.turns))
        together.update(map(frozenset, combinations(chosen[session.id], 2)))
    return {session.id: chosen[session.id] for session in sessions}


def _drawn(sessions: Sequence[ToCode], design: Design, draw: random.Random) -> set[str]:
    """The sessions that several code."""
    count = math.ceil(design.overlap_share * len(sessions) - 1e-9)
    return set(draw.sample([s.id for s in sessions], count))


def _team(
    size: int, coders: Sequence[str], carried: Counter, together: Counter, draw: random.Random
) -> tuple[str, ...]:
    """Those with the least to do; among equals those who have coded least with the ones chosen."""
    team: list[str] = []
    left = draw.sample(list(coders), len(coders))
    for _ in range(size):
        best = min(left, key=lambda c: (carried[c], sum(together[frozenset((c, other))] for other in team)))
        team.append(best)
        left.remove(best)
    return tuple(team)
