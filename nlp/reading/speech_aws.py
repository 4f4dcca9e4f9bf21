"""JSON of AWS Transcribe: audio segments, items with speaker labels, channels, Call Analytics."""

from collections.abc import Iterable

from nlp.reading.json_text import a_dict, a_list, a_text, entries
from nlp.reading.pieces import Notes, Piece
from nlp.reading.times import parse_time
from nlp.reading.words import Word, by_time, words_to_pieces


def read_aws(top: dict, notes: Notes) -> list[Piece]:
    """Pieces from the most exact account of speakers that the file has."""
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
            for i, e in entries(top["Transcript"], notes, "turn")
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
            for i, s in entries(segments, notes, "segment")
        ]
    channels = a_list(a_dict(results.get("channel_labels")).get("channels"))
    if channels and not a_dict(results.get("speaker_labels")).get("segments"):
        streams = [
            words_to_pieces(
                _aws_words(a_dict(c).get("items"), {}, a_text(a_dict(c).get("channel_label")), notes)
            )
            for c in channels
        ]
        return by_time(piece for stream in streams for piece in stream)
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
    for place, item in entries(items, notes, "item"):
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
