"""The bank of ways to repair a rupture (nlp/repair.toml), its sources written out."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NOW, LATER = "now", "later"
ONESELF = "oneself"


@dataclass(frozen=True)
class Entry:
    """One way to repair, in words a therapist could say; nlp/repair.toml tells what the fields mean."""

    markers: tuple[str, ...]
    strategy: str
    timing: str
    direct: bool
    wording: str
    because: str
    source: str
    caution: str = ""
    to: str = "client"
    when: str = ""


@cache
def load_bank() -> tuple[Entry, ...]:
    """The bank that ships with the project, its sources written out."""
    raw = _raw()
    return tuple(
        Entry(
            **{
                **entry,
                "markers": tuple(entry["markers"]),
                "source": raw["sources"][entry["source"]],
                "caution": entry.get("caution", "") or _usual_caution(raw, entry),
            }
        )
        for entry in raw["entry"]
    )


def _usual_caution(raw: dict, entry: dict) -> str:
    return "" if entry.get("to") == ONESELF else raw["cautions"].get(entry["strategy"], "")


@cache
def _raw() -> dict:
    return tomllib.loads(files("nlp").joinpath("repair.toml").read_text(encoding="utf-8"))


def credit_source() -> str:
    """The source behind crediting what was done."""
    return _raw()["sources"]["meta_2018"]
