"""Times as transcripts write them, in seconds."""

import math
import re

CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,7})?"
_CLOCK = re.compile(rf"\s*{CLOCK}\s*\Z", re.ASCII)


def parse_clock(text: str) -> float | None:
    """Seconds of `1:02:03.5`, `02:03` or `02:03,500`; None when it is not a time."""
    if len(text) > 40 or not _CLOCK.match(text):
        return None
    seconds = 0.0
    for part in text.strip().replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return round(seconds, 3)


def parse_time(value: object, per_second: float = 1.0) -> float | None:
    """Seconds of a number, a numeric string or a clock time; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        clock = parse_clock(value)
        if clock is not None:
            return clock
        if len(value) > 40:
            return None
    try:
        seconds = float(value) / per_second
    except (ValueError, OverflowError):
        return None
    return round(seconds, 3) if math.isfinite(seconds) and 0 <= seconds < 1e7 else None
