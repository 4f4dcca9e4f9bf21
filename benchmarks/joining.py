"""How well the joining and status rules of nlp/ruptures.py agree with the episodes that coders drew.

`python benchmarks/joining.py` prints three tables. The rules get the coders' own tags, so this
measures the rules and no tagger. Both coders were language models reading with the codebook.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from nlp.codebook import load_codebook
from nlp.findings import Rupture
from nlp.ruptures import RULE, JoiningRule, find_ruptures
from nlp.tagging import TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn

DATA = Path(__file__).parents[1] / "annotation" / "data"
OVERLAP = 0.5  # share of marked turns in common from which a rupture and an episode are the same
STATUS = {"yes": "repaired", "partly": "partly", "no": "unrepaired"}


@dataclass(frozen=True)
class CodedSession:
    """One session with one coder's tags and episodes."""

    transcript: Transcript
    tags: tuple[TurnTag, ...]
    episodes: tuple[dict, ...]


def main() -> None:
    coders = {"writer": written_by_writers(), "blind coder": coded_blind()}
    print("Ruptures against episodes: F1 (ruptures found / episodes drawn)\n")
    print("| gap | settled | " + " | ".join(coders) + " |\n|---|---|---|---|")
    for gap in (1, 2, 3, 4, 5, 6, 8):
        for settled in sorted({1, 2, 3, 4, gap + 1}):
            if settled <= gap + 1:
                print_joining(coders, replace(RULE, gap=gap, settled=settled))
    for name, sessions in coders.items():
        print_status(name, sessions)


def print_joining(coders: dict[str, list[CodedSession]], rule: JoiningRule) -> None:
    cells = []
    for sessions in coders.values():
        f1, found, drawn = joining_f1(sessions, rule)
        cells.append(f"{f1:.3f} ({found} / {drawn})")
    chosen = " (chosen)" if rule == RULE else ""
    print(f"| {rule.gap} | {rule.settled}{chosen} | " + " | ".join(cells) + " |")


def print_status(name: str, sessions: list[CodedSession]) -> None:
    table = status_table(sessions)
    right, total = sum(table[s, s] for s in STATUS.values()), sum(table.values())
    print(f"\nStatus, {name}: {right} of {total} the same ({right / total:.2f})\n")
    print("| drawn as | " + " | ".join(STATUS.values()) + " |\n|---|---|---|---|")
    for drawn in STATUS.values():
        print(f"| {drawn} | " + " | ".join(str(table[drawn, found]) for found in STATUS.values()) + " |")


def joining_f1(sessions: list[CodedSession], rule: JoiningRule = RULE) -> tuple[float, int, int]:
    """F1 of ruptures against episodes, with how many were found and drawn."""
    hits = found = drawn = 0
    for session in sessions:
        pairs, ruptures, episodes = matched(session, rule)
        hits, found, drawn = hits + len(pairs), found + ruptures, drawn + episodes
    return 2 * hits / (found + drawn), found, drawn


def status_table(sessions: list[CodedSession], rule: JoiningRule = RULE) -> Counter:
    """How often an episode drawn with one status was found with another, over matched pairs."""
    table: Counter = Counter()
    for session in sessions:
        for rupture, episode in matched(session, rule)[0]:
            table[STATUS[episode["resolved"]], rupture.status] += 1
    return table


def matched(session: CodedSession, rule: JoiningRule) -> tuple[list[tuple[Rupture, dict]], int, int]:
    """The ruptures and episodes that share at least half of their marked turns, and the number of each."""
    codebook = load_codebook()
    ruptures = find_ruptures(session.transcript, session.tags, codebook, rule)
    marked = {t.turn for t in session.tags if t.code in codebook.markers}
    episodes = [(e, {i for i in marked if e["start"] <= i <= e["end"]}) for e in session.episodes]
    episodes = [(e, turns) for e, turns in episodes if turns]
    pairs = [
        (rupture, episode)
        for rupture in ruptures
        for episode, turns in episodes
        if len(turns & set(rupture.turns)) / len(turns | set(rupture.turns)) > OVERLAP
    ]
    return pairs, len(ruptures), len(episodes)


def written_by_writers() -> list[CodedSession]:
    """The written sessions with the tags and episodes of those who wrote them."""
    sessions = []
    for raw in _with_episodes():
        tags = tuple(_tag(turn["index"], t) for turn in raw["turns"] for t in turn.get("tags", ()))
        sessions.append(CodedSession(_transcript(raw), tags, tuple(raw["episodes"])))
    return sessions


def coded_blind() -> list[CodedSession]:
    """The same sessions with a second coder's tags and episodes."""
    tags: dict[str, list[TurnTag]] = defaultdict(list)
    for raw in _lines("written_tags.blind.jsonl"):
        tags[raw["session"]].append(_tag(raw["turn"], raw))
    drawn = _lines("written_episodes.blind.jsonl")
    episodes = {raw["session"]: tuple(raw["episodes"] or ()) for raw in drawn}
    return [
        CodedSession(_transcript(raw), tuple(tags[raw["id"]]), episodes.get(raw["id"], ()))
        for raw in _with_episodes()
    ]


def _with_episodes() -> list[dict]:
    """The sessions whose coders drew episodes; those written later have tags alone."""
    return [raw for raw in _lines("written_sessions.jsonl") if "episodes" in raw]


def _lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _tag(turn: int, raw: dict) -> TurnTag:
    return TurnTag(turn, raw["code"], Span(raw["start"], raw["end"]), intensity=raw["intensity"])


def _transcript(raw: dict) -> Transcript:
    turns = (Turn(t["index"], f"t{t['index']}", Speaker(t["speaker"]), t["text"]) for t in raw["turns"])
    return Transcript(raw["id"], tuple(turns))


if __name__ == "__main__":
    main()
