"""What the REST API writes about coding."""

from dataclasses import asdict

from api.coding.entries import UNSEEN, WHOLE
from api.coding.history import Saved
from api.coding.overview import Project
from api.coding.work import Opened, State
from nlp.tagging import TurnTag


def project_json(project: Project) -> dict:
    """A project as one of its members sees it."""
    return asdict(project) | {"created_at": project.created_at.isoformat()}


def state_json(state: State) -> dict:
    """How far a coder is with a session."""
    seen = state.suggestions_at
    return asdict(state) | {"suggestions_at": seen and seen.isoformat()}


def opened_json(opened: Opened) -> dict:
    """A transcript to code, with what its coder said so far and where they left off."""
    turns = [
        {
            "index": turn.index,
            "speaker": turn.speaker,
            "name": turn.name,
            "text": turn.text,
            "sentences": [[s.start, s.end] for s in turn.sentences],
        }
        for turn in opened.transcript.turns
    ]
    entries = [_saved_json(saved) for saved in opened.saved]
    return state_json(opened.state) | {"transcript": turns, "entries": entries, "resume": resume_at(opened)}


def resume_at(opened: Opened) -> int:
    """The first turn not looked at after the one saved last; else the first of all; else the last saved."""
    of_turns = [saved for saved in opened.saved if saved.turn != WHOLE]
    seen = {saved.turn for saved in of_turns if saved.said.state != UNSEEN}
    last = max(of_turns, key=lambda saved: (saved.saved_at, saved.turn), default=None)
    left = [turn.index for turn in opened.transcript.turns if turn.index not in seen]
    after = [index for index in left if last is None or index >= last.turn]
    return next(iter(after or left), last.turn if last else 0)


def tag_json(tag: TurnTag) -> dict:
    """One suggestion of the tagger."""
    return {
        "turn": tag.turn,
        "code": tag.code,
        "start": tag.evidence.start,
        "end": tag.evidence.end,
        "score": tag.score,
    }


def _saved_json(saved: Saved) -> dict:
    said = {"whole" if saved.turn == WHOLE else "entry": asdict(saved.said)}
    return {"turn": saved.turn, "version": saved.version} | said
