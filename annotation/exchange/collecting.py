"""Sessions whose coders' work comes in several pieces, put together by the session's id."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from annotation.corpus import CodedTranscript
from annotation.exchange.files import Imported, Row
from annotation.exchange.rows import coded_from
from nlp.errors import InputError
from nlp.tagging import TurnTag
from nlp.transcript import Turn


@dataclass
class _Pieces:
    about: Row
    turns: tuple[Turn, ...]
    codings: list[Row] = field(default_factory=list)
    tags: dict[str, list[TurnTag]] = field(default_factory=dict)


@dataclass
class Collector:
    """Collects pieces; a piece about a session that came before must have the same turns."""

    warnings: list[str] = field(default_factory=list)
    _sessions: dict[str, _Pieces] = field(default_factory=dict)

    def add_session(self, about: Row, turns: Sequence[Turn]) -> str:
        """A session's turns; its id."""
        id_ = about.text("id")
        before = self._sessions.setdefault(id_, _Pieces(about, tuple(turns)))
        if before.turns != tuple(turns):
            raise InputError(
                f"{about.where}: its turns differ from those that {before.about.where} gives for the same "
                "session. Export both from the same transcript.",
                "bad_exchange",
            )
        return id_

    def add_coding(self, session: str, coding: Row, tags: Sequence[TurnTag] = ()) -> None:
        """What one coder did on a session."""
        pieces = self._sessions[session]
        coder = coding.text("coder")
        if any(c.text("coder") == coder for c in pieces.codings):
            raise InputError(f"{coding.where}: this coder's work on the session came before.", "bad_exchange")
        pieces.codings.append(coding)
        if tags:
            pieces.tags[coder] = list(tags)

    def warn(self, warning: str) -> None:
        """Something a person must know."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def result(self) -> Imported:
        """The sessions, in the order in which they came."""
        coded: list[CodedTranscript] = [
            coded_from(p.about, p.turns, p.codings, p.tags) for p in self._sessions.values()
        ]
        return Imported(tuple(coded), tuple(self.warnings))
