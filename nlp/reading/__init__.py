"""Reads a session transcript of any common format; `read_transcript` is the one way in."""

from nlp.reading.finishing import ReadResult
from nlp.reading.limits import MAX_BYTES
from nlp.reading.reader import read_transcript

__all__ = ["MAX_BYTES", "ReadResult", "read_transcript"]
