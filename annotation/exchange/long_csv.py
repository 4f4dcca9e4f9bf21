"""A long table: a row for each turn, coder and tag; for statistics programs and spreadsheets.

A row with a coder and no code says that the coder judged the turn and found nothing.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from annotation.corpus import CodedTranscript
from annotation.exchange.carrying import losses
from annotation.exchange.files import Exported, Imported, Row, decoded, of_type
from annotation.exchange.rows import coded_from, tag_from, turn_from
from nlp.codebook import load_codebook
from nlp.errors import InputError

LOSES = frozenset({"titles", "formats", "sentences", "source", "about", "judged", "ratings", "episodes"})
COLUMNS = (
    *("session", "turn", "turn_id", "speaker", "name", "turn_start", "turn_end", "text"),
    *("coder", "code", "kind", "intensity", "evidence_start", "evidence_end", "evidence"),
    *("score", "turn_score", "tag_source"),
)
_WHOLE = ("turn", "evidence_start", "evidence_end", "intensity")
_NUMBERS = ("turn_start", "turn_end", "score", "turn_score")
csv.field_size_limit(10_000_000)


def write(coded: Sequence[CodedTranscript]) -> Exported:
    """One table of all sessions; warns of coders who judged no turn, as they have no row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for c in coded:
        writer.writerows(_rows(c))
    unseen = [
        f"long CSV cannot carry that a coder began session {number} and judged none of its turns."
        for number, c in enumerate(coded, 1)
        if any(not _seen(c, coder) for coder in c.tags)
    ]
    return Exported(
        {"coded.csv": out.getvalue().encode("utf-8-sig")}, (*losses(coded, LOSES, "long CSV"), *unseen)
    )


def read(files: Mapping[str, bytes]) -> Imported:
    """Sessions from long tables; columns that are not known are told of and left out."""
    tables: dict[str, list[Row]] = {}
    warnings: list[str] = []
    for name, raw in of_type(files, ".csv").items():
        reader = csv.DictReader(io.StringIO(decoded(raw, name), newline=""))
        given = set(reader.fieldnames or ())
        missing = {"session", "turn", "speaker", "text"} - given
        if missing:
            raise InputError(
                f"{name}, line 1: no column {', '.join(sorted(missing))}; the columns {', '.join(COLUMNS)} "
                "were expected, of which session, turn, speaker and text are needed.",
                "bad_exchange",
            )
        if unknown := sorted(map(str, given - set(COLUMNS))):
            warnings.append(f"{name}: columns that are not known were left out: {', '.join(unknown)}.")
        for row in _typed(reader, name):
            tables.setdefault(row.text("session"), []).append(row)
    return Imported(tuple(_session(id_, rows) for id_, rows in tables.items()), tuple(warnings))


def _seen(coded: CodedTranscript, coder: str) -> frozenset[int]:
    turns = frozenset(range(len(coded.transcript.turns)))
    return coded.looked_at.get(coder, turns) | {t.turn for t in coded.tags[coder]}


def _rows(coded: CodedTranscript) -> Iterator[dict]:
    codebook = load_codebook()
    seen = {coder: _seen(coded, coder) for coder in coded.tags}
    for turn in coded.transcript.turns:
        row = {
            "session": coded.transcript.id,
            "turn": turn.index,
            "turn_id": turn.id,
            "speaker": turn.speaker.value,
            "name": turn.name,
            "turn_start": turn.start,
            "turn_end": turn.end,
            "text": turn.text,
        }
        if not any(turn.index in of_coder for of_coder in seen.values()):
            yield row
        for coder in (c for c in coded.tags if turn.index in seen[c]):
            tags = [t for t in coded.tags[coder] if t.turn == turn.index]
            if not tags:
                yield row | {"coder": coder}
            for tag in tags:
                yield row | {
                    "coder": coder,
                    "code": tag.code,
                    "kind": codebook[tag.code].kind if tag.code in codebook else "",
                    "intensity": tag.intensity,
                    "evidence_start": tag.evidence.start,
                    "evidence_end": tag.evidence.end,
                    "evidence": turn.text[tag.evidence.start : tag.evidence.end],
                    "score": tag.score,
                    "turn_score": tag.turn_score,
                    "tag_source": tag.source,
                }


def _typed(reader: csv.DictReader, name: str) -> Iterator[Row]:
    """Rows with their numbers as numbers; the csv module's own complaints as InputError."""
    try:
        for raw in reader:
            where = f"{name}, line {reader.line_num}"
            if None in raw or None in raw.values():
                raise InputError(f"{where}: {len(reader.fieldnames)} cells were expected.", "bad_exchange")
            row: dict = {k: v for k, v in raw.items() if v}
            for columns, number, what in ((_WHOLE, int, "a whole number"), (_NUMBERS, float, "a number")):
                for column in (c for c in columns if c in row):
                    try:
                        row[column] = number(row[column])
                    except ValueError:
                        raise InputError(
                            f"{where}: column {column} is not a number; {what} was expected.", "bad_exchange"
                        ) from None
            yield Row(row, where)
    except csv.Error:
        raise InputError(
            f"{name}, line {reader.line_num}: this is not a table of comma-separated values.", "malformed"
        ) from None


def _session(id_: str, rows: list[Row]) -> CodedTranscript:
    first: dict[int, Row] = {}
    for row in rows:
        first.setdefault(row.whole("turn"), row)
    if sorted(first) != list(range(len(first))):
        raise InputError(
            f"{rows[0].where}: the turns of this session are not numbered 0 to {len(first) - 1}.",
            "bad_exchange",
        )
    turns = [turn_from(_renamed(first[i], _TURN), i) for i in range(len(first))]
    tags: dict[str, list] = {}
    seen: dict[str, set[int]] = {}
    for row in (r for r in rows if "coder" in r.value):
        coder = row.text("coder")
        seen.setdefault(coder, set()).add(row.whole("turn"))
        if "code" in row.value:
            tags.setdefault(coder, []).append(tag_from(_renamed(row, _TAG), coder, turns))
    for of_coder in tags.values():
        of_coder.sort(key=lambda t: t.turn)
    codings = [
        Row({"coder": c} | ({"looked_at": sorted(s)} if len(s) < len(turns) else {}), rows[0].where)
        for c, s in seen.items()
    ]
    return coded_from(Row({"id": id_}, rows[0].where), turns, codings, tags)


_TURN = {
    "turn_id": "id",
    "speaker": "speaker",
    "name": "name",
    "turn_start": "start",
    "turn_end": "end",
    "text": "text",
}
_TAG = {
    "turn": "turn", "code": "code", "intensity": "intensity", "evidence_start": "start", "evidence_end": "end",
    "score": "score", "turn_score": "turn_score", "tag_source": "source",
}  # fmt: skip


def _renamed(row: Row, names: Mapping[str, str]) -> Row:
    return Row({new: row.value[old] for old, new in names.items() if old in row.value}, row.where)
