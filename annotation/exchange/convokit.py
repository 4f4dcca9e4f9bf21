"""A ConvoKit corpus folder: a conversation a session, an utterance a turn, tags in the utterances' meta."""

from collections.abc import Mapping, Sequence

from annotation.corpus import CodedTranscript
from annotation.exchange.files import (
    Exported,
    Imported,
    Row,
    json_file,
    json_lines,
    json_row,
    json_rows,
    needed,
)
from annotation.exchange.rows import (
    about_row,
    coded_from,
    coding_rows,
    tag_from,
    tag_row,
    turn_from,
    turn_row,
)
from nlp.errors import InputError

LOSES: frozenset[str] = frozenset()
_BETWEEN = "#"


def write(coded: Sequence[CodedTranscript]) -> Exported:
    """The five files that ConvoKit's Corpus(filename=folder) loads."""
    utterances = [u for c in coded for u in _utterances(c)]
    speakers = {u["speaker"]: {"vectors": [], "meta": _speaker_meta(u)} for u in utterances}
    conversations = {
        _conversation(c): {"vectors": [], "meta": {"session": about_row(c), "codings": coding_rows(c)}}
        for c in coded
    }
    index = {
        "utterances-index": {"turn": ["<class 'dict'>"], "tags": ["<class 'list'>"]},
        "speakers-index": {"role": ["<class 'str'>"], "name": ["<class 'str'>"]},
        "conversations-index": {"session": ["<class 'dict'>"], "codings": ["<class 'list'>"]},
        "overall-index": {"made_by": ["<class 'str'>"]},
        "vectors": [],
        "version": 1,
    }
    return Exported(
        {
            "utterances.jsonl": json_lines(utterances),
            "speakers.json": json_file(speakers),
            "conversations.json": json_file(conversations),
            "corpus.json": json_file({"made_by": "Suture"}),
            "index.json": json_file(index),
        }
    )


def read(files: Mapping[str, bytes]) -> Imported:
    """Sessions from a corpus folder; utterances that another program made need a speaker's role in their meta."""
    path, raw = needed(files, "utterances.jsonl")
    by_conversation: dict[str, list[Row]] = {}
    for row in json_rows(raw, path):
        key = "conversation_id" if "conversation_id" in row.value else "root"
        by_conversation.setdefault(row.text(key), []).append(row)
    conversations = json_row(*reversed(needed(files, "conversations.json")))
    warnings: list[str] = []
    coded = [_session(id_, rows, conversations, warnings) for id_, rows in by_conversation.items()]
    return Imported(tuple(coded), tuple(warnings))


def _conversation(coded: CodedTranscript) -> str:
    """ConvoKit names a conversation by its first utterance."""
    return f"{coded.transcript.id}{_BETWEEN}0"


def _utterances(coded: CodedTranscript) -> list[dict]:
    id_ = coded.transcript.id
    return [
        {
            "id": f"{id_}{_BETWEEN}{turn.index}",
            "conversation_id": _conversation(coded),
            "text": turn.text,
            "speaker": f"{id_}{_BETWEEN}{turn.speaker.value}{_BETWEEN}{turn.name}",
            "meta": {
                "turn": turn_row(turn, words=False),
                "tags": [
                    {"coder": coder, **tag_row(tag, coder)}
                    for coder, tags in coded.tags.items()
                    for tag in tags
                    if tag.turn == turn.index
                ],
            },
            "reply-to": f"{id_}{_BETWEEN}{turn.index - 1}" if turn.index else None,
            "timestamp": turn.start,
            "vectors": [],
        }
        for turn in coded.transcript.turns
    ]


def _speaker_meta(utterance: dict) -> dict:
    turn = utterance["meta"]["turn"]
    return {"role": turn["speaker"], "name": turn.get("name", turn["speaker"])}


def _session(id_: str, rows: list[Row], conversations: Row, warnings: list[str]) -> CodedTranscript:
    if all("turn" in row.row("meta", {}).value for row in rows):
        rows = sorted(rows, key=lambda row: row.row("meta").row("turn").whole("index"))
    turns = []
    for index, row in enumerate(rows):
        meta = row.row("meta", {})
        other = {} if "turn" in meta.value else {"speaker": _role(row), "name": row.text("speaker")}
        turns.append(turn_from(meta.row("turn", other), index, row.text("text")))
    tags: dict[str, list] = {}
    for row in rows:
        for tag in row.row("meta", {}).rows("tags", []):
            tags.setdefault(tag.text("coder"), []).append(tag_from(tag, tag.text("coder"), turns))
    meta = conversations.row(id_, {}).row("meta", {})
    about = meta.row("session", {"id": id_})
    other = sorted({k for row in rows for k in row.row("meta", {}).value} - {"turn", "tags"})
    if other:
        warnings.append(
            f"conversation of {rows[0].where}: meta that is not Suture's was left out: {', '.join(other)}."
        )
    return coded_from(about, turns, list(meta.rows("codings", [])), tags)


def _role(row: Row) -> str:
    meta = row.row("meta", {}).value
    for said in (meta.get("role"), meta.get("speaker_type"), row.value.get("speaker")):
        if isinstance(said, str) and said.lower() in ("therapist", "client", "other"):
            return said.lower()
    raise InputError(
        f"{row.where}: nothing says whether the therapist or the client speaks; “role” in the utterance's "
        "meta was expected.",
        "bad_exchange",
    )
