"""Written in any format and read again, a session has the same turns; and no bytes ever crash a reader."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp.errors import InputError
from nlp.reading import ReadResult, read_transcript
from nlp.reading.pieces import clean
from tests import transcript_files as write
from tests.hostile_samples import AWS, CHA, CSV, DEEPGRAM, EAF, OWN, SRT, TALK, VTT, WHISPERX

JOINING = ("zoom_vtt", "teams_vtt", "srt", "whisperx", "assemblyai", "deepgram", "aws", "elan", "chat")
KEEPING = ("plain", "otter", "zoom_chat", "table", "own_json", "docx", "docx_table")
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Talk: any letters, marks and punctuation of any script, without what a format itself uses for its marks.
letters = st.characters(
    categories=("L", "N", "P", "M", "Zs", "Sc", "Sm", "So"), exclude_characters=":：<>&#{}\\|"
)
sentences = st.text(letters, min_size=1, max_size=60).map(lambda text: clean(f"Well {text}"))
names = st.lists(
    st.sampled_from(["T", "C", "Therapist", "Client", "Dr Abel", "Zoë", "Anna-Lena O'Neill", "SPEAKER_03", "Mother"]),
    min_size=2, max_size=4, unique=True,
)  # fmt: skip


@st.composite
def conversations(draw) -> list[tuple[str, str]]:
    """At least two speakers, each heard at least twice."""
    speakers = draw(names)
    said = draw(st.lists(st.tuples(st.sampled_from(speakers), sentences), max_size=12))
    return [(name, "So.") for name in speakers] + said + [(name, "Yes.") for name in speakers]


def turns_of(raw: bytes) -> list[tuple[str, str]]:
    return [(t.name, t.text) for t in read_transcript(raw, "session.x").transcript.turns]


def joined(turns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    result: list[tuple[str, str]] = []
    for name, text in turns:
        if result and result[-1][0] == name:
            result[-1] = (name, f"{result[-1][1]} {text}")
        else:
            result.append((name, text))
    return result


@pytest.mark.parametrize("form", KEEPING)
@QUICK
@given(turns=conversations())
def test_formats_with_a_head_a_turn_give_the_same_turns_back(form, turns):
    assert turns_of(getattr(write, form)(turns)) == turns


@pytest.mark.parametrize("form", JOINING)
@QUICK
@given(turns=conversations())
def test_formats_cut_by_time_give_the_same_talk_back_in_joined_turns(form, turns):
    if form == "chat":  # its speaker codes have no spaces
        turns = [(name.replace(" ", "_"), text) for name, text in turns]
    if form == "assemblyai":  # a bare letter is read as `Speaker A`
        turns = [(f"Name {name}", text) for name, text in turns]
    assert turns_of(getattr(write, form)(turns)) == joined(turns)


@QUICK
@given(turns=conversations(), text=st.text(max_size=80))
def test_json_gives_any_text_back_as_cleaned(turns, text):
    raw = write.own_json([*turns, (turns[0][0], f"x{text}")])
    assert turns_of(raw)[-1][1] == clean(f"x{text}")


@QUICK
@given(turns=conversations(), encoding=st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]))
def test_the_encoding_makes_no_difference(turns, encoding):
    raw = write.plain(turns)
    assert turns_of(raw.decode().encode(encoding)) == turns_of(raw)


@QUICK
@given(turns=conversations(), data=st.data())
def test_no_word_of_a_text_is_lost_without_a_warning(turns, data):
    """Lines without speakers anywhere: each of their words is in a turn, or its line is named."""
    lines = write.plain(turns).decode().splitlines()
    strays = data.draw(
        st.lists(st.tuples(st.integers(0, len(lines)), st.sampled_from(["stray words", "", "[door]"])))
    )
    for number, (at, stray) in enumerate(strays):
        lines.insert(at, f"{stray} w{number}w" if stray else "")
    result = read_transcript("\n".join(lines).encode(), "a.txt")
    talk = " ".join(t.text for t in result.transcript.turns)
    told = {n for w in result.warnings if "left out" in w for n in _places(w)}
    for place, line in enumerate(lines, 1):
        words = line.split(": ", 1)[-1].split()
        assert place in told or all(word in talk for word in words)


def _places(warning: str) -> set[int]:
    head = warning.partition(":")[0].removeprefix("lines ").removeprefix("line ")
    places: set[int] = set()
    for part in head.split(", "):
        first, _, last = part.partition("-")
        places |= set(range(int(first), int(last or first) + 1))
    return places


def reads_or_refuses(raw: bytes) -> bool:
    try:
        return isinstance(read_transcript(raw, "a.x"), ReadResult)
    except InputError as error:
        return bool(str(error)) and error.code != "bad_input"


@settings(max_examples=300, deadline=None)
@given(raw=st.binary(max_size=400))
def test_random_bytes_are_read_or_refused(raw):
    assert reads_or_refuses(raw)


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.sampled_from("TC:[]0123456789-> .,\t\n\"'<v>{}@*%WEBVTTspeaker"), max_size=200))
def test_random_text_of_telling_marks_is_read_or_refused(text):
    assert reads_or_refuses(text.encode())


seeds = [s.encode() for s in (TALK, VTT, SRT, CSV, CHA, EAF)] + [
    str(value).replace("'", '"').encode() for value in (OWN, AWS, DEEPGRAM, WHISPERX)
]


@settings(max_examples=300, deadline=None)
@given(seed=st.sampled_from(seeds), data=st.data())
def test_damaged_files_are_read_or_refused(seed, data):
    begin = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(begin, min(len(seed), begin + 20)))
    assert reads_or_refuses(seed[:begin] + data.draw(st.binary(max_size=8)) + seed[end:])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["turns", "speaker", "text", "results", "items", "channels", "segments", "words", "utterances",
                         "alternatives", "paragraphs", "transcript", "speaker_label", "start", "content", "audio_segments"]),
        inner, max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(value=json_values)
def test_json_of_any_shape_is_read_or_refused(value):
    import json

    assert reads_or_refuses(json.dumps(value).encode())
