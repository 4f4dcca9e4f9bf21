"""JSON of speech recognisers that tell speakers apart: AWS Transcribe, Deepgram, AssemblyAI, WhisperX.

All cut talk by time or pause, so neighbouring pieces of one speaker are one turn.
"""

from collections.abc import Callable, Iterable

from nlp.errors import InputError
from nlp.reading.json_text import a_dict, a_list, a_text, entries
from nlp.reading.pieces import Notes, Piece, Reading
from nlp.reading.speech_aws import read_aws
from nlp.reading.times import parse_time
from nlp.reading.words import Word, by_time, words_to_pieces

_NO_LABELS = {
    "aws": "Run the transcription again with speaker labels on (ShowSpeakerLabels, MaxSpeakerLabels=2).",
    "deepgram": "Run the transcription again with diarize=true.",
    "assemblyai": "Run the transcription again with speaker_labels set to true.",
    "whisperx": "Run WhisperX again with --diarize.",
}


def speech_format(data: object) -> str | None:
    """Which recogniser made a JSON value, by its shape."""
    top, results = a_dict(data), a_dict(a_dict(data).get("results"))
    if "items" in results or "audio_segments" in results or "speaker_labels" in results:
        return "aws"
    if isinstance(top.get("Transcript"), list) and any(
        "ParticipantRole" in a_dict(t) for t in top["Transcript"][:9]
    ):
        return "aws"
    if "channels" in results or "utterances" in results:
        return "deepgram"
    if "audio_url" in top or "acoustic_model" in top or "language_model" in top or _is_assemblyai_error(top):
        return "assemblyai"
    if isinstance(top.get("utterances"), list) and isinstance(top.get("words"), list):
        return "assemblyai"
    if "word_segments" in top or (isinstance(top.get("segments"), list) and "turns" not in top):
        return "whisperx"
    return None


def _is_assemblyai_error(top: dict) -> bool:
    return top.get("status") == "error" and "error" in top


def read_speech(data: object, source_format: str, notes: Notes) -> Reading:
    """The talk in a recogniser's JSON; refused when it has no speaker labels."""
    notes.unit = "item"
    readers: dict[str, Callable[[dict, Notes], list[Piece]]] = {
        "aws": read_aws,
        "deepgram": _deepgram,
        "assemblyai": _assemblyai,
        "whisperx": _whisperx,
    }
    top = a_dict(data)
    pieces = readers[source_format](top, notes)
    if pieces and not any(p.name for p in pieces):
        raise InputError(f"This JSON has no speaker labels. {_NO_LABELS[source_format]}", "no_speakers")
    places = {p.place for p in pieces}
    title = a_text(top.get("jobName")) if source_format == "aws" else ""
    return Reading(
        source_format, pieces, {"items": max(places, default=0)}, joins=True, id=title, title=title
    )


def _deepgram(top: dict, notes: Notes) -> list[Piece]:
    results = a_dict(top.get("results"))
    channels = a_list(results.get("channels"))
    several = len(channels) > 1
    utterances = a_list(results.get("utterances"))
    if any("speaker" in a_dict(u) for u in utterances) or (utterances and several):
        return [
            Piece(
                i,
                _numbered(u.get("speaker") if not several else u.get("channel")),
                a_text(u.get("transcript")),
                parse_time(u.get("start")),
                parse_time(u.get("end")),
            )
            for i, u in entries(utterances, notes, "utterance")
        ]
    streams = [
        _deepgram_channel(a_dict(c), number if several else None, notes) for number, c in enumerate(channels)
    ]
    return by_time(p for stream in streams for p in stream) if several else [p for s in streams for p in s]


def _deepgram_channel(channel: dict, number: int | None, notes: Notes) -> list[Piece]:
    best = a_dict(next(iter(a_list(channel.get("alternatives"))), {}))
    paragraphs = a_list(a_dict(best.get("paragraphs")).get("paragraphs"))
    if any("speaker" in a_dict(p) for p in paragraphs) or (paragraphs and number is not None):
        return [
            Piece(
                i,
                _numbered(number if number is not None else p.get("speaker")),
                " ".join(a_text(a_dict(s).get("text")) for s in a_list(p.get("sentences"))),
                parse_time(p.get("start")),
                parse_time(p.get("end")),
            )
            for i, p in entries(paragraphs, notes, "paragraph")
        ]
    words = [
        Word(
            i,
            _numbered(number if number is not None else w.get("speaker")) or "",
            a_text(w.get("punctuated_word")) or a_text(w.get("word")),
            parse_time(w.get("start")),
            parse_time(w.get("end")),
        )
        for i, w in entries(best.get("words"), notes, "word")
    ]
    return words_to_pieces(words)


def _assemblyai(top: dict, notes: Notes) -> list[Piece]:
    if top.get("status") == "error":
        raise InputError(
            "This AssemblyAI file reports that the transcription failed. Transcribe the session again.",
            "malformed",
        )
    if a_list(top.get("utterances")):
        return [
            Piece(
                i,
                _lettered(u.get("speaker")),
                a_text(u.get("text")),
                parse_time(u.get("start"), 1000),
                parse_time(u.get("end"), 1000),
            )
            for i, u in entries(top["utterances"], notes, "utterance")
        ]
    words = [
        Word(
            i,
            _lettered(w.get("speaker")) or "",
            a_text(w.get("text")),
            parse_time(w.get("start"), 1000),
            parse_time(w.get("end"), 1000),
        )
        for i, w in entries(top.get("words"), notes, "word")
    ]
    return words_to_pieces(words)


def _whisperx(top: dict, notes: Notes) -> list[Piece]:
    pieces = []
    for place, segment in entries(top.get("segments"), notes, "segment"):
        name = _numbered(segment.get("speaker"))
        words = [a_dict(w) for w in a_list(segment.get("words"))]
        names = {a_text(w.get("speaker")) for w in words if w.get("speaker")}
        if len(names) > 1:  # a segment in which the speaker changes
            pieces += words_to_pieces(_whisperx_words(place, words, name or ""))
        else:
            text = a_text(segment.get("text"))
            pieces.append(
                Piece(place, name, text, parse_time(segment.get("start")), parse_time(segment.get("end")))
            )
    return pieces


def _whisperx_words(place: int, words: list[dict], name: str) -> Iterable[Word]:
    """Words that were not aligned have no speaker; they go with the word before."""
    last = next(a_text(w.get("speaker")) for w in words if w.get("speaker")) or name
    for word in words:
        last = a_text(word.get("speaker")) or last
        yield Word(
            place, last, a_text(word.get("word")), parse_time(word.get("start")), parse_time(word.get("end"))
        )


def _numbered(value: object) -> str | None:
    """0 as `Speaker 0`; a name stays a name."""
    text = a_text(value)
    return f"Speaker {text}" if text.isdecimal() else text or None


def _lettered(value: object) -> str | None:
    text = a_text(value)
    return f"Speaker {text}" if len(text) <= 2 and text.isalnum() else text or None
