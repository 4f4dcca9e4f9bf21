"""A light check that a transcript is in English, which is all that the tagger has learnt."""

from nlp.moment import tokens
from nlp.transcript import Transcript

_FUNCTION_WORDS = frozenset(
    """a an the and or but so if then that this these those it its he she they we you i me my your his her our
    their is are was were be been am do does did dont have has had not no of to in on at for with from about
    as just what when how why who there here can could would will im its youre ive thats yeah oh well
    um like know""".split()
)
_AT_LEAST = 0.3  # English talk has about half; French, German or Spanish talk under 0.15
_ENOUGH_WORDS = 40


def english_share(transcript: Transcript) -> float | None:
    """The share of words that are English function words; None where too few words tell nothing."""
    words = [w for turn in transcript.turns for w, _ in tokens(turn.text) if not w.startswith("[")]
    if len(words) < _ENOUGH_WORDS:
        return None
    return sum(w in _FUNCTION_WORDS for w in words) / len(words)


def language_warnings(transcript: Transcript) -> tuple[str, ...]:
    """A warning when the transcript does not look English."""
    share = english_share(transcript)
    if share is None or share >= _AT_LEAST:
        return ()
    return (
        "whole transcript: this does not look like English. The tagger has learnt from English sessions "
        "only, so what it marks here may mean nothing.",
    )
