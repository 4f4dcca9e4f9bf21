"""doccano's JSON Lines: a file a coder, a document a session with a line a turn, labels as [start, end, code]."""

from collections.abc import Mapping, Sequence

from annotation.corpus import CodedTranscript
from annotation.exchange.carrying import losses
from annotation.exchange.collecting import Collector
from annotation.exchange.files import Exported, Imported, Row, file_name, json_lines, json_rows, of_type
from annotation.exchange.joined import cut_warning, join_turns, place
from annotation.exchange.rows import about_row, coding_row, turn_from, turn_row
from nlp.errors import InputError
from nlp.tagging import TurnTag
from nlp.transcript import Turn

LOSES = frozenset({"intensity", "scores", "tag_sources"})
NOBODY = "nobody"


def write(coded: Sequence[CodedTranscript]) -> Exported:
    """A file for each coder, as doccano exports them; one more for sessions that nobody coded."""
    lines: dict[str | None, list[dict]] = {}
    for c in coded:
        coders = dict.fromkeys([*c.tags, *c.looked_at, *c.ratings, *c.episodes])
        for coder in coders or (None,):
            lines.setdefault(coder, []).append(_document(c, coder))
    files: dict[str, bytes] = {}
    for coder, documents in lines.items():
        files[file_name(NOBODY if coder is None else coder, files, ".jsonl")] = json_lines(documents)
    return Exported(files, losses(coded, LOSES, "doccano"))


def read(files: Mapping[str, bytes]) -> Imported:
    """Sessions from doccano's exports of documents that Suture gave it."""
    collector = Collector()
    for name, raw in of_type(files, ".jsonl").items():
        for document in json_rows(raw, name):
            _read_document(document, collector)
    return collector.result()


def _document(coded: CodedTranscript, coder: str | None) -> dict:
    turns = coded.transcript.turns
    text, starts = join_turns(turns)
    labels = [
        [starts[t.turn] + t.evidence.start, starts[t.turn] + t.evidence.end, t.code]
        for t in coded.tags.get(coder, ())
    ]
    about = {
        "session": about_row(coded),
        "turns": [turn_row(t, words=False) | {"length": len(t.text)} for t in turns],
    }
    return {"text": text, "label": labels, **about} | (
        {} if coder is None else {"coding": coding_row(coded, coder)}
    )


def _read_document(document: Row, collector: Collector) -> None:
    turns = _turns(document)
    session = collector.add_session(document.row("session"), turns)
    if "coding" not in document.value:
        return
    coding = document.row("coding")
    starts = join_turns(turns)[1]
    tags = []
    for number, (start, end, code) in enumerate(_labels(document), 1):
        where = f"{document.where}, label {number}"
        placed = place(start, end, turns, starts)
        if placed is None or start < 0:
            raise InputError(f"{where}: no words of the session lie at {start} to {end}.", "bad_exchange")
        turn, span, cut = placed
        if cut:
            collector.warn(cut_warning(where))
        tags.append(TurnTag(turn, code, span, source=coding.text("coder")))
    collector.add_coding(session, coding, tags)


def _turns(document: Row) -> list[Turn]:
    """The turns cut out of the text by their lengths."""
    text, at, turns = document.text("text"), 0, []
    for index, row in enumerate(document.rows("turns")):
        end = at + row.whole("length")
        if not at <= end <= len(text):
            break
        turns.append(turn_from(row, index, text[at:end]))
        at = end + 1
    if at != len(text) + 1 or join_turns(turns)[0] != text:
        raise InputError(
            f"{document.where}: the text is not the one that Suture exported; it must stay as it was.",
            "bad_exchange",
        )
    return turns


def _labels(document: Row) -> list[tuple[int, int, str]]:
    """Labels as doccano writes them: triples, or objects in projects with relations."""
    found = []
    key = next((k for k in ("label", "labels", "entities") if k in document.value), "label")
    for item in document.items(key, []):
        if isinstance(item, dict):
            row = Row(item, document.where)
            found.append((row.whole("start_offset"), row.whole("end_offset"), row.text("label")))
        elif isinstance(item, list) and [type(x) for x in item] == [int, int, str]:
            found.append(tuple(item))
        else:
            raise document.error(key, "a list of [start, end, code]")
    return found
