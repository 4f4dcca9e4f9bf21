"""A session report laid out for reading: passages of turns, with the moments beside them."""

from dataclasses import dataclass, field
from itertools import groupby

from api.highlights import Mark, Piece, Sign, mark_of, pieces, signs_of
from api.overview import Overview, overview_of
from api.timeline import Timeline, timeline_of
from api.wording import (
    KIND_SAYS,
    SIGNIFICANCE,
    STATUS,
    STRICTNESS,
    TIMING,
    clock,
    listed,
    speaker_of,
    turn_numbers,
    turn_range,
)
from nlp.codebook import Codebook
from nlp.findings import RepairSuggestion, Rupture
from nlp.repair import ONESELF
from nlp.report import SessionReport
from nlp.transcript import Transcript

CHUNK_CHARACTERS = 3000  # plain turns are grouped so that a browser need not lay out what is off screen


@dataclass(frozen=True)
class TurnView:
    """A turn as the page shows it."""

    number: int
    speaker: str  # therapist | client | other
    says_who: str
    clock: str
    pieces: tuple[Piece, ...]
    marked: bool

    @property
    def anchor(self) -> str:
        return f"turn-{self.number}"


@dataclass(frozen=True)
class SuggestionView:
    strategy: str
    timing: str
    wording: str
    because: str
    source: str
    caution: str
    turns: str


@dataclass(frozen=True)
class Answer:
    """Something the therapist did that may answer a rupture, and what came of it."""

    sign: Sign
    because: str


@dataclass(frozen=True)
class Moment:
    """A rupture with everything its card says."""

    id: str
    number: int
    kind: str
    kind_says: str
    where: str
    clock: str
    first: int
    last: int
    significance: int
    significance_words: str
    status: str
    status_words: str
    because: str
    signs: tuple[Sign, ...]  # the likeliest first
    did: tuple["Answer", ...]
    suggestions: tuple[SuggestionView, ...]  # to be said to the client
    notes: tuple[SuggestionView, ...]  # to be said to oneself
    first_words: str

    @property
    def says(self) -> str:
        """The moment in one line, for who hears the page."""
        return f"Moment {self.number}: {self.kind}, {self.where}, {self.status_words}"

    @property
    def title(self) -> str:
        """As what the moment's strongest marks read, the strongest first; its kind where none is clear."""
        names = [m.name.lower() for sign in self.signs for m in sign.marks if m.named]
        return listed(list(dict.fromkeys(names))[:2]) or f"{self.kind}, its form unclear"


@dataclass(frozen=True)
class Passage:
    """Turns in order: plain ones, or those of the moments that begin here."""

    turns: tuple[TurnView, ...]
    moments: tuple[Moment, ...] = ()

    @property
    def label(self) -> str:
        return turn_range(self.turns[0].number - 1, self.turns[-1].number - 1)


@dataclass(frozen=True)
class ReportView:
    title: str
    overview: Overview
    strictness: str
    strictness_says: dict[str, str]
    warnings: tuple[str, ...]
    model: str
    codebook_version: str
    passages: tuple[Passage, ...]
    moments: tuple[Moment, ...]
    timeline: Timeline
    turns: int
    has_clock: bool = False
    address: str = ""  # of the session, where the report is part of the site
    fictional: bool = False
    kinds: tuple[tuple[str, str], ...] = field(
        default=(("withdrawal", "Withdrawal"), ("confrontation", "Confrontation"), ("repair", "Repair"))
    )


def report_view(report: SessionReport, codebook: Codebook, title: str = "", address: str = "") -> ReportView:
    """The report laid out for a page; nothing is judged here, only arranged and put in words."""
    transcript = report.transcript
    marks = _marks_by_turn(report, codebook)
    moments = tuple(_moment(i, r, report, marks, codebook) for i, r in enumerate(report.ruptures, 1))
    turns = _turn_views(transcript, marks)
    return ReportView(
        title=title or transcript.title or "Untitled session",
        overview=overview_of(report, moments),
        strictness=report.strictness,
        strictness_says=STRICTNESS,
        warnings=report.warnings,
        model=f"{report.model.name} {report.model.version}".strip(),
        codebook_version=report.model.codebook_version,
        passages=tuple(_passages(turns, report.ruptures, moments)),
        moments=moments,
        timeline=timeline_of(report),
        turns=len(turns),
        has_clock=any(t.clock for t in turns),
        address=address,
    )


def _marks_by_turn(report: SessionReport, codebook: Codebook) -> dict[int, tuple[Mark, ...]]:
    """The marks to show. A repair that answers no rupture is left out: no card would explain it."""
    turns = report.transcript.turns
    answers = {i for rupture in report.ruptures for i in rupture.repairs}
    explained = [tag for tag in report.tags if tag.kind != "repair" or tag.turn in answers]
    tags = sorted(explained, key=lambda tag: (tag.turn, tag.evidence.start, -tag.score))
    by_turn = groupby(tags, key=lambda tag: tag.turn)
    likened = {s.turn for s in report.scores if s.similar}
    return {i: tuple(mark_of(tag, turns[i], codebook, i in likened) for tag in group) for i, group in by_turn}


