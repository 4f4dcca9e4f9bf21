"""The key for each code: a default, and each person's own."""

import json
from collections.abc import Mapping

from sqlalchemy import delete, select

from api.coding.tables import coding_keys
from api.database import reading
from api.people import User
from api.store import Store
from nlp.codebook import Codebook
from nlp.errors import InputError

DEFAULT = {
    "denial": "d",
    "minimal_response": "m",
    "abstract_communication": "a",
    "avoidant_storytelling": "s",
    "deferential": "f",
    "content_affect_split": "l",
    "self_criticism": "h",
    "complaint_therapist": "t",
    "rejects_intervention": "r",
    "complaint_activities": "k",
    "complaint_parameters": "p",
    "complaint_progress": "g",
    "defends_self": "e",
    "control_pressure": "o",
    "clarifies_misunderstanding": "m",
    "changes_tasks_goals": "t",
    "provides_rationale": "r",
    "invites_exploration": "i",
    "acknowledges_contribution": "a",
    "discloses_experience": "d",
    "links_pattern_therapy": "p",
    "links_pattern_outside": "o",
    "validates_position": "v",
    "redirects": "f",
}
COMMANDS = (  # keys of the coding page itself, with what they do
    ("Enter, Space", "Nothing here, or done with this turn: on to the next"),
    ("↓ ↑", "Next turn, turn before, without judging"),
    ("1 2 3", "Intensity: slight, clear, strong"),
    ("← →", "Evidence: the next word, the word before"),
    ("Shift ← →", "Evidence: more or fewer words"),
    ("q", "Evidence: sentence by sentence, then the whole turn"),
    ("y", "Another code of this turn"),
    ("x", "Take the code off"),
    ("Backspace", "Not looked at, again"),
    ("u", "Unsure, or sure again"),
    ("c", "Write a comment; Escape leaves it"),
    ("n", "This repair answers the marked turn before; again: an earlier one"),
    ("b", "An episode begins here; again: it ends here"),
    ("z", "Undo"),
    ("/", "The codebook, at this code"),
    ("?", "These keys"),
)
TAKEN = frozenset("qyxucnbz")


def keys_of(store: Store, user: User) -> dict[str, str]:
    """The person's keys, by code."""
    query = select(coding_keys.c["keys"]).where(coding_keys.c.user_id == user.id)
    with reading(store.engine) as conn:
        own = conn.execute(query).scalar_one_or_none()
    return DEFAULT | (json.loads(own) if own else {})


def set_keys(store: Store, user: User, keys: Mapping[str, str], codebook: Codebook) -> dict[str, str]:
    """Gives codes other keys, for this person; those not named keep their default."""
    if not set(keys) <= set(DEFAULT):
        raise InputError("There is no such code.", "bad_keys")
    wanted = DEFAULT | dict(keys)
    for side in (codebook.markers, codebook.strategies):
        _check(wanted, side, codebook)
    text = json.dumps({code: key for code, key in wanted.items() if DEFAULT[code] != key})
    with store.engine.begin() as conn:
        conn.execute(delete(coding_keys).where(coding_keys.c.user_id == user.id))
        conn.execute(coding_keys.insert().values(user_id=user.id, keys=text))
    return wanted


def _check(keys: Mapping[str, str], side: tuple[str, ...], codebook: Codebook) -> None:
    """InputError unless every code of one speaker has a letter of its own that does nothing else."""
    seen: dict[str, str] = {}
    for code in side:
        key = keys[code]
        if not (len(key) == 1 and key.isalpha() and key == key.lower()):
            raise InputError(f"Give {codebook[code].name} a small letter.", "bad_keys")
        if key in TAKEN:
            raise InputError(f"The key {key} does something else already.", "bad_keys")
        if key in seen:
            other = codebook[seen[key]].name
            raise InputError(f"{other} and {codebook[code].name} have the same key, {key}.", "bad_keys")
        seen[key] = code
