"""What in the words, or in the turn before, speaks for a code: one small function a sign.

A sign gives a sentence that quotes what it saw, or nothing. It explains a tag that the tagger put
there; it never puts one.
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
    question_in,
    quote,
    spot,
    spot_word,
    tokens,
)
from nlp.transcript import Span
from nlp.words import ASSENT, FEELING, FRAME, HEAVY, IMPERSONAL, NOT, ONESELF, PRESSING, STILL, TASK

Sign = Callable[[Moment], str]

CLIPPED = 4  # words
LONG = 40  # words

TO_YOU = frozenset("you youre youve your youd youll yourself".split())
_BIDS = frozenset("dont tell write put give stop lets call".split())


def was_asked(moment: Moment) -> str:
    """The therapist had just asked."""
    question = last_question(moment.before)
    if not question:
        return ""
    words = quote(moment.before.text, question)
    kind = "an open question" if is_open_question(words) else "a question"
    return f"The therapist had just asked {kind} ({words})."


def was_invited(moment: Moment) -> str:
    """The therapist had just asked an open question and got a clipped reply."""
    question = last_question(moment.before)
    size = count_words(moment.turn.text)
    if size > 2 * CLIPPED or not question or not is_open_question(quote(moment.before.text, question)):
        return ""
    return f"{was_asked(moment)[:-1]} and gets {_reply(size)}."


def _reply(size: int) -> str:
    return {0: "no word in reply", 1: "one word in reply"}.get(size, f"{size} words in reply")


def feeling_named(moment: Moment) -> str:
    """The therapist had just named or asked after a feeling."""
    span = moment.before and first_of(moment.before.text, FEELING)
    return (
        f"It answers a turn of the therapist's about feeling ({quote(moment.before.text, span)})."
        if span
        else ""
    )


def distress_before(moment: Moment) -> str:
    """The client spoke of a feeling or something heavy a few turns earlier."""
    for turn in moment.own_earlier:
        span = first_of(turn.text, FEELING | HEAVY)
        if span:
            return f"A few turns earlier the client's words were heavier ({quote(turn.text, span)})."
    return ""


def silent(moment: Moment) -> str:
    """Nothing is said."""
    return "No word is said." if count_words(moment.turn.text) == 0 else ""


def clipped_run(moment: Moment) -> str:
    """Clipped replies one after the other."""
    run = 0
    for turn in (moment.turn, *moment.own_earlier):
        if count_words(turn.text) > CLIPPED:
            break
        run += 1
    return f"It is one of {run} replies in a row of at most {CLIPPED} words." if run > 1 else ""


def nobody_in_it(moment: Moment) -> str:
    """Impersonal words and none for oneself."""
    words = spot_word(moment, IMPERSONAL)
    if first_of(moment.turn.text, ONESELF):
        return f"It speaks in general terms ({words})." if words else ""
    if words:
        return f"It speaks in general terms ({words}) and has no word for the client's own self."
    return "It has no word for the client's own self." if count_words(moment.turn.text) >= 8 else ""


def leaves_the_topic(moment: Moment) -> str:
    """No content word shared with what the therapist had just asked."""
    question = last_question(moment.before)
    if not question or count_words(moment.turn.text) < 6:
        return ""
    if content_words(moment.turn.text) & content_words(moment.before.text):
        return ""
    return (
        f"It takes up no word of what the therapist had just asked ({quote(moment.before.text, question)})."
    )


def long_turn(moment: Moment) -> str:
    """A long stretch of talk."""
    size = count_words(moment.turn.text)
    return f"It runs to {size} words." if size >= LONG else ""


def was_pressed(moment: Moment) -> str:
    """The therapist had just advised, asked for something or pressed."""
    span = moment.before and first_phrase(moment.before.text, PRESSING)
    return f"The therapist had just advised or pressed ({quote(moment.before.text, span)})." if span else ""


def brief_assent(moment: Moment) -> str:
    """Assent in a few words, nothing added."""
    size = count_words(moment.turn.text)
    assent = first_of(moment.turn.text, ASSENT)
    if size > 6 or not assent or first_of(moment.turn.text, NOT):
        return ""
    return (
        f"It assents ({quote(moment.turn.text, assent)}) in {'one word' if size == 1 else f'{size} words'}."
    )


def laughs_at_something_heavy(moment: Moment) -> str:
    """A laugh beside a heavy word."""
    laugh, heavy = laugh_in(moment), spot_word(moment, HEAVY)
    if laugh and heavy:
        return f"The laugh ({laugh}) stands beside {heavy}."
    return f"There is a laugh ({laugh}) in it." if laugh else ""


def laugh_in(moment: Moment) -> str:
    """The laugh in the turn, quoted."""
    return spot(moment, _find_laugh)


def _find_laugh(text: str) -> Span | None:
    bracketed = (s for w, s in tokens(text) if w.startswith("[") and ("laugh" in w or "chuckl" in w))
    return next(bracketed, None) or first_phrase(text, ("haha", "ha ha", "lol", "laughs", "laughing"))


def rules_help_out(moment: Moment) -> str:
    """Oneself and a never, nothing or no in one turn."""
    words = spot_word(moment, NOT)
    if words and first_of(moment.turn.text, ONESELF):
        return f"It speaks of the client's own self with {words}."
    return ""


def addresses_the_therapist(moment: Moment) -> str:
    """Speaks to the therapist as you."""
    words = spot_word(moment, TO_YOU)
    return f"It speaks to the therapist directly ({words})." if words else ""


def opens_with_no(moment: Moment) -> str:
    """No comes first."""
    first = next(((w, s) for w, s in tokens(moment.turn.text) if not w.startswith("[")), None)
    if first and first[0] in ("no", "nope", "nah", "but", "never"):
        return f"The turn opens with {quote(moment.turn.text, first[1])}."
    return ""


def says_not(moment: Moment) -> str:
    """A word of refusal or denial."""
    words = spot_word(moment, NOT)
    return f"It holds a word of refusal or denial ({words})." if words else ""


def _speaks_of(words: frozenset[str], what: str) -> Sign:
    def sign(moment: Moment) -> str:
        found = spot_word(moment, words)
        return f"It speaks of {what} ({found})." if found else ""

    return sign


def asks_back(moment: Moment) -> str:
    """A question or a bidding to the therapist."""
    if question := question_in(moment.said):
        return f"It puts a question to the therapist ({quote(moment.said, question)})."
    bidding = spot_word(moment, _BIDS)
    return f"It bids the therapist ({bidding})." if bidding else ""


def cue_in(moment: Moment, phrases: tuple[str, ...]) -> str:
    """The codebook's cue whose words stand in the turn, quoted from the turn."""
    longest_first = tuple(sorted(phrases, key=len, reverse=True))
    return spot(moment, lambda text: first_phrase(text, longest_first))


SIGNS: dict[str, tuple[Sign, ...]] = {
    "denial": (feeling_named, distress_before),
    "minimal_response": (silent, was_invited, clipped_run, feeling_named),
    "abstract_communication": (nobody_in_it, feeling_named),
    "avoidant_storytelling": (leaves_the_topic, long_turn, feeling_named),
    "deferential": (was_pressed, brief_assent, feeling_named),
    "content_affect_split": (laughs_at_something_heavy,),
    "self_criticism": (rules_help_out,),
    "complaint_therapist": (addresses_the_therapist,),
    "rejects_intervention": (opens_with_no, was_pressed, was_asked, says_not),
    "complaint_activities": (_speaks_of(TASK, "the work itself"),),
    "complaint_parameters": (_speaks_of(FRAME, "the frame"),),
    "complaint_progress": (_speaks_of(STILL, "time or change"),),
    "defends_self": (was_pressed, was_asked, says_not),
    "control_pressure": (asks_back, addresses_the_therapist),
}
