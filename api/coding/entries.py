"""What a coder says of one turn, or of the session as a whole; checked, and as bytes for sealing."""

import json
from dataclasses import asdict, dataclass

from annotation.standoff import Episode
from nlp.codebook import CONFRONTATION, WITHDRAWAL, Codebook
from nlp.errors import InputError
from nlp.transcript import Speaker, Transcript, Turn

WHOLE = -1  # the place of what is said of the session as a whole, among the turns
UNSEEN, NOTHING, CODED = "unseen", "nothing", "coded"
LONGEST_COMMENT, MOST_EPISODES = 2000, 200
EPISODE_KINDS = (WITHDRAWAL, CONFRONTATION, "mixed")
RESOLVED = ("yes", "partly", "no")


@dataclass(frozen=True)
class CodeOnTurn:
    """One code with its intensity (1 to 3) and its evidence, as characters of the turn."""

    code: str
    start: int
    end: int
    intensity: int = 2


@dataclass(frozen=True)
class Entry:
    """One coder's judgement of one turn. `answers` are the turns of the ruptures that a repair answers."""

    state: str = UNSEEN
    codes: tuple[CodeOnTurn, ...] = ()
    unsure: bool = False
    comment: str = ""
    answers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Ratings:
    """A coder's ratings of the whole session, 1 to 5; None where not rated."""

    withdrawal: int | None = None
    confrontation: int | None = None
    resolution: int | None = None
    therapist_contribution: int | None = None

    def given(self) -> dict[str, int]:
        """Those that were rated."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Whole:
    """One coder's rupture episodes and ratings of a session."""

    episodes: tuple[Episode, ...] = ()
    ratings: Ratings = Ratings()


def check_entry(entry: Entry, turn: Turn, transcript: Transcript, codebook: Codebook) -> None:
    """InputError where the entry does not fit the turn."""
    _require(entry.state in (UNSEEN, NOTHING, CODED), "The state is unseen, nothing or coded.")
    _require((entry.state == CODED) == bool(entry.codes), "A turn is coded when it has a code.")
    _require(len(entry.comment) <= LONGEST_COMMENT, f"A comment has {LONGEST_COMMENT} characters at most.")
    whole_characters = not any("\ud800" <= c <= "\udfff" for c in entry.comment)
    _require(whole_characters, "A comment has half a character in it.")
    known = codebook.codes_for(turn.speaker)
    codes = [on.code for on in entry.codes]
    _require(set(codes) <= set(known), "A code does not go with who speaks this turn.")
    _require(len(set(codes)) == len(codes), "A code stands on a turn once.")
    for on in entry.codes:
        _require(on.intensity in (1, 2, 3), "Intensity is 1, 2 or 3.")
        _require(_within(on, turn), "The evidence is a run of characters of the turn.")
    _require(
        not entry.answers or turn.speaker is Speaker.THERAPIST, "Only a therapist's turn answers a rupture."
    )
    for answered in entry.answers:
        before = 0 <= answered < turn.index and transcript.turns[answered].speaker is Speaker.CLIENT
        _require(before, "A repair answers a client's turn before it.")


def check_whole(whole: Whole, turns: int) -> None:
    """InputError where episodes or ratings are not of this session."""
    _require(len(whole.episodes) <= MOST_EPISODES, f"There are {MOST_EPISODES} episodes at most.")
    for episode in whole.episodes:
        _require(0 <= episode.start <= episode.end < turns, "An episode runs from a turn to one after it.")
        _require(episode.kind in EPISODE_KINDS, "An episode's kind is withdrawal, confrontation or mixed.")
        _require(episode.resolved in RESOLVED, "An episode was resolved: yes, partly or no.")
    _require(all(1 <= value <= 5 for value in whole.ratings.given().values()), "Ratings are from 1 to 5.")


def pack(said: Entry | Whole) -> bytes:
    """What was said, as bytes."""
    return json.dumps(asdict(said), separators=(",", ":")).encode("ascii")


def unpack_entry(packed: bytes) -> Entry:
    """The entry that `pack` was given."""
    raw = json.loads(packed)
    codes = tuple(CodeOnTurn(**on) for on in raw["codes"])
    return Entry(**{**raw, "codes": codes, "answers": tuple(raw["answers"])})


def unpack_whole(packed: bytes) -> Whole:
    """The episodes and ratings that `pack` was given."""
    raw = json.loads(packed)
    return Whole(tuple(Episode(**e) for e in raw["episodes"]), Ratings(**raw["ratings"]))


def _within(on: CodeOnTurn, turn: Turn) -> bool:
    return 0 <= on.start < on.end <= len(turn.text) or (on.start, on.end, turn.text) == (0, 0, "")


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise InputError(sentence, "bad_entry")