def _turn_views(transcript: Transcript, marks: dict[int, tuple[Mark, ...]]) -> tuple[TurnView, ...]:
    names: dict[str, set[str]] = {}
    for turn in transcript.turns:
        names.setdefault(turn.speaker, set()).add(turn.name)
    return tuple(
        TurnView(
            number=i + 1,
            speaker=str(turn.speaker),
            says_who=speaker_of(turn, len(names[turn.speaker])),
            clock=clock(turn.start),
            pieces=pieces(turn.text, marks.get(i, ())),
            marked=i in marks,
        )
        for i, turn in enumerate(transcript.turns)
    )


def _moment(number: int, rupture: Rupture, report: SessionReport, marks, codebook: Codebook) -> Moment:
    first = report.transcript.turns[rupture.first_turn]
    signs = signs_of(tuple(m for i in rupture.turns for m in marks.get(i, ()) if m.kind != "repair"))
    suggested = [s for s in report.suggestions if s.rupture == rupture.id]
    return Moment(
        id=rupture.id,
        number=number,
        kind=rupture.kind,
        kind_says=KIND_SAYS[rupture.kind],
        where=turn_range(rupture.first_turn, rupture.last_turn),
        clock=clock(first.start),
        first=rupture.first_turn,
        last=max(rupture.last_turn, *rupture.repairs, rupture.last_turn),
        significance=rupture.significance,
        significance_words=SIGNIFICANCE[rupture.significance],
        status=rupture.status,
        status_words=STATUS[rupture.status],
        because=rupture.because,
        signs=signs,
        did=_answers(rupture, marks, suggested),
        suggestions=tuple(_suggestion(s, codebook) for s in suggested if not s.done and s.to != ONESELF),
        notes=tuple(_suggestion(s, codebook) for s in suggested if not s.done and s.to == ONESELF),
        first_words=_first_words(signs[0].first.quote if signs else first.text),
    )


def _answers(rupture: Rupture, marks, suggested: list[RepairSuggestion]) -> tuple[Answer, ...]:
    """The repairs of a rupture, those credited first, each with what came of it or else why it reads so."""
    said = {(turn, s.strategy): s.because for s in suggested if s.done for turn in s.turns}
    repairs = tuple(m for i in rupture.repairs for m in marks.get(i, ()) if m.kind == "repair")
    signs = sorted(signs_of(repairs), key=lambda sign: sign.first.turn)
    credit = [[said[m.turn, m.code] for m in sign.marks if (m.turn, m.code) in said] for sign in signs]
    credited = [Answer(s, " ".join(dict.fromkeys(c))) for s, c in zip(signs, credit, strict=True) if c]
    others = [Answer(s, s.first.why) for s, c in zip(signs, credit, strict=True) if not c]
    return (*credited, *others)


def _suggestion(suggestion: RepairSuggestion, codebook: Codebook) -> SuggestionView:
    return SuggestionView(
        strategy=codebook[suggestion.strategy].name,
        timing=TIMING[suggestion.timing],
        wording=suggestion.wording,
        because=suggestion.because,
        source=suggestion.source,
        caution=suggestion.caution,
        turns=turn_numbers(suggestion.turns),
    )


def _first_words(text: str, most: int = 60) -> str:
    """The beginning of a quote, cut at a word."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(",.;:- ") + "…"


def _passages(turns: tuple[TurnView, ...], ruptures: tuple[Rupture, ...], moments: tuple[Moment, ...]):
    """Plain stretches and moments, in order; every turn is in exactly one passage.

    A moment's passage runs on through the repairs that follow it, unless the next moment begins
    before; moments that overlap share one passage.
    """
    at = 0
    for group in _overlapping(moments, ruptures):
        first = group[0].first
        begins_next = next((m.first for m in moments if m.first > group[-1].first), len(turns))
        least = max(ruptures[m.number - 1].last_turn for m in group)
        last = max(least, min(max(m.last for m in group), begins_next - 1))
        yield from _chunks(turns[at:first])
        yield Passage(turns[first : last + 1], group)
        at = last + 1
    yield from _chunks(turns[at:])


def _overlapping(moments: tuple[Moment, ...], ruptures: tuple[Rupture, ...]) -> list[tuple[Moment, ...]]:
    """Moments grouped so that no two groups share a turn of their ruptures."""
    groups: list[list[Moment]] = []
    end = -1
    for moment in sorted(moments, key=lambda m: m.first):
        if groups and moment.first <= end:
            groups[-1].append(moment)
        else:
            groups.append([moment])
        end = max(end, ruptures[moment.number - 1].last_turn)
    return [tuple(g) for g in groups]


def _chunks(turns: tuple[TurnView, ...]):
    """Plain turns in passages of about one length, so that a browser can guess their height."""
    chunk: list[TurnView] = []
    size = 0
    for turn in turns:
        chunk.append(turn)
        size += 60 + sum(len(p.text) for p in turn.pieces)
        if size >= CHUNK_CHARACTERS:
            yield Passage(tuple(chunk))
            chunk, size = [], 0
    if chunk:
        yield Passage(tuple(chunk))
