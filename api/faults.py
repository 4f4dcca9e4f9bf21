"""What may be told of an unexpected error."""

import traceback


def where(error: BaseException) -> str:
    """The kind of an error and the lines it came through; not its message, which may quote a transcript."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return f"{type(error).__name__} in " + " < ".join(f"{f.name}:{f.lineno}" for f in frames)
