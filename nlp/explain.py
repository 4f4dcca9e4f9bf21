"""Says why a tag was put on a turn and what speaks against it, from the codebook and the words.

Nothing is made up: what stands in quotation marks is copied from the transcript or the codebook,
and where no cue is found the text says so. What stands beside it on a page is not said again.
"""

from bisect import bisect_left
from collections.abc import Sequence

from nlp.codebook import REPAIR, Code, Codebook
from nlp.findings import ExplainedTag, Rupture
from nlp.look_alikes import LOOK_ALIKES
from nlp.marking import threshold_of
from nlp.moment import Moment, moment_at, quote
from nlp.signs import SIGNS, cue_in
from nlp.tagging import Strictness, TurnScores, TurnTag
from nlp.transcript import Speaker, Transcript

_ONLY_JUST = 1.2  # times its threshold: a score up to here only just reaches it
_NEARLY_AS_HIGH = 0.8  # of a code's score: from here on another code's is worth saying
_NO_CUE = "No cue words; the tagger goes by the whole turn."
_NOTHING_SEEN = "Nothing seen in the words or in the turns around it."
_ALONE = 4  # client turns on either side without a marker make a slight one a lone sign
_ANSWERS = 6  # turns back within which a strategy answers a marked turn


def explain(
    transcript: Transcript,
    tags: Sequence[TurnTag],
    scores: Sequence[TurnScores],
    strictness: Strictness,
    codebook: Codebook,
    ruptures: Sequence[Rupture] = (),
) -> tuple[ExplainedTag, ...]:
    """Each tag with its reason and what speaks against it, in the tags' order.

    What is still to rule out for a code is said once in a rupture.
    """
    case = _Case(transcript, tuple(tags), tuple(scores), strictness, codebook)
    case.rupture_of = {turn: r.id for r in ruptures for turn in (*r.turns, *r.repairs)}
    return tuple(_explained(case, tag) for tag in tags)


class _Case:
    """All that an explanation may draw on."""

    def __init__(self, transcript, tags, scores, strictness, codebook):
        self.transcript, self.tags, self.scores = transcript, tags, scores
        self.strictness, self.codebook = strictness, codebook
        markers = set(codebook.markers)
        self.marked = sorted({t.turn for t in tags if t.code in markers})
        self.codes_on: dict[int, set[str]] = {}
        for tag in tags:
            self.codes_on.setdefault(tag.turn, set()).add(tag.code)
        client = [t.index for t in transcript.turns if t.speaker is Speaker.CLIENT]
        self.place = {turn: n for n, turn in enumerate(client)}
        self.rupture_of: dict[int, str] = {}
        self.ruled_out: set[tuple[str | None, str]] = set()

    def threshold(self, code: str) -> float:
        return threshold_of(code, self.strictness, self.codebook)

    def marked_before(self, turn: int) -> int | None:
        """The last marked client turn that a therapist's turn can answer."""
        place = bisect_left(self.marked, turn)
        return self.marked[place - 1] if place and self.marked[place - 1] >= turn - _ANSWERS else None

    def is_alone(self, turn: int) -> bool:
        """Whether no other client turn near this one is marked."""
        place = bisect_left(self.marked, turn)
        beside = [*self.marked[max(0, place - 1) : place], *self.marked[place + 1 : place + 2]]
        return all(abs(self.place[m] - self.place[turn]) > _ALONE for m in beside)


def _explained(case: _Case, tag: TurnTag) -> ExplainedTag:
    code, moment = case.codebook[tag.code], moment_at(case.transcript, tag.turn, tag.evidence)
    why = _why(case, tag, code, moment)
    against = _against(case, tag, code, moment)
    findings = (tag.evidence, why, against, tag.turn_score)
    return ExplainedTag(tag.turn, tag.code, code.kind, tag.score, tag.intensity, *findings)


def _why(case: _Case, tag: TurnTag, code: Code, moment: Moment) -> str:
    found = (_cue(moment, code), _context(case, tag, moment), _likened(case, tag, code))
    reasons = [reason for reason in found if reason]
    if not reasons:
        return _NO_CUE
    if not tag.named:
        return " ".join(reasons)
    words = quote(moment.turn.text, tag.evidence)
    return " ".join([f"{words} reads as: {_in_sentence(code.definition)}.", *reasons])


