"""The formats that coded sessions can be written in and read from, by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from annotation.corpus import CodedTranscript
from annotation.exchange import (
    convokit,
    docbin,
    doccano,
    elan,
    hugging_face,
    jsonl,
    label_studio,
    long_csv,
    uima,
)
from annotation.exchange.files import Exported, Imported
from nlp.errors import InputError


@dataclass(frozen=True)
class Format:
    """A format: what people call it, what it is good for, what it loses, and its two functions."""

    name: str
    title: str
    use: str
    loses: frozenset[str]
    write: Callable[[Sequence[CodedTranscript]], Exported]
    read: Callable[[Mapping[str, bytes]], Imported]


FORMATS: tuple[Format, ...] = tuple(
    Format(name, title, use, module.LOSES, module.write, module.read)
    for name, title, use, module in (
        ("jsonl", "Suture JSON Lines", "everything, with text and tags apart", jsonl),
        ("csv", "Long CSV", "statistics programs and spreadsheets", long_csv),
        ("label-studio", "Label Studio", "coding in Label Studio", label_studio),
        ("doccano", "doccano", "coding in doccano", doccano),
        ("convokit", "ConvoKit corpus", "analysis of conversations in Python", convokit),
        ("elan", "ELAN", "coding along audio or video", elan),
        ("docbin", "spaCy DocBin", "training with spaCy", docbin),
        ("uima", "UIMA CAS", "coding in INCEpTION", uima),
        ("hugging-face", "Hugging Face data set", "training with datasets", hugging_face),
    )
)


def format_named(name: str) -> Format:
    """The format of this name; InputError, with all names, where there is none."""
    for known in FORMATS:
        if known.name == name:
            return known
    raise InputError(
        f"format: there is no “{name}”; one of {', '.join(f.name for f in FORMATS)} was expected."
    )
