"""Our own JSON (`{"id", "turns": [{"index", "speaker", "text"}]}`), our reports, and lists of the kind."""

from collections.abc import Mapping

from nlp.errors import InputError
from nlp.reading.choosing import choose_one
from nlp.reading.json_text import a_dict, a_list, a_text
from nlp.reading.limits import MAX_PIECES, at_most
from nlp.reading.pieces import Notes, Piece, Reading
from nlp.reading.times import parse_time

_LISTS = ("turns", "utterances", "segments", "messages", "dialogue", "transcript", "conversation")
_NAMES = (
    "name",
    "speaker",
    "speaker_name",
    "speaker_label",
    "speaker_id",
    "role",
    "participant",
    "interlocutor",
    "from",
)
_TEXTS = ("text", "utterance", "utterance_text", "content", "transcript", "sentence", "message")


def find_turns(data: object) -> list | None:
    """The list of turns in a JSON value of our kind; None when it is of another."""
    data = a_dict(data).get("transcript") if isinstance(a_dict(data).get("transcript"), dict) else data
    lists = [a_list(a_dict(data).get(key)) for key in _LISTS] if isinstance(data, dict) else [a_list(data)]
    for turns in lists:
        if any(_first(turn, _TEXTS) is not None for turn in turns[:50]):
            return turns
    return None


def read_own_json(data: object, notes: Notes, columns: Mapping[str, str] | None = None) -> Reading:
    """A transcript of turns; of a list of transcripts, the one that `columns={"choose": id}` names."""
    notes.unit = "turn"
    data = _one_of_several(data, (columns or {}).get("choose"))
    turns = find_turns(data) or []
    if isinstance(a_dict(data).get("transcript"), dict):
        data = data["transcript"]
    at_most(len(turns), MAX_PIECES, "turns")
    pieces = [p for place, turn in enumerate(turns, 1) if (p := _piece(place, turn, notes))]
    if pieces and not any(p.name for p in pieces):
        raise InputError(
            "The turns in this JSON do not say who speaks. Each needs a “speaker” beside its “text”.",
            "no_speakers",
        )
    _note_disorder(turns, notes)
    about = a_dict(data)
    return Reading(
        "suture_json",
        pieces,
        {"turns_in_file": len(turns)},
        id=a_text(about.get("id")),
        title=a_text(about.get("title")),
    )


def _one_of_several(data: object, choose: str | None) -> object:
    """A list of transcripts (or JSON lines) needs a choice, unless it holds one."""
    several = [d for d in a_list(data) if isinstance(d, dict) and find_turns(d) is not None]
    if not several:
        return data
    if len(several) == 1 and choose is None:
        return several[0]
    ids = [a_text(d.get("id")) or str(number) for number, d in enumerate(several, 1)]
    return several[ids.index(choose_one(ids, choose))]


def _first(turn: object, keys: tuple[str, ...]) -> str | None:
    for key in keys:
        value = a_dict(turn).get(key)
        if isinstance(value, str) or (
            key in _NAMES and isinstance(value, int) and not isinstance(value, bool)
        ):
            return a_text(value)
    return None


def _piece(place: int, turn: object, notes: Notes) -> Piece | None:
    text = _first(turn, _TEXTS)
    if text is None:
        notes.add(place, "has no text of the expected form; left out.")
        return None
    name = next((n for key in _NAMES if (n := _first(turn, (key,)))), None)
    if name and name.isdecimal():
        name = f"Speaker {name}"
    return Piece(place, name, text, parse_time(turn.get("start")), parse_time(turn.get("end")))


def _note_disorder(turns: list, notes: Notes) -> None:
    indexes = [t.get("index") for t in turns if isinstance(t, dict) and isinstance(t.get("index"), int)]
    if indexes != sorted(indexes):
        notes.about_file("the turns' indexes are not in order; the order of the file was kept.")
