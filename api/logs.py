"""What is written to the log: never a message that could carry transcript text, a name or a value."""

import logging
import sys
import traceback

OWN_WORDS = ("suture", "uvicorn")  # loggers whose messages we know to be harmless
error_log = logging.getLogger("suture.error")


def log_bug(bug: BaseException, number: str, doing: str) -> None:
    """Log a bug by its type and where it happened, under the number that its victim was given."""
    error_log.error("%s %s\n%s", doing, number, outline(bug))


def outline(bug: BaseException | None) -> str:
    """The types and places of an exception and of those behind it; their messages and locals stay out."""
    lines = []
    while bug is not None:
        lines.append(f"{type(bug).__module__}.{type(bug).__qualname__}")
        frames = traceback.extract_tb(bug.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        bug = bug.__cause__ or bug.__context__
    return "\n".join(lines)


class DiscreetFormatter(logging.Formatter):
    """Time, logger and message; of other people's libraries only that they said something."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        if record.name.partition(".")[0] not in OWN_WORDS:
            record.message = "(a library's message, withheld: it may quote a transcript)"
        return super().formatMessage(record)

    def formatException(self, ei) -> str:
        return outline(ei[1])


def set_up_logs(level: int = logging.INFO) -> None:
    """Send our own log, and no more than the fact of others' warnings, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("suture").setLevel(level)
