"""The coded moments that resemble a turn of a session, opened beside it."""

from dataclasses import dataclass

from annotation.moments import BEFORE, CodedMoment, read_moments
from api import service
from api.people import User
from api.service import Parts
from nlp.codebook import Codebook
from nlp.errors import InputError
from nlp.transcript import Turn


@dataclass(frozen=True)
class SimilarView:
    """A coded moment as it is shown: how alike it is, and by the code's name which coders put it there."""

    likeness: float
    moment: CodedMoment
    says: tuple[tuple[str, str], ...]  # (name of the code, coders)


@dataclass(frozen=True)
class TurnWithSimilar:
    """A turn of a session with the turns before it, and the coded moments most like it."""

    turns: tuple[Turn, ...]
    turn: int
    similar: tuple[SimilarView, ...]


def similar_to(parts: Parts, user: User, session_id: str, turn: int) -> TurnWithSimilar:
    """The turn and what resembles it; a turn that is marked at no strictness has nothing to compare."""
    report = service.report(parts, user, session_id, "sensitive")
    turns = report.transcript.turns
    if not 0 <= turn < len(turns):
        raise InputError(f"The session has no turn {turn + 1}; its turns are 1 to {len(turns)}.", "not_found")
    similar = report.scores[turn].similar
    moments = read_moments([(m.session, m.turn) for m in similar])
    views = tuple(
        SimilarView(m.likeness, moments[m.session, m.turn], _says(moments[m.session, m.turn], parts.codebook))
        for m in similar
        if (m.session, m.turn) in moments  # another corpus may be installed than when the report was made
    )
    return TurnWithSimilar(turns[max(0, turn - BEFORE) : turn + 1], turn, views)


def similar_json(found: TurnWithSimilar) -> dict:
    """The coded moments as the REST API writes them."""
    return {"turn": found.turn, "similar": [_json(view) for view in found.similar]}


def _json(view: SimilarView) -> dict:
    return {
        "likeness": round(view.likeness, 4),
        "about": view.moment.about,
        "turn": view.moment.turn,
        "codes": {code: list(coders) for code, coders in view.moment.codes.items()},
        "turns": [{"index": t.index, "speaker": str(t.speaker), "text": t.text} for t in view.moment.turns],
    }


def _says(moment: CodedMoment, codebook: Codebook) -> tuple[tuple[str, str], ...]:
    return tuple((codebook[code].name, " and ".join(coders)) for code, coders in moment.codes.items())
