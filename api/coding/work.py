"""A coder's work on one session: open it, save entries, end the first pass, see suggestions, finish."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update

from api.coding.access import Work, coding
from api.coding.entries import UNSEEN, WHOLE, Entry, Whole, check_entry, check_whole
from api.coding.history import Saved, add_version, current, current_of, tallies
from api.coding.tables import coding_assignments
from api.people import User
from api.store import Store
from api.stored import load_analysis, load_reading
from nlp.codebook import Codebook
from nlp.errors import InputError
from nlp.marking import mark_turns
from nlp.tagging import TurnTag
from nlp.transcript import Transcript

OPEN, FIRST_PASS, FINISHED = "open", "first_pass", "finished"
MOST_AT_ONCE = 200
SUGGESTED_AT = "balanced"


@dataclass(frozen=True)
class State:
    """How far a coder is with a session."""

    id: str
    project_id: str
    session_id: str
    title: str
    state: str
    turns: int
    judged: int
    suggestions_at: datetime | None


@dataclass(frozen=True)
class Opened:
    """Everything the coding page needs: the transcript and what its coder said so far."""

    state: State
    transcript: Transcript
    saved: tuple[Saved, ...]


@dataclass(frozen=True)
class Sent:
    """A changed entry as a page sends it, with the version that it was made from (0: none)."""

    turn: int
    base: int
    said: Entry | Whole


@dataclass(frozen=True)
class Answer:
    """What became of one sent entry: saved, conflict (another version came first) or refused."""

    turn: int
    outcome: str
    version: int = 0
    message: str = ""


def open_assignment(store: Store, user: User, assignment_id: str) -> Opened:
    """The transcript to code, with the coder's own entries and nobody else's."""
    with coding(store, user, "coding.opened", assignment_id) as work:
        saved = current(work.conn, work.key, work.row.id)
        transcript = load_reading(work.conn, work.key).transcript
        return Opened(_state(work), transcript, tuple(saved.values()))


def save_entries(
    store: Store, user: User, assignment_id: str, sent: Sequence[Sent], codebook: Codebook
) -> tuple[Answer, ...]:
    """Keeps what was sent, each entry as one more version. Sending again what is there already changes
    nothing, so a page may send until it hears an answer. One bad entry keeps none of the others out."""
    if len(sent) > MOST_AT_ONCE:
        raise InputError(f"Send {MOST_AT_ONCE} entries at a time.", "bad_entry")
    with coding(store, user, "coding.saved", assignment_id) as work:
        if work.row.state == FINISHED:
            raise InputError("This session is finished; its coding can no longer be changed.", "wrong_state")
        transcript = load_reading(work.conn, work.key).transcript
        return tuple(_save(store, work, one, transcript, codebook) for one in sent)


def save_first_pass(store: Store, user: User, assignment_id: str) -> State:
    """Ends the first pass, once every turn was looked at. Coding can go on after it."""
    with coding(store, user, "coding.first_pass", assignment_id) as work:
        state = _state(work)
        if state.state == OPEN:
            _require_all_judged(state)
            _set(work, state=FIRST_PASS, first_pass_at=store.clock())
        return _again(work)


def suggestions(store: Store, user: User, assignment_id: str, codebook: Codebook) -> tuple[TurnTag, ...]:
    """What the tagger would mark, for a second look. What is saved from now on is kept as made after it."""
    with coding(store, user, "coding.suggested", assignment_id) as work:
        if work.row.state == OPEN:
            raise InputError("The tagger's suggestions come after your first pass.", "wrong_state")
        analysis = load_analysis(work.conn, work.key)
        if analysis is None:
            raise InputError("The tagger has not read this session.", "not_ready")
        transcript = load_reading(work.conn, work.key).transcript
        if work.row.suggestions_at is None:
            _set(work, suggestions_at=store.clock())
        level = analysis.model.thresholds[SUGGESTED_AT]
        return mark_turns(transcript, analysis.scores, level, codebook)


def finish(store: Store, user: User, assignment_id: str) -> State:
    """Ends the coding of a session: nothing can be changed after it, and others may see it."""
    with coding(store, user, "coding.finished", assignment_id) as work:
        state = _state(work)
        if state.state == OPEN:
            raise InputError("Save your first pass first.", "wrong_state")
        if state.state == FIRST_PASS:
            _require_all_judged(state)
            _set(work, state=FINISHED, finished_at=store.clock())
        return _again(work)


def _save(store: Store, work: Work, sent: Sent, transcript: Transcript, codebook: Codebook) -> Answer:
    try:
        _check(sent, transcript, codebook)
    except InputError as error:
        return Answer(sent.turn, "refused", message=str(error))
    before = current_of(work.conn, work.key, work.row.id, sent.turn)
    version = before.version if before else 0
    if before and before.said == sent.said:
        return Answer(sent.turn, "saved", version)
    if version != sent.base:
        return Answer(sent.turn, "conflict", version)
    judged = isinstance(sent.said, Whole) or sent.said.state != UNSEEN
    saved = Saved(sent.turn, version + 1, sent.said, store.clock())
    add_version(work.conn, work.key, work.row.id, saved, judged, work.row.suggestions_at is not None)
    return Answer(sent.turn, "saved", saved.version)


def _check(sent: Sent, transcript: Transcript, codebook: Codebook) -> None:
    if isinstance(sent.said, Whole) and sent.turn == WHOLE:
        return check_whole(sent.said, len(transcript.turns))
    if not isinstance(sent.said, Entry) or not 0 <= sent.turn < len(transcript.turns):
        raise InputError("There is no such turn.", "bad_entry")
    check_entry(sent.said, transcript.turns[sent.turn], transcript, codebook)


def _state(work: Work) -> State:
    row = work.row
    title = work.key.unseal("title", row.sealed_title).decode()
    judged = tallies(work.conn, [row.id])[row.id].judged
    return State(
        row.id, row.project_id, row.session_id, title, row.state, row.turns, judged, row.suggestions_at
    )


def _require_all_judged(state: State) -> None:
    left = state.turns - state.judged
    if left:
        turns = "1 turn is" if left == 1 else f"{left} turns are"
        raise InputError(f"{turns} not looked at yet.", "wrong_state")


def _set(work: Work, **values: object) -> None:
    where = coding_assignments.c.id == work.row.id
    work.conn.execute(update(coding_assignments).where(where).values(**values))


def _again(work: Work) -> State:
    """The state after a change."""
    new = work.conn.execute(coding_assignments.select().where(coding_assignments.c.id == work.row.id)).one()
    return replace(_state(work), state=new.state, suggestions_at=new.suggestions_at)