def _cue(moment: Moment, code: Code) -> str:
    if cue := cue_in(moment, code.phrases):
        return f"Its words {cue} are a cue in the codebook."
    wording = cue_in(moment, code.wordings)
    return f"Its words {wording} are a usual way of saying it." if wording else ""


def _context(case: _Case, tag: TurnTag, moment: Moment) -> str:
    if tag.code in SIGNS:
        return next((seen for seen in (sign(moment) for sign in SIGNS[tag.code]) if seen), "")
    answered = case.marked_before(tag.turn)
    if answered is None:
        return ""
    return f"It comes after the client's marked words {quote(case.transcript.turns[answered].text)}."


def _likened(case: _Case, tag: TurnTag, code: Code) -> str:
    """What coders put on the coded moments most like the turn, where it is the same."""
    similar = case.scores[tag.turn].similar
    same = sum(code.id in m.codes for m in similar)
    if same:
        return f"Coders put the same code on {same} of the {len(similar)} coded moments most like it."
    kin = sum(
        any(c in case.codebook and case.codebook[c].kind == code.kind for c in m.codes) for m in similar
    )
    return (
        f"Coders put a {code.kind} code on {kin} of the {len(similar)} coded moments most like it."
        if kin
        else ""
    )


def _unlike(case: _Case, tag: TurnTag, code: Code) -> str:
    """Coded moments much like the turn that coders left unmarked."""
    similar = case.scores[tag.turn].similar
    bare = sum(not m.codes for m in similar)
    return f"Coders left {bare} of the {len(similar)} coded moments most like it unmarked." if bare else ""


def _against(case: _Case, tag: TurnTag, code: Code, moment: Moment) -> str:
    found = [
        _look_alike(code, moment),
        _unlike(case, tag, code),
        _narrow(case, tag),
        _rival(case, tag),
        _lone(case, tag),
        _unasked(case, tag, code),
    ]
    found = [reason for reason in found if reason][:2]
    if found:
        return " ".join(found)
    place = (case.rupture_of.get(tag.turn), code.id)
    if place in case.ruled_out or not code.look_alikes:
        return _NOTHING_SEEN
    if place[0]:
        case.ruled_out.add(place)
    return f"{_NOTHING_SEEN} Still to rule out: {quote(code.look_alikes[0])}."


def _look_alike(code: Code, moment: Moment) -> str:
    for place, reason in LOOK_ALIKES.get(code.id, ()):
        if because := reason(moment):
            return f"It may be a look-alike, {quote(code.look_alikes[place])}: {because}."
    return ""


def _narrow(case: _Case, tag: TurnTag) -> str:
    threshold = case.threshold(tag.code)
    if tag.score < threshold:
        return "The code is under its own threshold; it is only the likeliest of its kind."
    if tag.score < _ONLY_JUST * threshold:
        return (
            f"The score ({_percent(tag.score)}) only just reaches what is asked for ({_percent(threshold)})."
        )
    return ""


def _rival(case: _Case, tag: TurnTag) -> str:
    """Another code that scores nearly as high and was not put on the turn."""
    scores = case.scores[tag.turn].codes
    near = _NEARLY_AS_HIGH * tag.score
    rivals = {c: s for c, s in scores.items() if c not in case.codes_on[tag.turn] and s >= near}
    rivals = {c: s for c, s in rivals.items() if c in case.codebook}
    if not rivals:
        return ""
    best = max(rivals, key=lambda c: rivals[c])
    return f"{quote(case.codebook[best].name)} scores nearly as high ({_percent(rivals[best])})."


def _lone(case: _Case, tag: TurnTag) -> str:
    if tag.turn in case.place and tag.intensity == 1 and case.is_alone(tag.turn):
        return "It is a single slight sign: no other client turn near it is marked."
    return ""


def _unasked(case: _Case, tag: TurnTag, code: Code) -> str:
    if code.kind == REPAIR and case.marked_before(tag.turn) is None:
        return "No marked client turn stands shortly before it, so there may be nothing that it repairs."
    return ""


def _in_sentence(text: str) -> str:
    return text[0].lower() + text[1:]


def _percent(score: float) -> str:
    return f"{round(100 * score)} %"
