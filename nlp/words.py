"""Word lists by what they speak of (nlp/words.toml), for explaining tags."""

import tomllib
from importlib.resources import files

_RAW = tomllib.loads(files("nlp").joinpath("words.toml").read_text(encoding="utf-8"))


def plain(word: str) -> str:
    """A word as it is compared: in lower case and without apostrophes, so that typed "dont" is "don't"."""
    return word.lower().replace("’", "").replace("'", "")


def _words(name: str) -> frozenset[str]:
    return frozenset(map(plain, _RAW[name].split()))


COMMON = _words("common")
FEELING = _words("feeling")
HEAVY = _words("heavy")
ONESELF = _words("oneself")
IMPERSONAL = _words("impersonal")
TASK = _words("task")
FRAME = _words("frame")
STILL = _words("still")
NOT = _words("not")
ASSENT = _words("assent")
PRESSING = tuple(_RAW["pressing"])
