"""What in the words, or in the turns around, fits one of a marker's look-alikes in the codebook.

Each entry is a look-alike's place in the codebook's list and a function that gives the reason why
it may be that instead, or nothing.
"""

from collections.abc import Callable

from nlp.moment import (
    Moment,
    content_words,
    count_words,
    first_of,
    first_phrase,
    is_open_question,
    last_question,
    quote,
    tokens,
)
from nlp.signs import LONG, TO_YOU, laugh_in, was_pressed
from nlp.words import FEELING, HEAVY, IMPERSONAL, NOT, ONESELF

Reason = Callable[[Moment], str]

_OTHERS = frozenset("he she they hes shes theyre him her them his their theirs".split())
_ENGAGED = ("exactly", "definitely", "absolutely", "for sure", "that's it", "that's right", "yes, that's")
_TOGETHER = ("please", "could we", "can we", "would it be possible", "would you mind", "if that's all right")
_DIVIDED = ("part of me", "a bit of me", "I want to but", "on the one hand", "I do want", "I'd like to")
_CARRIES_ON = (
    "but yes",
    "but yeah",
    "more like",
    "I mean it's more",
    "it's more",
    "well, more",
    "sort of, but",
)
_THANKS = ("thank you", "thanks", "that's helpful", "that helps", "that makes sense", "appreciate")
_BAD_WEEK = ("this week", "last week", "bad week", "yesterday", "today", "this morning", "the weekend")
_FOR_WORK = (
    "I want",
    "I wish",
    "I'd like",
    "can you help",
    "could you help",
    "help me",
    "how do I",
    "what do I do",
)


def closed_question(moment: Moment) -> str:
    """The therapist asked something that a word can answer."""
    question = last_question(moment.before)
    if not question or is_open_question(quote(moment.before.text, question)):
        return ""
    return f"the therapist's question could be answered briefly ({quote(moment.before.text, question)})"


def nothing_asked(moment: Moment) -> str:
    """The therapist was talking and asked nothing."""
    if moment.before and not last_question(moment.before) and count_words(moment.turn.text) <= 3:
        return "the therapist's turn before it asks nothing, so it may only show listening"
    return ""


def calm_before(moment: Moment) -> str:
    """No feeling word and nothing heavy in the turns just before."""
    around = (moment.before, *moment.own_earlier)
    if any(turn and first_of(turn.text, FEELING | HEAVY) for turn in around):
        return ""
    return "no word of feeling or hardship stands in the turns just before it"


def own_experience(moment: Moment) -> str:
    """Words for oneself beside the general ones."""
    span = first_of(moment.turn.text, ONESELF)
    return f"it also speaks of the client's own self ({quote(moment.turn.text, span)})" if span else ""


def takes_up_the_question(moment: Moment) -> str:
    """Content words shared with the therapist's turn."""
    if not moment.before:
        return ""
    shared = content_words(moment.before.text) & content_words(moment.turn.text)
    span = first_of(moment.turn.text, frozenset(shared)) if shared else None
    return f"it takes up the therapist's word {quote(moment.turn.text, span)}" if span else ""


def goes_on(moment: Moment) -> str:
    """Many words of the client's own."""
    size = count_words(moment.turn.text)
    return f"the client goes on in {size} words of their own" if size >= LONG else ""


def laughed_together(moment: Moment) -> str:
    """The therapist laughs as well."""
    for turn in (moment.before, moment.after):
        shared = turn and laugh_in(Moment(turn, None, (), None, turn.text))
        if shared:
            return f"the therapist laughs as well ({shared})"
    return ""


def about_others(moment: Moment) -> str:
    """He, she and they, and no you."""
    span = first_of(moment.turn.text, _OTHERS)
    if span and not first_of(moment.turn.text, TO_YOU):
        return f"it speaks of others ({quote(moment.turn.text, span)}) and not to the therapist"
    return ""


def asks_something(moment: Moment) -> str:
    """A question."""
    span = last_question(moment.turn)
    return f"it is put as a question ({quote(moment.turn.text, span)})" if span else ""


def neutrally_asked(moment: Moment) -> str:
    """The therapist asked without advising or pressing."""
    if was_pressed(moment) or not last_question(moment.before):
        return ""
    words = quote(moment.before.text, last_question(moment.before))
    return f"the therapist had asked ({words}) without advising or pressing"


def nothing_negative(moment: Moment) -> str:
    """No word of refusal, feeling or hardship."""
    return (
        ""
        if first_of(moment.turn.text, NOT | FEELING | HEAVY)
        else "it holds no word of refusal, feeling or hardship"
    )


def _says(phrases: tuple[str, ...]) -> Reason:
    def reason(moment: Moment) -> str:
        span = first_phrase(moment.turn.text, phrases)
        return f"it says {quote(moment.turn.text, span)}" if span else ""

    return reason


def lively(moment: Moment) -> str:
    """Short, but with an exclamation mark or a word of engagement."""
    span = first_phrase(moment.turn.text, _ENGAGED)
    if span:
        return f"it says {quote(moment.turn.text, span)}"
    return "it ends with an exclamation mark" if moment.turn.text.rstrip().endswith("!") else ""


def in_general_as_well(moment: Moment) -> str:
    """One impersonal word in a turn that otherwise speaks of oneself."""
    own = [w for w, _ in tokens(moment.turn.text) if w in ONESELF]
    general = [w for w, _ in tokens(moment.turn.text) if w in IMPERSONAL]
    return own_experience(moment) if len(own) > len(general) else ""


LOOK_ALIKES: dict[str, tuple[tuple[int, Reason], ...]] = {
    "denial": ((1, closed_question), (0, calm_before)),
    "minimal_response": ((2, lively), (1, closed_question), (0, nothing_asked)),
    "abstract_communication": ((0, in_general_as_well),),
    "avoidant_storytelling": ((1, takes_up_the_question),),
    "deferential": ((0, _says(_THANKS)), (0, goes_on)),
    "content_affect_split": ((0, laughed_together),),
    "self_criticism": ((0, _says(_FOR_WORK)), (0, goes_on)),
    "complaint_therapist": ((0, about_others),),
    "rejects_intervention": ((1, _says(_DIVIDED)), (0, _says(_CARRIES_ON)), (0, goes_on)),
    "complaint_activities": ((0, asks_something),),
    "complaint_parameters": ((0, asks_something), (1, nothing_negative)),
    "complaint_progress": ((0, _says(_BAD_WEEK)),),
    "defends_self": ((0, neutrally_asked),),
    "control_pressure": ((0, _says(_TOGETHER)),),
}
