"""The coded corpus: transcripts with every coder's tags, in fixed splits.

The written sessions and contrast pairs lie in annotation/data. AnnoMI's text may not be passed
on: its tags lie here, its CSV is fetched from its authors and named by SUTURE_ANNOMI or a path.
Labels come from language-model coders under the codebook, not from clinicians.
"""

import csv
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from annotation.standoff import Episode, episodes_from, read_episodes, read_jsonl, read_tags, tag_from
from nlp.errors import InputError
from nlp.tagging import TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn

DATA = Path(str(files("annotation"))) / "data"
WRITTEN_CODERS = ("writer", "blind")
ANNOMI_CODERS = ("balanced", "sensitive")
_SPEAKERS = {"t": "therapist", "c": "client"}


@dataclass(frozen=True)
class CodedTranscript:
    """A transcript with each coder's tags and episodes.

    `source` is written, annomi or contrast. `judged` names the turns that were coded (None: all),
    `looked_at` those that a coder looked at, where that was only some. `about` holds what is known
    of the session: modality, setting, quality, topic. `ratings` are a coder's of the whole session.
    """

    transcript: Transcript
    tags: Mapping[str, tuple[TurnTag, ...]]  # by coder
    episodes: Mapping[str, tuple[Episode, ...]]  # by coder
    source: str
    about: Mapping[str, str]
    judged: frozenset[int] | None = None
    looked_at: Mapping[str, frozenset[int]] = field(default_factory=dict)  # by coder
    ratings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by coder, then by name

    def judged_by(self, coder: str) -> frozenset[int]:
        """The turns that a coder judged, with a tag or with none; a turn not looked at is not among them."""
        if coder not in self.tags:
            return frozenset()
        turns = frozenset(range(len(self.transcript.turns))) if self.judged is None else self.judged
        if coder not in self.looked_at:
            return turns
        return turns & (self.looked_at[coder] | {tag.turn for tag in self.tags[coder]})


@dataclass(frozen=True)
class ContrastPair:
    """Two short exchanges that differ little: in `marked` the last turn carries `code`, in `look_alike` not."""

    id: int
    code: str
    marked: CodedTranscript
    look_alike: CodedTranscript


def load_splits(folder: Path = DATA) -> dict[str, dict[str, list]]:
    """Ids by source and split; no client, series or pair is in two splits."""
    return json.loads((folder / "splits.json").read_text(encoding="utf-8"))


def load_written(
    split: str | None = None, folder: Path = DATA, ids: Collection[str] | None = None
) -> list[CodedTranscript]:
    """The written sessions of a split (train or dev), or all, or those of some ids; none where there is no file."""
    path = folder / "written_sessions.jsonl"
    if not path.is_file():
        return []
    blind = _read_blind(folder)
    wanted = _wanted("written", split, folder) if ids is None else ids
    return [_written(row, blind) for row in read_jsonl(path) if wanted is None or row["id"] in wanted]


def load_annomi(
    split: str | None = None, csv_path: Path | None = None, folder: Path = DATA
) -> list[CodedTranscript]:
    """AnnoMI's transcripts of a split with two coders' tags; InputError where its CSV is not given."""
    path = csv_path or annomi_path(folder)
    if path is None:
        raise InputError(
            "AnnoMI's text is not part of this project: fetch AnnoMI-simple.csv from its authors and name it "
            "with SUTURE_ANNOMI.",
            "annomi_missing",
        )
    tags = {c: read_tags(folder / "annomi" / f"tags.{c}.jsonl", c) for c in ANNOMI_CODERS}
    episodes = {c: read_episodes(folder / "annomi" / f"episodes.{c}.jsonl") for c in ANNOMI_CODERS}
    coded = {id_ for by_id in episodes.values() for id_ in by_id}
    wanted = _wanted("annomi", split, folder)
    rows: dict[str, list[dict]] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["transcript_id"] in (coded if wanted is None else wanted):
                rows.setdefault(row["transcript_id"], []).append(row)
    return [_annomi(id_, turns, tags, episodes) for id_, turns in rows.items()]


def load_annomi_outlines() -> list[CodedTranscript]:
    """AnnoMI's transcripts as who speaks when, without a word, with two coders' tags; needs no CSV."""
    tags = {c: read_tags(DATA / "annomi" / f"tags.{c}.jsonl", c) for c in ANNOMI_CODERS}
    return [
        CodedTranscript(
            transcript=Transcript(
                id=f"annomi-{row['transcript']}",
                turns=tuple(_turn(i, _SPEAKERS[s], "") for i, s in enumerate(row["speakers"])),
                source_format="annomi",
            ),
            tags={c: tags[c].get(row["transcript"], ()) for c in ANNOMI_CODERS},
            episodes={},
            source="annomi",
            about={},
        )
        for row in read_jsonl(DATA / "annomi" / "turns.jsonl")
    ]


