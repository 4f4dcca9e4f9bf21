"""Coded sessions of every shape, for round trips through formats."""

from hypothesis import strategies as st

from annotation.corpus import CodedTranscript
from annotation.standoff import Episode
from nlp.codebook import load_codebook
from nlp.tagging import TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn

CODEBOOK = load_codebook()
# No control, half or forbidden characters: readers take them out. White space, emoji, signs of other formats: all in.
_CHARS = st.characters(exclude_categories=("Cc", "Cs", "Cn"), include_characters="<>&\"',;=-#@[]{}|\n😀é")
words = st.text(_CHARS, min_size=1, max_size=25).map(str.strip).filter(bool)
names = st.text(_CHARS, min_size=1, max_size=8).map(str.strip).filter(bool)
seconds = st.none() | st.integers(0, 4_000_000).map(lambda ms: ms / 1000)


@st.composite
def spans(draw, text: str) -> Span:
    start = draw(st.integers(0, len(text) - 1))
    return Span(start, draw(st.integers(start + 1, len(text))))


@st.composite
def turns(draw, index: int) -> Turn:
    text, speaker = draw(words), draw(st.sampled_from(Speaker))
    return Turn(
        index,
        draw(st.just(f"t{index}") | st.just(f"x{index}")),
        speaker,
        text,
        draw(st.just(speaker.value) | names),
        draw(st.just(()) | st.just((Span(0, len(text)),))),
        draw(seconds),
        draw(seconds),
    )


@st.composite
def tags(draw, of: list[Turn], coder: str) -> TurnTag:
    turn = draw(st.sampled_from(of))
    return TurnTag(
        turn.index,
        draw(st.sampled_from([c.id for c in CODEBOOK.codes])),
        draw(spans(turn.text)),
        draw(st.just(1.0) | st.just(0.25)),
        draw(st.integers(1, 3)),
        draw(st.just(coder) | st.just("tagger")),
        draw(st.just(1.0) | st.just(0.5)),
    )


@st.composite
def sessions(draw, id: str) -> CodedTranscript:
    said = [draw(turns(i)) for i in range(draw(st.integers(1, 4)))]
    everybody = range(len(said))
    coders = draw(st.lists(names, max_size=3, unique_by=str.lower))
    by_coder, looked_at, episodes, ratings = {}, {}, {}, {}
    for coder in coders:
        given = draw(
            st.lists(tags(said, coder), max_size=3, unique_by=lambda t: (t.turn, t.code, t.evidence))
        )
        by_coder[coder] = tuple(
            sorted(given, key=lambda t: (t.turn, t.evidence.start, t.evidence.end, t.code))
        )
        seen = frozenset({t.turn for t in given}) | draw(st.frozensets(st.sampled_from(everybody)))
        if draw(st.booleans()) and 0 < len(seen) < len(said):
            looked_at[coder] = seen
        if draw(st.booleans()):
            first, last = sorted((draw(st.sampled_from(everybody)), draw(st.sampled_from(everybody))))
            episodes[coder] = draw(st.sampled_from(((), (Episode(first, last, "mixed", "partly"),))))
        if draw(st.booleans()):
            ratings[coder] = {"resolution": float(draw(st.integers(1, 5)))}
    return CodedTranscript(
        Transcript(id, tuple(said), draw(st.just("") | words), draw(st.sampled_from(("", "zoom")))),
        by_coder,
        episodes,
        draw(st.sampled_from(("", "written"))),
        draw(st.dictionaries(names, words, max_size=2)),
        draw(st.none() | st.just(frozenset(everybody))),
        looked_at,
        ratings,
    )


ids = st.lists(names, min_size=1, max_size=2, unique_by=str.lower)
corpora = ids.flatmap(lambda many: st.tuples(*(sessions(id) for id in many)))
