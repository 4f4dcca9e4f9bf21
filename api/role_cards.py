"""Who speaks in a transcript, for the page on which a person says who is who."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.wording import percent
from nlp.roles import RoleProposal
from nlp.transcript import Speaker, Transcript, Turn

SAMPLES = 3
SAMPLE_CHARACTERS = 220


@dataclass(frozen=True)
class RoleCard:
    """One speaker: how much they say, some of it, and the role they are taken to have."""

    field: str  # the form's name for this speaker: names themselves stay out of the form
    name: str
    role: str
    turns: int
    share: float
    questions: int
    samples: tuple[str, ...]


def role_cards(transcript: Transcript, roles: Mapping[str, Speaker]) -> tuple[RoleCard, ...]:
    """A card for every speaker, in the order in which they first speak."""
    of_name: dict[str, list[Turn]] = {}
    for turn in transcript.turns:
        of_name.setdefault(turn.name, []).append(turn)
    total = sum(_words(t) for t in transcript.turns) or 1
    return tuple(
        RoleCard(
            field=f"role-{i}",
            name=name,
            role=str(roles.get(name, Speaker.OTHER)),
            turns=len(turns),
            share=sum(_words(t) for t in turns) / total,
            questions=sum("?" in t.text for t in turns),
            samples=_samples(turns),
        )
        for i, (name, turns) in enumerate(of_name.items())
    )


def chosen_roles(cards: tuple[RoleCard, ...], chosen: Mapping[str, str]) -> dict[str, str]:
    """The roles by name that a form's fields give; a field not sent keeps what was there."""
    return {card.name: chosen.get(card.field) or card.role for card in cards}


def swapped(roles: Mapping[str, str]) -> dict[str, str]:
    """The same with therapist and client the other way round."""
    other = {"therapist": "client", "client": "therapist"}
    return {name: other.get(role, role) for name, role in roles.items()}


def can_swap(cards: tuple[RoleCard, ...]) -> bool:
    """Whether there is a therapist and a client to swap."""
    return {"therapist", "client"} <= {card.role for card in cards}


def proposal_sentence(proposal: RoleProposal) -> str:
    """How the roles were told and how sure that is."""
    if proposal.confidence >= 1:
        return proposal.because
    return f"{proposal.because} How sure that is: {percent(proposal.confidence)}."


def _samples(turns: list[Turn]) -> tuple[str, ...]:
    """The longest of a speaker's first turns, in their order: a greeting tells little."""
    early = list(dict.fromkeys(turn.text for turn in turns[:20]))
    telling = sorted(early, key=len, reverse=True)[:SAMPLES]
    return tuple(_short(text) for text in early if text in telling)


def _short(text: str) -> str:
    if len(text) <= SAMPLE_CHARACTERS:
        return text
    return text[:SAMPLE_CHARACTERS].rsplit(" ", 1)[0] + " …"


def _words(turn: Turn) -> int:
    return len(turn.text.split())
