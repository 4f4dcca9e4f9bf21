"""Label Studio's JSON: a task a session, its turns as Paragraphs, each coder's tags as one annotation.

Label Studio counts places as its pages do, in UTF-16 units; here they are in code points.
"""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from annotation.corpus import CodedTranscript
from annotation.exchange.carrying import losses
from annotation.exchange.collecting import Collector
from annotation.exchange.files import Exported, Imported, Row, decoded, json_file, json_value, of_type
from annotation.exchange.joined import cut_warning
from annotation.exchange.rows import about_row, check_span, coding_rows, intensity, turn_from, turn_row
from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.tagging import TurnTag
from nlp.transcript import Span, Turn

LOSES = frozenset({"scores", "tag_sources"})


def write(coded: Sequence[CodedTranscript]) -> Exported:
    """tasks.json to import, and the labelling interface to paste into the project's settings."""
    return Exported(
        {
            "tasks.json": json_file([_task(c) for c in coded]),
            "labelling_interface.xml": _interface().encode(),
        },
        losses(coded, LOSES, "Label Studio"),
    )


def read(files: Mapping[str, bytes]) -> Imported:
    """Sessions from exports of Label Studio (JSON, not JSON-MIN)."""
    collector = Collector()
    for name, raw in of_type(files, ".json").items():
        tasks = json_value(decoded(raw, name), name)
        if not isinstance(tasks, list) or not all(isinstance(t, dict) for t in tasks):
            raise InputError(
                f"{name}: a list of tasks was expected, as Label Studio exports it.", "bad_exchange"
            )
        for number, task in enumerate(tasks, 1):
            _read_task(Row(task, f"{name}, task {number}"), collector)
    return collector.result()


def _task(coded: CodedTranscript) -> dict:
    turns = coded.transcript.turns
    return {
        "data": {
            "dialogue": [
                {"author": t.name or t.speaker.value, "text": t.text, "suture": turn_row(t, words=False)}
                for t in turns
            ],
            "suture": about_row(coded),
        },
        "annotations": [
            {
                "suture": coding,
                "completed_by": {"email": coding["coder"]},
                "result": [
                    part
                    for number, tag in enumerate(coded.tags.get(coding["coder"], ()))
                    for part in _regions(tag, turns[tag.turn].text, f"r{number}")
                ],
            }
            for coding in coding_rows(coded)
        ],
    }


def _regions(tag: TurnTag, text: str, id_: str) -> list[dict]:
    """A region with its code and, by the same id, how intense it is."""
    to = {"id": id_, "to_name": "dialogue"}
    where = {
        "start": str(tag.turn),
        "end": str(tag.turn),
        "startOffset": _units(text[: tag.evidence.start]),
        "endOffset": _units(text[: tag.evidence.end]),
    }
    words = text[tag.evidence.start : tag.evidence.end]
    return [
        to | {
            "type": "paragraphlabels",
            "from_name": "code",
            "value": where | {"text": words, "paragraphlabels": [tag.code]},
        },
        to | {"type": "number", "from_name": "intensity", "value": where | {"number": tag.intensity}},
    ]  # fmt: skip


def _read_task(task: Row, collector: Collector) -> None:
    data = task.row("data")
    said = list(data.rows("dialogue"))
    turns = [_turn(row, index) for index, row in enumerate(said)]
    about = data.row("suture", {})
    known = about if "id" in about.value else Row({"id": str(task.value.get("id", task.where))}, task.where)
    session = collector.add_session(known, turns)
    annotations = [*task.rows("annotations", []), *task.rows("completions", [])]
    for number, annotation in enumerate(annotations, 1):
        if annotation.value.get("was_cancelled"):
            collector.warn(f"{annotation.where}: it was skipped in Label Studio; left out.")
            continue
        coding = annotation.row("suture", {"coder": _coder(annotation, number)})
        collector.add_coding(session, coding, _tags(annotation, coding.text("coder"), turns, collector))


def _turn(row: Row, index: int) -> Turn:
    about = row.row("suture", {"speaker": row.text("author").strip().lower(), "name": row.text("author")})
    return turn_from(about, index, row.text("text"))


def _coder(annotation: Row, number: int) -> str:
    """Who annotated: an e-mail address or number in Label Studio."""
    who = annotation.value.get("completed_by")
    if isinstance(who, dict):
        who = who.get("email") or who.get("id")
    return str(who) if isinstance(who, str | int) else f"annotator {number}"


def _tags(annotation: Row, coder: str, turns: Sequence[Turn], collector: Collector) -> list[TurnTag]:
    results = list(annotation.rows("result"))
    strengths = {
        r.value.get("id"): intensity(r.row("value").whole("number"), r.where)
        for r in results
        if r.value.get("type") == "number" and r.value.get("from_name") == "intensity"
    }
    tags = []
    for result in results:
        if result.value.get("type") == "paragraphlabels":
            turn, span = _evidence(result.row("value"), turns, collector)
            strength = strengths.get(result.value.get("id"), 2)
            for code in result.row("value").items("paragraphlabels"):
                tags.append(TurnTag(turn, str(code), span, intensity=strength, source=coder))
        elif result.value.get("type") != "number":
            collector.warn(f"{result.where}: of another kind than a code on words; left out.")
    return tags


def _evidence(value: Row, turns: Sequence[Turn], collector: Collector) -> tuple[int, Span]:
    ends = [str(value.value.get(key, "")) for key in ("start", "end")]
    if not all(e.isascii() and e.isdecimal() and len(e) < 7 for e in ends):
        raise value.error("start", "the number of a paragraph, as text")
    turn, last = map(int, ends)
    text = turns[turn].text if turn < len(turns) else ""
    start = _points(text, value.whole("startOffset"))
    end = len(text) if last > turn else _points(text, value.whole("endOffset"))
    if last > turn:
        collector.warn(cut_warning(value.where))
    check_span(turn, Span(start, end), turns, value.where)
    return turn, Span(start, end)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _points(text: str, units: int) -> int:
    """Code points before a place in UTF-16 units; beyond the text, beyond it here too."""
    if not 0 <= units <= _units(text):
        return len(text) + 1
    return len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore"))


def _interface() -> str:
    labels = "\n".join(f"      <Label value={quoteattr(code.id)}/>" for code in load_codebook().codes)
    return f"""<View>
  <ParagraphLabels name="code" toName="dialogue" choice="multiple">
{labels}
  </ParagraphLabels>
  <Paragraphs name="dialogue" value="$dialogue" layout="dialogue"/>
  <Number name="intensity" toName="dialogue" perRegion="true" min="1" max="3" step="1"/>
</View>
"""
