"""Suggests how a rupture could be repaired, from a curated bank, and credits what was done already."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nlp.codebook import Codebook
from nlp.findings import RepairSuggestion, Rupture
from nlp.moment import quote
from nlp.ruptures import PARTLY, REPAIRED, UNREPAIRED
from nlp.tagging import TurnTag
from nlp.transcript import Transcript

NOW, LATER = "now", "later"
ONESELF = "oneself"


@dataclass(frozen=True)
class Entry:
    """One way to repair, in words a therapist could say; nlp/repair.toml tells what the fields mean."""

    markers: tuple[str, ...]
    strategy: str
    timing: str
    direct: bool
    wording: str
    because: str
    source: str
    caution: str = ""
    to: str = "client"


@cache
def load_bank() -> tuple[Entry, ...]:
    """The bank that ships with the project, its sources written out."""
    raw = tomllib.loads(files("nlp").joinpath("repair.toml").read_text(encoding="utf-8"))
    return tuple(
        Entry(
            **{
                **entry,
                "markers": tuple(entry["markers"]),
                "source": raw["sources"][entry["source"]],
                "caution": entry.get("caution", "") or _usual_caution(raw, entry),
            }
        )
        for entry in raw["entry"]
    )


def _usual_caution(raw: dict, entry: dict) -> str:
    return "" if entry.get("to") == ONESELF else raw["cautions"].get(entry["strategy"], "")


def suggest_repairs(
    transcript: Transcript, ruptures: Sequence[Rupture], tags: Sequence[TurnTag], codebook: Codebook
) -> tuple[RepairSuggestion, ...]:
    """What to say about each rupture: credit for what was done, then up to three ways to repair it.

    A repaired rupture gets credit only. No wording is given twice while the bank has another.
    """
    used: dict[str, int] = {}
    heaviest = max(
        (r for r in ruptures if r.status != REPAIRED and r.significance >= 3),
        key=lambda r: r.significance,
        default=None,
    )
    suggestions: list[RepairSuggestion] = []
    by_turn: dict[int, list[TurnTag]] = {}
    for tag in tags:
        by_turn.setdefault(tag.turn, []).append(tag)
    for rupture in ruptures:
        case = _Case(transcript, rupture, by_turn, codebook)
        suggestions += _credit(case)
        chosen = _choose(case, used, with_stance=rupture is heaviest)
        for entry in chosen:
            used[entry.wording] = used.get(entry.wording, 0) + 1
        suggestions += [_suggestion(case, entry) for entry in chosen]
    return tuple(suggestions)


class _Case:
    """One rupture with its own marks and the strategies that answered it."""

    def __init__(
        self, transcript: Transcript, rupture: Rupture, tags: Mapping[int, list[TurnTag]], codebook: Codebook
    ):
        self.transcript, self.rupture, self.codebook = transcript, rupture, codebook
        self.marks = [t for turn in rupture.turns for t in tags[turn] if t.code in codebook.markers]
        self.repairs = [t for turn in rupture.repairs for t in tags[turn] if t.code in codebook.strategies]
        self.tried = {t.code for t in self.repairs}

    def quoted(self, tag: TurnTag) -> str:
        return quote(self.transcript.turns[tag.turn].text, tag.evidence)

    def strongest(self, markers: Iterable[str]) -> TurnTag:
        """The strongest mark of these codes; of equals the last, which is where the talk had got to."""
        return max((t for t in self.marks if t.code in markers), key=lambda t: (t.intensity, t.turn))


def _choose(case: _Case, used: dict[str, int], with_stance: bool) -> list[Entry]:
    """Different strategies, the direct one first, then an indirect one, then one for later."""
    if case.rupture.status == REPAIRED:
        return []
    ranked = sorted(_fitting(case), key=lambda e: (used.get(e.wording, 0), -_fit(case, e)))
    chosen: list[Entry] = []
    for wanted in _slots(case.rupture):
        free = [e for e in ranked if e.to != ONESELF and e.strategy not in {c.strategy for c in chosen}]
        if entry := next((e for e in free if wanted(e)), None):
            chosen.append(entry)
    if with_stance:
        chosen += [e for e in ranked if e.to == ONESELF][:1]
    return chosen


def _slots(rupture: Rupture) -> tuple[Callable[[Entry], bool], ...]:
    """What each place is for; fewer for a slight rupture, and where something has begun to mend."""
    if rupture.status == PARTLY or rupture.significance < 3:
        return (_now_and_direct, _later)
    return (_now_and_direct, _now_and_indirect, _later)


def _now_and_direct(entry: Entry) -> bool:
    return entry.timing == NOW and entry.direct


def _now_and_indirect(entry: Entry) -> bool:
    return entry.timing == NOW and not entry.direct


def _later(entry: Entry) -> bool:
    return entry.timing == LATER


def _fitting(case: _Case) -> list[Entry]:
    """The entries that answer a marker of this rupture.

    Links to other relationships are for when the two have begun to mend it between them, not an
    escape from it.
    """
    codes = {t.code for t in case.marks}
    return [
        e
        for e in load_bank()
        if codes & set(e.markers) and (e.strategy != "links_pattern_outside" or case.rupture.status == PARTLY)
    ]


def _fit(case: _Case, entry: Entry) -> float:
    """How well an entry suits: the weight of the marks it answers times how good its strategy is for them.

    Later marks weigh a little more; what was tried without lasting effect counts half.
    """
    first, last = case.rupture.first_turn, case.rupture.last_turn
    total = 0.0
    for tag in case.marks:
        if tag.code in entry.markers:
            recency = 1 + 0.5 * (tag.turn - first) / max(1, last - first)
            total += tag.intensity * recency * _suits(case.codebook, tag.code, entry.strategy)
    return total / 2 if entry.strategy in case.tried else total


def _suits(codebook: Codebook, marker: str, strategy: str) -> float:
    best_first = codebook[marker].answered_by
    return 1 - 0.12 * best_first.index(strategy) if strategy in best_first else 0.1


def _suggestion(case: _Case, entry: Entry) -> RepairSuggestion:
    answered = [t for t in case.marks if t.code in entry.markers]
    said = f"The client said {case.quoted(case.strongest(entry.markers))}."
    return RepairSuggestion(
        rupture=case.rupture.id,
        strategy=entry.strategy,
        timing=entry.timing,
        wording=entry.wording,
        because=f"{said} {entry.because}",
        turns=tuple(sorted({t.turn for t in answered})),
        source=entry.source,
        caution=entry.caution,
        to=entry.to,
    )


_CREDITS = {REPAIRED: 3, PARTLY: 1, UNREPAIRED: 1}
_HOW_IT_WENT = {
    REPAIRED: "The client turns that follow carry no marker.",
    PARTLY: "What followed does not show for certain that it held.",
    UNREPAIRED: "The strain went on after it.",
}


def _credit(case: _Case) -> list[RepairSuggestion]:
    """What the therapist did, in their own words; the strongest first, each strategy once."""
    best: dict[str, TurnTag] = {}
    for tag in sorted(case.repairs, key=lambda t: (-t.intensity, -t.score, t.turn)):
        best.setdefault(tag.code, tag)
    return [_done(case, tag) for tag in list(best.values())[: _CREDITS[case.rupture.status]]]


def _done(case: _Case, tag: TurnTag) -> RepairSuggestion:
    code = case.codebook[tag.code]
    before = [t for t in case.marks if t.turn < tag.turn] or case.marks[:1]
    what = code.definition[0].lower() + code.definition[1:].split(" (")[0]
    return RepairSuggestion(
        rupture=case.rupture.id,
        strategy=tag.code,
        timing=NOW,
        wording=case.transcript.turns[tag.turn].text[tag.evidence.start : tag.evidence.end],
        because=(
            f"After the client's {case.quoted(before[-1])} the therapist did this: {what}. "
            f"{_HOW_IT_WENT[case.rupture.status]}"
        ),
        turns=(tag.turn,),
        source=_credit_source(),
        done=True,
    )


@cache
def _credit_source() -> str:
    raw = tomllib.loads(files("nlp").joinpath("repair.toml").read_text(encoding="utf-8"))
    return raw["sources"]["meta_2018"]