def annomi_path(folder: Path = DATA) -> Path | None:
    """Where AnnoMI's CSV lies: in the folder, or by the environment; None where it is not set or not there."""
    in_folder = sorted((folder / "annomi").glob("*.csv"))
    named = os.environ.get("SUTURE_ANNOMI", "")
    if in_folder:
        return in_folder[0]
    return Path(named) if named and Path(named).is_file() and (folder / "annomi").is_dir() else None


def load_contrast(split: str | None = None, folder: Path = DATA) -> list[ContrastPair]:
    """The contrast pairs of a split, or all; none where the folder has no such file."""
    path = folder / "contrast_pairs.jsonl"
    if not path.is_file():
        return []
    rows: dict[int, dict[int, dict]] = {}
    for row in read_jsonl(path):
        rows.setdefault(row["pair"], {})[row["label"]] = row
    wanted = _wanted("contrast", split, folder)
    return [
        ContrastPair(id_, pair[1]["code"], _exchange(pair[1]), _exchange(pair[0]))
        for id_, pair in rows.items()
        if wanted is None or id_ in wanted
    ]


def load_corpus(split: str | None, folder: Path = DATA) -> list[CodedTranscript]:
    """Written sessions and, where its text is at hand, AnnoMI, of a split (train or dev; None: all)."""
    annomi = load_annomi(split, folder=folder) if annomi_path(folder) else []
    return load_written(split, folder) + annomi


def _wanted(source: str, split: str | None, folder: Path) -> set | None:
    """The ids of a split; None where all are wanted, or the folder is not split."""
    if split is None or not (folder / "splits.json").is_file():
        return None
    return set(load_splits(folder)[source][split])


@dataclass(frozen=True)
class _Blind:
    """The second coder's work on written sessions; `coded` names those read (None: all)."""

    tags: Mapping[str, tuple[TurnTag, ...]]
    episodes: Mapping[str, tuple[Episode, ...]]
    coded: frozenset[str] | None


def _read_blind(folder: Path) -> _Blind:
    tags, episodes = folder / "written_tags.blind.jsonl", folder / "written_episodes.blind.jsonl"
    if not tags.is_file():
        return _Blind({}, {}, frozenset())
    if not episodes.is_file():
        return _Blind(read_tags(tags, "blind"), {}, None)
    coded = frozenset(str(row["session"]) for row in read_jsonl(episodes))
    return _Blind(read_tags(tags, "blind"), read_episodes(episodes), coded)


def _written(row: Mapping, blind: _Blind) -> CodedTranscript:
    id_ = row["id"]
    turns = tuple(_turn(t["index"], t["speaker"], t["text"]) for t in row["turns"])
    tags = {
        "writer": tuple(
            tag_from({**g, "turn": t["index"]}, "writer") for t in row["turns"] for g in t["tags"]
        )
    }
    episodes = {"writer": episodes_from(row["episodes"])} if "episodes" in row else {}
    if blind.coded is None or id_ in blind.coded:
        tags["blind"] = blind.tags.get(id_, ())
        episodes |= {"blind": blind.episodes[id_]} if id_ in blind.episodes else {}
    return CodedTranscript(
        transcript=Transcript(id=id_, turns=turns, source_format="suture"),
        tags=tags,
        episodes=episodes,
        source="written",
        about={k: str(row[k]) for k in ("modality", "session_number", "setting")},
    )


def _annomi(id_: str, rows: list[dict], tags: Mapping, episodes: Mapping) -> CodedTranscript:
    turns = tuple(
        _turn(i, row["interlocutor"], " ".join(row["utterance_text"].split())) for i, row in enumerate(rows)
    )
    first = rows[0]
    return CodedTranscript(
        transcript=Transcript(id=f"annomi-{id_}", turns=turns, source_format="annomi"),
        tags={c: tags[c].get(id_, ()) for c in ANNOMI_CODERS},
        episodes={c: episodes[c].get(id_, ()) for c in ANNOMI_CODERS},
        source="annomi",
        about={
            "quality": first["mi_quality"],
            "topic": first["topic"],
            "modality": "motivational interviewing",
        },
    )


def _exchange(row: Mapping) -> CodedTranscript:
    said = [*row["context"], ["client", row["turn"]]]
    turns = tuple(_turn(i, speaker, text) for i, (speaker, text) in enumerate(said))
    last = len(turns) - 1
    tags: tuple[TurnTag, ...] = ()
    if row["label"]:
        start = max(row["turn"].find(row["evidence"]), 0)
        span = Span(start, start + len(row["evidence"]))
        tags = (TurnTag(turn=last, code=row["code"], evidence=span, source="writer"),)
    return CodedTranscript(
        transcript=Transcript(id=f"pair-{row['pair']}-{row['label']}", turns=turns),
        tags={"writer": tags},
        episodes={},
        source="contrast",
        about={"why": row["why"]},
        judged=frozenset({last}),
    )


def _turn(index: int, speaker: str, text: str) -> Turn:
    return Turn(index=index, id=f"t{index}", speaker=Speaker(speaker), text=text, name=speaker)
