"""How much one file may hold, and the refusal of what holds more.

The limits are far above any session (an hour has some 10,000 words and 600 turns) and are looked
at before the work is done, so that no file takes more than seconds.
"""

from nlp.errors import InputError

MAX_BYTES = 20 * 1024 * 1024
MAX_CHARACTERS = 6_000_000  # of text that is read line by line
MAX_LINES = 500_000  # blank ones and all
MAX_PIECES = 60_000  # lines with words, cues, rows, segments, paragraphs
MAX_WORD_ITEMS = 200_000  # single words, where a recogniser lists them
MAX_TURNS = 20_000
MAX_WORDS = 400_000
MAX_SPEAKERS = 40


def at_most(count: int, limit: int, what: str) -> None:
    """Refuses a file with more of something than any session has."""
    if count > limit:
        raise InputError(
            f"This file has more than {limit:,} {what}, which no session has. "
            "Give the transcript of one session at a time.",
            "too_large",
        )


def no_speakers() -> InputError:
    """The refusal of talk that nobody is named for."""
    return InputError(
        "No speakers were found in this file. Each turn must say who speaks, "
        "for example “T:” and “C:” at the beginning of its line.",
        "no_speakers",
    )
