"""JSON of speech recognisers that tell speakers apart: AWS Transcribe, Deepgram, AssemblyAI, WhisperX.

All cut talk by time or pause, so neighbouring pieces of one speaker are one turn.
"""

from collections.abc import Callable, Iterable

from nlp.errors import InputError
from nlp.reading.json_text import a_dict, a_list, a_text
from nlp.reading.pieces import Notes, Piece, Reading
from nlp.reading.times import parse_time
from nlp.reading.words import Word, words_to_pieces

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
        "aws": _aws,
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


def _entries(value: object, notes: Notes, unit: str) -> Iterable[tuple[int, dict]]:
    """The objects of a list with their numbers from 1; anything else among them is noted."""
    notes.unit = unit
    for place, entry in enumerate(a_list(value), 1):
        if isinstance(entry, dict):
            yield place, entry
        else:
            notes.add(place, "not of the expected form; left out.")


def _aws(top: dict, notes: Notes) -> list[Piece]:
    results = a_dict(top.get("results"))
    if isinstance(top.get("Transcript"), list):  # Call Analytics
        return [
            Piece(
                i,
                a_text(e.get("ParticipantRole")) or None,
                a_text(e.get("Content")),
                parse_time(e.get("BeginOffsetMillis"), 1000),
                parse_time(e.get("EndOffsetMillis"), 1000),
            )
            for i, e in _entries(top["Transcript"], notes, "turn")
        ]
    segments = a_list(results.get("audio_segments"))
    if any(a_dict(s).get("speaker_label") for s in segments):
        return [
            Piece(
                i,
                a_text(s.get("speaker_label")) or None,
                a_text(s.get("transcript")),
                parse_time(s.get("start_time")),
                parse_time(s.get("end_time")),
            )
            for i, s in _entries(segments, notes, "segment")
        ]
    channels = a_list(a_dict(results.get("channel_labels")).get("channels"))
    if channels and not a_dict(results.get("speaker_labels")).get("segments"):
        streams = [
            words_to_pieces(
                _aws_words(a_dict(c).get("items"), {}, a_text(a_dict(c).get("channel_label")), notes)
            )
            for c in channels
        ]
        return _by_time(piece for stream in streams for piece in stream)
    return words_to_pieces(_aws_words(results.get("items"), _aws_labels(results), "", notes))


def _aws_labels(results: dict) -> dict[str, str]:
    """Speaker by start time, as files before 2023 give it."""
    labels = {}
    for segment in a_list(a_dict(results.get("speaker_labels")).get("segments")):
        for item in a_list(a_dict(segment).get("items")):
            item = a_dict(item)
            label = a_text(item.get("speaker_label")) or a_text(a_dict(segment).get("speaker_label"))
            labels[a_text(item.get("start_time"))] = label
    return labels


def _aws_words(items: object, labels: dict[str, str], channel: str, notes: Notes) -> Iterable[Word]:
    last = channel
    for place, item in _entries(items, notes, "item"):
        content = next((a_text(a_dict(a).get("content")) for a in a_list(item.get("alternatives"))), "")
        if not content:
            notes.add(place, "has no words; left out.")
            continue
        glued = item.get("type") == "punctuation"
        if not glued:
            last = (
                a_text(item.get("speaker_label")) or labels.get(a_text(item.get("start_time")), "") or channel
            )
        yield Word(
            place, last, content, parse_time(item.get("start_time")), parse_time(item.get("end_time")), glued
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
            for i, u in _entries(utterances, notes, "utterance")
        ]
    streams = [
        _deepgram_channel(a_dict(c), number if several else None, notes) for number, c in enumerate(channels)
    ]
    return _by_time(p for stream in streams for p in stream) if several else [p for s in streams for p in s]


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
            for i, p in _entries(paragraphs, notes, "paragraph")
        ]
    words = [
        Word(
            i,
            _numbered(number if number is not None else w.get("speaker")) or "",
            a_text(w.get("punctuated_word")) or a_text(w.get("word")),
            parse_time(w.get("start")),
            parse_time(w.get("end")),
        )
        for i, w in _entries(best.get("words"), notes, "word")
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
            for i, u in _entries(top["utterances"], notes, "utterance")
        ]
    words = [
        Word(
            i,
            _lettered(w.get("speaker")) or "",
            a_text(w.get("text")),
            parse_time(w.get("start"), 1000),
            parse_time(w.get("end"), 1000),
        )
        for i, w in _entries(top.get("words"), notes, "word")
    ]
    return words_to_pieces(words)


def _whisperx(top: dict, notes: Notes) -> list[Piece]:
    pieces = []
    for place, segment in _entries(top.get("segments"), notes, "segment"):
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


def _by_time(pieces: Iterable[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda p: p.start or 0.0)
