"""The codebook: what may be coded, how to tell it, and what answers it."""

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from nlp.transcript import Speaker

WITHDRAWAL, CONFRONTATION, REPAIR = "withdrawal", "confrontation", "repair"


@dataclass(frozen=True)
class Code:
    """One entry: a marker (kind withdrawal or confrontation) or a strategy (kind repair)."""

    id: str
    kind: str
    name: str
    definition: str
    phrases: tuple[str, ...] = ()  # cues word for word; "..." stands for anything
    cues: tuple[str, ...] = ()  # cues in prose
    look_alikes: tuple[str, ...] = ()  # what resembles it and is not it
    hard_calls: tuple[str, ...] = ()  # what coders found hard
    wordings: tuple[str, ...] = ()  # further ways of saying it; they explain tags and are no coding rule
    answered_by: tuple[str, ...] = ()  # strategies that suit this marker, best first


@dataclass(frozen=True)
class Codebook:
    """All codes of one codebook version, in the codebook's order."""

    version: str
    codes: tuple[Code, ...]
    rules: tuple[str, ...] = ()  # how to code, in order
    hard_calls: tuple[str, ...] = ()  # those about no single code

    def __getitem__(self, code_id: str) -> Code:
        return self._by_id[code_id]

    def __contains__(self, code_id: object) -> bool:
        return code_id in self._by_id

    @cached_property
    def _by_id(self) -> dict[str, Code]:
        return {c.id: c for c in self.codes}

    @property
    def markers(self) -> tuple[str, ...]:
        return tuple(c.id for c in self.codes if c.kind != REPAIR)

    @property
    def strategies(self) -> tuple[str, ...]:
        return tuple(c.id for c in self.codes if c.kind == REPAIR)

    def of_kind(self, kind: str) -> tuple[str, ...]:
        return tuple(c.id for c in self.codes if c.kind == kind)

    def codes_for(self, speaker: Speaker) -> tuple[str, ...]:
        """The codes that a turn of this speaker may carry."""
        return {Speaker.CLIENT: self.markers, Speaker.THERAPIST: self.strategies}.get(speaker, ())


@cache
def load_codebook() -> Codebook:
    """The codebook that ships with the project (nlp/codebook.toml)."""
    raw = tomllib.loads(files("nlp").joinpath("codebook.toml").read_text(encoding="utf-8"))
    codes = tuple(Code(**_frozen(entry)) for entry in raw["code"])
    return Codebook(raw["version"], codes, rules=tuple(raw["rules"]), hard_calls=tuple(raw["hard_calls"]))


def _frozen(entry: dict) -> dict:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
