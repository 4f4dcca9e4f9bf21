"""Suggests how a rupture could be repaired, from a curated bank, and credits what was done already."""

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile

from nlp.codebook import CONFRONTATION, Codebook
from nlp.findings import RepairSuggestion, Rupture
from nlp.moment import moment_at, quote
from nlp.repair_bank import LATER, NOW, ONESELF, Entry, credit_source, load_bank
from nlp.ruptures import MIXED, PARTLY, REPAIRED, UNREPAIRED
from nlp.signs import brief_assent, laugh_in
from nlp.tagging import TurnTag
from nlp.transcript import Speaker, Transcript

# In a mixed rupture a giving way less sure than this is taken for the lull before a confrontation.
_GIVES_WAY_FROM = 0.4


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
        self.aims = _aims(self.marks, rupture, codebook)
        self.client = [t.index for t in transcript.turns if t.speaker is Speaker.CLIENT]
        self.marked = {turn for turn, on in tags.items() if any(t.code in codebook.markers for t in on)}

    def quoted(self, tag: TurnTag) -> str:
        return quote(self.transcript.turns[tag.turn].text, tag.evidence)

    def answered_by(self, entry: Entry) -> list[TurnTag]:
        """The marks that an entry answers: of its markers, and in words that it fits."""
        return [t for t in self.aims if t.code in entry.markers and self._fits(entry.when, t)]

    def _fits(self, when: str, tag: TurnTag) -> bool:
        if not when:
            return True
        moment = moment_at(self.transcript, tag.turn, tag.evidence)
        return {
            "assent": lambda: bool(brief_assent(moment)),
            "smooth": lambda: self.rupture.kind != MIXED and bool(brief_assent(moment)),
            "laugh": lambda: bool(laugh_in(moment)),
        }[when]()

    def marked_next(self, turn: int) -> bool:
        """Whether the client's next turn carries a marker."""
        return next((i for i in self.client if i > turn), None) in self.marked

    def unmarked_after(self, turn: int) -> int:
        """How many client turns follow a turn before one carries a marker."""
        return sum(1 for _ in takewhile(lambda i: i not in self.marked, (i for i in self.client if i > turn)))

    def marked_after(self, turn: int) -> int:
        """How many marked turns of this rupture follow a turn."""
        return sum(i > turn for i in self.rupture.turns)


def _aims(marks: list[TurnTag], rupture: Rupture, codebook: Codebook) -> list[TurnTag]:
    """The marks to answer: those whose code is named if there are any; in a mixed rupture the likeliest's."""
    aims = [t for t in marks if t.named] or marks
    if rupture.kind != MIXED:
        return aims
    confronting = [t for t in marks if codebook[t.code].kind == CONFRONTATION]
    likeliest = max(aims, key=_strength)
    if likeliest.code == "deferential" and likeliest.score < _GIVES_WAY_FROM and confronting:
        likeliest = max(confronting, key=_strength)
    return [t for t in marks if t.code == likeliest.code]


def _strength(tag: TurnTag) -> tuple[float, float, int, int]:
    """The likelier mark is the stronger; of equals the last, which is where the talk had got to."""
    return tag.turn_score, tag.score, tag.intensity, tag.turn


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
    """The entries that answer a mark of this rupture.

    Links to other relationships are for when the two have begun to mend it between them, not an
    escape from it.
    """
    return [
        e
        for e in load_bank()
        if case.answered_by(e) and (e.strategy != "links_pattern_outside" or case.rupture.status == PARTLY)
    ]


def _fit(case: _Case, entry: Entry) -> float:
    """How well an entry suits: how likely and strong the marks it answers, how good its strategy for them.

    Later marks weigh a little more; what was tried without lasting effect counts half.
    """
    first, last = case.rupture.first_turn, case.rupture.last_turn
    total = 0.0
    for tag in case.answered_by(entry):
        recency = 1 + 0.5 * (tag.turn - first) / max(1, last - first)
        total += tag.score * tag.intensity * recency * _suits(case.codebook, tag.code, entry.strategy)
    return total / 2 if entry.strategy in case.tried else total


def _suits(codebook: Codebook, marker: str, strategy: str) -> float:
    best_first = codebook[marker].answered_by
    return 1 - 0.12 * best_first.index(strategy) if strategy in best_first else 0.1


def _suggestion(case: _Case, entry: Entry) -> RepairSuggestion:
    answered = case.answered_by(entry)
    said = f"The client said {case.quoted(max(answered, key=_strength))}."
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


def _credit(case: _Case) -> list[RepairSuggestion]:
    """What the therapist did, in their own words, each strategy once.

    Credit goes to named strategies that the client did not meet with a marker; first to those after
    which there was no more of them, then to the likelier ones.
    """
    best: dict[str, TurnTag] = {}
    named = [t for t in case.repairs if t.named and not case.marked_next(t.turn)]
    for tag in sorted(named, key=lambda t: (case.marked_after(t.turn) > 0, *(-s for s in _strength(t)))):
        best.setdefault(tag.code, tag)
    return [_done(case, tag) for tag in list(best.values())[: _CREDITS[case.rupture.status]]]


def _how_it_went(case: _Case, tag: TurnTag) -> str:
    """What came after one strategy, as the marks of its rupture have it."""
    more = case.marked_after(tag.turn)
    if more:
        turns = "one marked turn" if more == 1 else f"{more} marked turns"
        eased = " before it eased" if case.rupture.status == REPAIRED else ""
        return f"The client's next turn carries no marker, but the strain came back for {turns}{eased}."
    if case.rupture.status == REPAIRED:
        return f"The next {case.unmarked_after(tag.turn)} client turns carry no marker."
    return "No marker follows in this rupture, but that does not show for certain that it held."


def _done(case: _Case, tag: TurnTag) -> RepairSuggestion:
    code = case.codebook[tag.code]
    before = max((t for t in case.marks if t.turn < tag.turn), key=lambda t: t.turn)
    what = code.definition[0].lower() + code.definition[1:].split(" (")[0]
    return RepairSuggestion(
        rupture=case.rupture.id,
        strategy=tag.code,
        timing=NOW,
        wording=case.transcript.turns[tag.turn].text[tag.evidence.start : tag.evidence.end],
        because=(
            f"After the client's {case.quoted(before)} the therapist did this: {what}. "
            f"{_how_it_went(case, tag)}"
        ),
        turns=(tag.turn,),
        source=credit_source(),
        done=True,
    )
