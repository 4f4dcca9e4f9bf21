"""The words that pages use for numbers and kinds: plain, tentative, never a verdict on a person."""

from nlp.transcript import Speaker, Turn

KINDS = ("withdrawal", "confrontation", "repair")
SIGILS = {"withdrawal": "W", "confrontation": "C", "repair": "R"}
KIND_SAYS = {
    "withdrawal": "moving away",
    "confrontation": "moving against",
    "mixed": "moving away and against",
    "repair": "mending",
}
SIGNIFICANCE = {1: "slight", 2: "mild", 3: "moderate", 4: "considerable", 5: "strong"}
STATUS = {
    "repaired": "reads as repaired",
    "partly": "partly repaired",
    "unrepaired": "does not read as repaired",
}
TIMING = {"now": "In the session", "later": "Later"}
TO_ONESELF = "Say to yourself, not to the client:"
SPEAKERS = {Speaker.THERAPIST: "Therapist", Speaker.CLIENT: "Client", Speaker.OTHER: "Other"}
STRICTNESS = {
    "sensitive": "More moments, more of them doubtful",
    "balanced": "The usual choice",
    "strict": "Only the plainest moments",
}
SESSION_STATUS = {
    "needs_roles": "Waiting for you to say who is who",
    "queued": "Waiting to be read",
    "analysing": "Being read now",
    "ready": "Ready to read",
    "failed": "Could not be read",
}
CODING_STATE = {"open": "first pass", "first_pass": "first pass saved", "finished": "finished"}
PROJECT_ROLE = {"lead": "lead", "coder": "coder", "adjudicator": "adjudicator"}
CHOSEN = {
    "hand": "chosen by hand",
    "random": "drawn at random",
    "uncertainty": "chosen where the tagger is uncertain",
    "rare": "chosen for rare codes",
    "disagreement": "chosen for disagreement",
}
EPISODE_RESOLVED = {"yes": "resolved", "partly": "partly resolved", "no": "not resolved"}
AUDIT = {
    "session.created": "uploaded a session",
    "session.listed": "looked at the list of sessions",
    "session.looked_at": "looked at a session's page",
    "session.read": "read a session",
    "session.exported": "exported a session",
    "session.roles_set": "said who is who in a session",
    "session.retried": "asked for a session to be read again",
    "session.renamed": "renamed a session",
    "session.deleted": "deleted a session",
    "session.granted": "shared a session",
    "session.revoked": "stopped sharing a session",
    "session.key_read": "opened a session's key",
    "analysis.started": "began to analyse a session",
    "analysis.saved": "analysed a session",
    "analysis.failed": "could not analyse a session",
    "session.assigned": "gave a session to a coder",
    "project.created": "made a coding project",
    "project.listed": "looked at the list of coding projects",
    "project.looked_at": "looked at a coding project",
    "project.changed": "added sessions to a coding project",
    "project.codings_read": "read a session's codings",
    "coding.opened": "opened a session to code it",
    "coding.saved": "coded turns of a session",
    "coding.first_pass": "ended the first pass over a session",
    "coding.suggested": "looked at the tagger's suggestions while coding",
    "coding.finished": "finished coding a session",
    "login.started": "signed in",
    "login.ended": "signed out",
    "login.all_ended": "signed out everywhere",
    "password.changed": "changed a password",
    "user.invited": "invited a person",
    "user.created": "made an account",
    "user.disabled": "stopped a person's sign-in",
    "user.enabled": "let a person in again",
    "user.role_set": "gave a person another role",
    "user.reset_linked": "made a new-password link",
    "user.listed": "looked at the list of people",
    "token.created": "made an API token",
    "token.revoked": "revoked an API token",
    "audit.read": "read this audit",
    "audit.verified": "checked this audit",
    "keys.rewrapped": "sealed the keys anew",
}
_LIKELIHOODS = (
    (0.9, "very likely"),
    (0.7, "likely"),
    (0.55, "more likely than not"),
    (0.45, "about even"),
    (0.25, "possible"),
    (0.0, "a faint sign"),
)

_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()


def likelihood(score: float) -> str:
    """A calibrated score in words: 0.74 is "likely"."""
    return next(words for least, words in _LIKELIHOODS if score >= least)


def percent(share: float) -> str:
    """0.744 is "74 %", and what is not quite all or nothing does not say it is."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", "\u202f%")


def clock(seconds: float | None) -> str:
    """Seconds from the start as 4:07 or 1:02:09; empty where the file gave none."""
    if seconds is None:
        return ""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def plural(count: int, one: str, many: str = "") -> str:
    """ "1 moment", "3 moments", "no moments"."""
    if count == 0:
        return f"no {many or one + 's'}"
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def number_word(count: int) -> str:
    """Small numbers as words, as a sentence has them."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def turn_range(first: int, last: int) -> str:
    """Turn indexes as people count them: "turn 24" or "turns 24–26"."""
    return f"turn {first + 1}" if first == last else f"turns {first + 1}\u2013{last + 1}"


def listed(words: list[str] | tuple[str, ...], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    words = list(words)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def turn_numbers(indexes: list[int] | tuple[int, ...]) -> str:
    """ "turn 24", "turns 24 and 26"."""
    numbers = [str(i + 1) for i in indexes]
    return f"turn{'s' if len(numbers) != 1 else ''} {listed(numbers)}"


def speaker_of(turn: Turn, names_in_role: int = 1) -> str:
    """Who speaks, as the page says it; the file's own name only where a role has several."""
    role = SPEAKERS[turn.speaker]
    if not turn.name or turn.name.casefold() == role.casefold():
        return role
    if turn.speaker is Speaker.OTHER:
        return turn.name
    return f"{role} ({turn.name})" if names_in_role > 1 else role
