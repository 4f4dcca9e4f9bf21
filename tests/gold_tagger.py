"""A tagger for tests that knows the written sessions' gold tags, so no trained model is needed.

It tells a session by the words of its turns, not by its id, so it works as well on a session that
went through a VTT or a Word file. On text it does not know every score is low.
"""

import json
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files

from nlp.codebook import CONFRONTATION, REPAIR, WITHDRAWAL, load_codebook
from nlp.tagging import ModelInfo, Strictness, TurnScores
from nlp.transcript import Span, Speaker, Transcript, Turn

LOW = 0.03
BY_INTENSITY = {1: 0.91, 2: 0.95, 3: 0.98}


def _level(threshold: float) -> Strictness:
    codes = dict.fromkeys(load_codebook().markers + load_codebook().strategies, threshold)
    return Strictness(
        rupture=threshold, withdrawal=threshold, confrontation=threshold, repair=threshold, codes=codes
    )


def gold_info() -> ModelInfo:
    """Sensitive and balanced mark every gold tag; strict leaves out those of intensity 1."""
    return ModelInfo(
        name="gold-tags",
        version="1",
        codebook_version=load_codebook().version,
        thresholds={"sensitive": _level(0.3), "balanced": _level(0.5), "strict": _level(0.93)},
    )


@cache
def _written() -> dict[str, dict]:
    text = files("annotation").joinpath("data", "written_sessions.jsonl").read_text(encoding="utf-8")
    return {s["id"]: s for s in map(json.loads, text.splitlines())}


def gold_turns(session: str) -> list[dict]:
    """The turns of one written session as the corpus has them: index, speaker, text, tags."""
    return _written()[session]["turns"]


def gold_episodes(session: str) -> list[dict]:
    """The episodes of one written session: start, end, kind, resolved."""
    return _written()[session]["episodes"]


def written_ids() -> tuple[str, ...]:
    """The ids of all written sessions, in the file's order."""
    return tuple(_written())


def written_session(session: str) -> Transcript:
    """One written session as a transcript with its roles and no sentences yet."""
    turns = tuple(
        Turn(t["index"], f"t{t['index']}", Speaker(t["speaker"]), t["text"], name=t["speaker"].capitalize())
        for t in gold_turns(session)
    )
    return Transcript(id=session, turns=turns, title=session, source_format="json")


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


@cache
def _sessions_by_words() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for session, raw in _written().items():
        for key in {_key(t["text"]) for t in raw["turns"]}:
            found.setdefault(key, []).append(session)
    return {key: tuple(sessions) for key, sessions in found.items()}


def _likeliest_session(transcript: Transcript) -> str | None:
    votes: dict[str, int] = {}
    for turn in transcript.turns:
        for session in _sessions_by_words().get(_key(turn.text), ()):
            votes[session] = votes.get(session, 0) + 1
    return max(votes, key=lambda s: votes[s]) if votes else None


class GoldTagger:
    """Scores 0.91 to 0.98 for a gold code by its intensity, 0.03 for every other."""

    def __init__(self):
        self.info = gold_info()
        self.calls = 0

    def score(
        self, transcript: Transcript, progress: Callable[[int, int], None] | None = None
    ) -> list[TurnScores]:
        self.calls += 1
        if progress:
            progress(len(transcript.turns), len(transcript.turns))
        session = _likeliest_session(transcript)
        left: dict[str, list[dict]] = {}
        for gold in gold_turns(session) if session else ():
            left.setdefault(_key(gold["text"]), []).append(gold)
        return [_scores(turn, _next_tags(left.get(_key(turn.text), []))) for turn in transcript.turns]


def _next_tags(golds: list[dict]) -> list[dict]:
    """The tags of the first gold turn with these words not yet used; the last one serves again."""
    if not golds:
        return []
    gold = golds.pop(0) if len(golds) > 1 else golds[0]
    return gold.get("tags", [])


def _scores(turn: Turn, tags: list[dict]) -> TurnScores:
    codebook = load_codebook()
    codes = dict.fromkeys(codebook.codes_for(turn.speaker), LOW)
    tags = [t for t in tags if t["code"] in codes]
    codes |= {t["code"]: BY_INTENSITY[t["intensity"]] for t in tags}

    def best(kind: str) -> float:
        return max((codes[c] for c in codebook.of_kind(kind) if c in codes), default=LOW)

    common = {
        "turn": turn.index,
        "codes": codes,
        "sentences": tuple(0.95 if _shows(turn, s, tags) else 0.05 for s in turn.sentences),
        "intensity": float(max((t["intensity"] for t in tags), default=1)),
    }
    if turn.speaker is Speaker.CLIENT:
        kinds = {k: best(k) for k in (WITHDRAWAL, CONFRONTATION)}
        return TurnScores(rupture=max(kinds.values()), **kinds, **common)
    if turn.speaker is Speaker.THERAPIST:
        return TurnScores(repair=best(REPAIR), **common)
    return TurnScores(turn=turn.index, sentences=common["sentences"])


def _shows(turn: Turn, sentence: Span, tags: list[dict]) -> bool:
    """Whether a sentence holds some of the words that a gold tag quotes."""
    return any(
        t["start"] < sentence.end and sentence.start < t["end"] for t in map(partial(_found, turn), tags)
    )


def _found(turn: Turn, tag: dict) -> dict:
    """The tag with its evidence where it stands in this turn, should a file's spacing have moved it."""
    start = turn.text.find(tag["evidence"])
    return tag if start < 0 else {"start": start, "end": start + len(tag["evidence"])}
