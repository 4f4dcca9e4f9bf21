"""spaCy's DocBin: a Doc a session, its turns as the span group “turns”, each coder's tags as a group of their own.

Span groups keep to tokens, so that each tag's exact place is in its span's id, as turn:start:end:intensity.
"""

import json
from collections.abc import Mapping, Sequence

from annotation.corpus import CodedTranscript
from annotation.exchange.carrying import losses
from annotation.exchange.collecting import Collector
from annotation.exchange.files import Exported, Imported, Row, json_value, of_type
from annotation.exchange.joined import cut_warning, join_turns, place
from annotation.exchange.rows import about_row, check_span, coding_rows, intensity, turn_from, turn_row
from nlp.errors import InputError
from nlp.tagging import TurnTag
from nlp.transcript import Span, Turn

LOSES = frozenset({"scores", "tag_sources"})
TURNS, _CODER = "turns", "coder:"


def write(coded: Sequence[CodedTranscript]) -> Exported:
    """coded.spacy, tokenised by spaCy's English rules; load with DocBin().from_disk and spacy.blank("en")."""
    import spacy
    from spacy.tokens import DocBin

    blank = spacy.blank("en")
    blank.max_length = 10**8
    docs = DocBin(store_user_data=True)
    for c in coded:
        text, starts = join_turns(c.transcript.turns)
        doc = blank(text)
        doc.spans[TURNS] = [
            doc.char_span(s, s + len(t.text), label=t.speaker.value, alignment_mode="expand")
            for s, t in zip(starts, c.transcript.turns, strict=True)
        ]
        for coder, tags in c.tags.items():
            doc.spans[_CODER + coder] = [_span(doc, tag, starts[tag.turn]) for tag in tags]
        turns = [turn_row(t) for t in c.transcript.turns]
        doc.user_data["suture"] = json.dumps(
            {"session": about_row(c), "turns": turns, "codings": coding_rows(c)}
        )
        docs.add(doc)
    return Exported({"coded.spacy": docs.to_bytes()}, losses(coded, LOSES, "spaCy's DocBin"))


def read(files: Mapping[str, bytes]) -> Imported:
    """Sessions from DocBins; a span without an exact place of its own is taken as its tokens are."""
    collector = Collector()
    for name, raw in of_type(files, ".spacy").items():
        for number, doc in enumerate(_docs(raw, name), 1):
            _read_doc(doc, f"{name}, document {number}", collector)
    return collector.result()


def _span(doc, tag: TurnTag, start: int):
    exact = f"{tag.turn}:{tag.evidence.start}:{tag.evidence.end}:{tag.intensity}"
    return doc.char_span(
        start + tag.evidence.start, start + tag.evidence.end,
        label=tag.code, span_id=exact, alignment_mode="expand",
    )  # fmt: skip


def _docs(raw: bytes, name: str) -> list:
    import spacy
    from spacy.tokens import DocBin

    try:
        return list(DocBin(store_user_data=True).from_bytes(raw).get_docs(spacy.blank("en").vocab))
    except Exception:  # zlib, msgpack and spaCy each have errors of their own for damaged files
        raise InputError(
            f"{name}: this is not a DocBin that spaCy can load; it may be cut short. Export it again.",
            "malformed",
        ) from None


def _read_doc(doc, where: str, collector: Collector) -> None:
    about = Row(doc.user_data, where)
    if "suture" not in doc.user_data:
        raise InputError(
            f"{where}: it does not say which turns it has. Only documents that Suture exported are read, "
            "with their user data stored (store_user_data=True).",
            "bad_exchange",
        )
    about = Row({"suture": json_value(about.text("suture"), where)}, where).row("suture")
    turns = [turn_from(row, index) for index, row in enumerate(about.rows("turns"))]
    text, starts = join_turns(turns)
    if doc.text != text:
        raise InputError(f"{where}: the text is not the one that Suture exported.", "bad_exchange")
    session = collector.add_session(about.row("session"), turns)
    groups = {key[len(_CODER) :]: group for key, group in doc.spans.items() if key.startswith(_CODER)}
    other = sorted(k for k in doc.spans if k != TURNS and not k.startswith(_CODER))
    if other:
        collector.warn(f"{where}: span groups that are no coder's were left out: {', '.join(other)}.")
    codings = {row.text("coder"): row for row in about.rows("codings")}
    for coder in dict.fromkeys([*codings, *groups]):
        tags = [_tag(s, coder, turns, starts, where, collector) for s in groups.get(coder, ())]
        collector.add_coding(session, codings.get(coder, Row({"coder": coder}, where)), tags)


def _tag(
    span, coder: str, turns: Sequence[Turn], starts: Sequence[int], where: str, collector: Collector
) -> TurnTag:
    parts = span.id_.split(":")
    if len(parts) == 4 and all(p.isascii() and p.isdecimal() and len(p) < 8 for p in parts):
        turn, start, end, strength = map(int, parts)
        check_span(turn, Span(start, end), turns, where)
        return TurnTag(
            turn, span.label_, Span(start, end), intensity=intensity(strength, where), source=coder
        )
    placed = place(span.start_char, span.end_char, turns, starts)
    if placed is None:
        raise InputError(f"{where}: a span lies on no turn.", "bad_exchange")
    turn, evidence, cut = placed
    if cut:
        collector.warn(cut_warning(where))
    return TurnTag(turn, span.label_, evidence, source=coder)
