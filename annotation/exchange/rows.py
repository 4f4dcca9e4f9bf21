"""Coded sessions as plain JSON objects and back: what most formats put into their metadata."""

from collections.abc import Mapping, Sequence

from annotation.corpus import CodedTranscript
from annotation.exchange.files import Row
from annotation.standoff import Episode
from nlp.errors import InputError
from nlp.reading.limits import MAX_TURNS, at_most
from nlp.tagging import TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn


def about_row(coded: CodedTranscript) -> dict:
    """All of a session but its turns and tags."""
    row: dict = {"id": coded.transcript.id}
    row |= {"title": coded.transcript.title} if coded.transcript.title else {}
    row |= {"source_format": coded.transcript.source_format} if coded.transcript.source_format else {}
    row |= {"source": coded.source} if coded.source else {}
    row |= {"about": dict(coded.about)} if coded.about else {}
    row |= {"judged": sorted(coded.judged)} if coded.judged is not None else {}
    return row


def coding_row(coded: CodedTranscript, coder: str) -> dict:
    """All that a coder did but their tags; `coded` tells whether they tagged at all."""
    row: dict = {"coder": coder, "coded": coder in coded.tags}
    if coder in coded.looked_at:
        row["looked_at"] = sorted(coded.looked_at[coder])
    if coder in coded.ratings:
        row["ratings"] = dict(coded.ratings[coder])
    if coder in coded.episodes:
        row["episodes"] = [
            {"start": e.start, "end": e.end, "kind": e.kind, "resolved": e.resolved}
            for e in coded.episodes[coder]
        ]
    return row


def coding_rows(coded: CodedTranscript) -> list[dict]:
    """A coding row for everybody who did anything on a session."""
    who = dict.fromkeys([*coded.tags, *coded.looked_at, *coded.ratings, *coded.episodes])
    return [coding_row(coded, coder) for coder in who]


def turn_row(turn: Turn, words: bool = True) -> dict:
    """A turn; without its words where the format has them elsewhere."""
    row: dict = {"index": turn.index, "id": turn.id, "speaker": turn.speaker.value}
    row |= {"name": turn.name} if turn.name != turn.speaker.value else {}
    row |= {"start": turn.start} if turn.start is not None else {}
    row |= {"end": turn.end} if turn.end is not None else {}
    row |= {"sentences": [[s.start, s.end] for s in turn.sentences]} if turn.sentences else {}
    return row | ({"text": turn.text} if words else {})


def tag_row(tag: TurnTag, coder: str) -> dict:
    """A tag, as stand-off files have it."""
    row = {
        "turn": tag.turn,
        "code": tag.code,
        "intensity": tag.intensity,
        "start": tag.evidence.start,
        "end": tag.evidence.end,
    }
    row |= {"score": tag.score} if tag.score != 1.0 else {}
    row |= {"turn_score": tag.turn_score} if tag.turn_score != 1.0 else {}
    return row | ({"source": tag.source} if tag.source != coder else {})


def turn_from(row: Row, index: int, text: str | None = None) -> Turn:
    """A turn from its row, at its place in the list."""
    speaker = row.text("speaker")
    if speaker not in list(Speaker):
        raise InputError(
            f"{row.where}: “speaker” must be therapist, client or other; it is something else.",
            "bad_exchange",
        )
    text = row.text("text") if text is None else text
    sentences = []
    for pair in row.items("sentences", []):
        if not isinstance(pair, list) or not _spans(pair, text):
            raise row.error("sentences", "a list of pairs of places within the text")
        sentences.append(Span(*pair))
    start, end = (row.number(k) if row.value.get(k) is not None else None for k in ("start", "end"))
    return Turn(
        index=index,
        id=row.text("id", f"t{index}"),
        speaker=Speaker(speaker),
        text=text,
        name=row.text("name", speaker),
        sentences=tuple(sentences),
        start=start,
        end=end,
    )


def tag_from(row: Row, coder: str, turns: Sequence[Turn]) -> TurnTag:
    """A tag from its row, which must fit the turns."""
    turn, code = row.whole("turn"), row.text("code")
    evidence = Span(row.whole("start"), row.whole("end"))
    check_span(turn, evidence, turns, row.where)
    return TurnTag(
        turn=turn,
        code=code,
        evidence=evidence,
        score=row.number("score", 1.0),
        intensity=intensity(row.whole("intensity", 2), row.where),
        source=row.text("source", coder),
        turn_score=row.number("turn_score", 1.0),
    )


def intensity(value: int, where: str) -> int:
    """An intensity, which is 1, 2 or 3."""
    if value not in (1, 2, 3):
        raise InputError(f"{where}: the intensity is {value}; 1, 2 or 3 was expected.", "bad_exchange")
    return value


def check_span(turn: int, evidence: Span, turns: Sequence[Turn], where: str) -> None:
    """That a tag's turn exists and its evidence lies within it."""
    if not 0 <= turn < len(turns):
        raise InputError(
            f"{where}: there is no turn {turn}; the session has turns 0 to {len(turns) - 1}.", "bad_exchange"
        )
    if not _spans([evidence.start, evidence.end], turns[turn].text):
        raise InputError(
            f"{where}: the evidence is from {evidence.start} to {evidence.end}; places within the "
            f"{len(turns[turn].text)} characters of turn {turn} were expected.",
            "bad_exchange",
        )


def coded_from(
    about: Row, turns: Sequence[Turn], codings: Sequence[Row], tags: Mapping[str, Sequence[TurnTag]]
) -> CodedTranscript:
    """A coded session from its parts; whoever has tags or a coding row is one of its coders."""
    at_most(len(turns), MAX_TURNS, "turns")
    by = {row.text("coder"): row for row in codings}
    coders = dict.fromkeys([*(c for c, row in by.items() if row.value.get("coded", True)), *tags])
    row_of = about.row("about", {})
    return CodedTranscript(
        transcript=Transcript(
            about.text("id"), tuple(turns), about.text("title", ""), about.text("source_format", "")
        ),
        tags={coder: tuple(tags.get(coder, ())) for coder in coders},
        episodes={
            c: tuple(_episode(e, len(turns)) for e in r.rows("episodes"))
            for c, r in by.items()
            if "episodes" in r.value
        },
        source=about.text("source", ""),
        about={key: row_of.text(key) for key in row_of.value},
        judged=frozenset(about.wholes("judged")) if "judged" in about.value else None,
        looked_at={c: frozenset(r.wholes("looked_at")) for c, r in by.items() if "looked_at" in r.value},
        ratings={
            c: {k: rated.number(k) for k in rated.value}
            for c, r in by.items()
            if "ratings" in r.value
            for rated in [r.row("ratings")]
        },
    )


def _episode(row: Row, turns: int) -> Episode:
    start, end = row.whole("start"), row.whole("end")
    if not 0 <= start <= end < turns:
        raise InputError(
            f"{row.where}: an episode must be from one turn of the session to another.", "bad_exchange"
        )
    return Episode(start, end, row.text("kind"), row.text("resolved"))


def _spans(pair: list, text: str) -> bool:
    whole = len(pair) == 2 and all(isinstance(n, int) and not isinstance(n, bool) for n in pair)
    return whole and 0 <= pair[0] < pair[1] <= len(text)
