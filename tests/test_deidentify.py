"""Finding what identifies people, and pseudonyms that leave tags on the same words."""

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.deidentify import ENTITY, ROSTER, RULE, find_identifiers
from nlp.errors import InputError
from nlp.pseudonyms import Decision, name_pseudonyms, propose_decisions, pseudonymise
from nlp.tagging import TurnTag
from nlp.transcript import Span, Speaker, Transcript, Turn


def talk(*said: str, names=("T", "C")) -> Transcript:
    turns = (Turn(i, f"t{i}", list(Speaker)[i % 2], s, names[i % 2]) for i, s in enumerate(said))
    return Transcript("an-id", tuple(turns), title="A title")


def found(text: str, roster=(), by=None) -> list[tuple[str, str]]:
    transcript = talk(text)
    return [
        (i.kind, text[i.span.start : i.span.end])
        for i in find_identifiers(transcript, roster)
        if by is None or i.found_by == by
    ]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Write to anna.k+1@mail.example.org please.", "email", "anna.k+1@mail.example.org"),
        ("It's on https://example.com/me?x=1.", "url", "https://example.com/me?x=1"),
        ("I read it on example.co.uk, I think.", "url", "example.co.uk"),
        ("He died on 3 March 2019.", "date", "3 March 2019"),
        ("It was March 3rd, 2019.", "date", "March 3rd, 2019"),
        ("We met in June 1998, at work.", "date", "June 1998"),
        ("Born 14/02/71 at home.", "date", "14/02/71"),
        ("Born 1971-02-14 at home.", "date", "1971-02-14"),
        ("My mum is 92 years old.", "age", "92"),
        ("My mum turned ninety-four then.", "age", "ninety-four"),
        ("Ring me on 07700 900 123.", "phone", "07700 900 123"),
        ("Ring me on +44 (20) 7946 0958.", "phone", "+44 (20) 7946 0958"),
        ("Ring me on 555-867-5309.", "phone", "555-867-5309"),
        ("I live at 12 Acacia Avenue now.", "address", "12 Acacia Avenue"),
        ("The postcode is SW1A 1AA.", "address", "SW1A 1AA"),
        ("My number is 078-05-1120.", "number", "078-05-1120"),
    ],
)
def test_rules_find_dates_contacts_addresses_and_great_ages(text, kind, words):
    assert (kind, words) in found(text, by=RULE)


@pytest.mark.parametrize(
    "text",
    [
        "I'm 42 years old.",
        "It was 90 percent of it.",
        "I may go at 10 or 11.",
        "On a scale of 1 to 10, 5 or 6.",
        "I walked 12 miles in 3 hours, maybe 4.5.",
        "She said... no. Come on.",
    ],
)
def test_rules_leave_everyday_numbers_alone(text):
    assert found(text, by=RULE) == []


def test_a_roster_finds_names_their_parts_and_the_possessive_in_any_case():
    text = "Anna Kowalska rang. I said anna, Kowalska's here, not Annabel."
    assert found(text, ["Anna Kowalska"], ROSTER) == [
        ("person", "Anna Kowalska"),
        ("person", "anna"),
        ("person", "Kowalska"),
    ]


def test_a_name_that_is_a_common_word_is_found_only_with_a_capital():
    assert found("Will you? I will, and Will will.", ["Will"], ROSTER) == [("person", "Will")] * 2


def test_a_roster_may_name_places_and_organisations():
    assert found("I work at Acme Ltd, Ltd is odd.", {"Acme Ltd": "organisation"}, ROSTER) == [
        ("organisation", "Acme Ltd")
    ]


def test_speakers_names_are_on_the_roster_but_their_roles_are_not():
    transcript = talk(
        "Therapist and client met.", "Yes, Jones and Maria did.", names=("Dr Jones", "Maria (Client)")
    )
    ids = [i for i in find_identifiers(transcript) if i.found_by == ROSTER]
    assert [transcript.turns[i.turn].text[i.span.start : i.span.end] for i in ids] == ["Jones", "Maria"]


def test_entities_find_people_and_places_that_nobody_listed():
    assert ("person", "Sarah") in found("Then Sarah moved to Chicago with me.", by=ENTITY)
    assert ("place", "Chicago") in found("Then Sarah moved to Chicago with me.", by=ENTITY)


def test_a_name_that_spacy_saw_once_is_found_wherever_it_occurs():
    transcript = talk("Then Sarah moved to Chicago with me.", "Sarah?", "sarahs, Sarah's")
    names = [transcript.turns[i.turn].text[i.span.start : i.span.end] for i in find_identifiers(transcript)]
    assert names == ["Sarah", "Chicago", "Sarah", "Sarah"]


def test_family_words_and_interjections_are_nobodys_names():
    assert found("Nah, Mum said no. The GP did CBT. [Laughs]", by=ENTITY) == []


def test_identifiers_do_not_overlap_and_the_roster_comes_first():
    transcript = talk("Anna Kowalska lives at 12 Anna Street.")
    ids = find_identifiers(transcript, ["Anna Kowalska"])
    assert all(a.span.end <= b.span.start for a, b in zip(ids, ids[1:], strict=False))


def test_one_person_has_one_pseudonym_over_all_sessions():
    transcript = talk("Anna Kowalska and Ben met Anna.")
    ids = [i for i in find_identifiers(transcript, ["Anna Kowalska", "Ben"]) if i.found_by == ROSTER]
    pseudonyms = name_pseudonyms(ids)
    done = pseudonymise(transcript, propose_decisions(ids, pseudonyms), "p1")
    assert done.transcript.turns[0].text == "[Person 1] and [Person 2] met [Person 1]."
    later = find_identifiers(talk("Ben and Cal."), ["Ben", "Cal"])
    assert name_pseudonyms(later, pseudonyms)["person", "ben"] == "[Person 2]"
    assert name_pseudonyms(later, pseudonyms)["person", "cal"] == "[Person 3]"


def test_a_great_age_is_not_told():
    transcript = talk("She is 93 years old.")
    ids = find_identifiers(transcript)
    done = pseudonymise(transcript, propose_decisions(ids, name_pseudonyms(ids)), "p1")
    assert done.transcript.turns[0].text == "She is [Age over 89] years old."


def test_title_id_and_speakers_names_go_too():
    done = pseudonymise(talk("Hello.", "Hi.", names=("Dr Jones", "Maria")), [], "p1").transcript
    assert (done.id, done.title, [t.name for t in done.turns]) == ("p1", "", ["Therapist", "Client"])


def test_only_what_is_decided_on_is_replaced():
    done = pseudonymise(talk("Ann met Bea."), [Decision(0, Span(8, 11), "B.")], "p1")
    assert done.transcript.turns[0].text == "Ann met B.."


@pytest.mark.parametrize(
    ("decisions", "says"),
    [
        ([Decision(0, Span(0, 5), "x"), Decision(0, Span(4, 7), "y")], "twice"),
        ([Decision(0, Span(0, 99), "x")], "within the turn"),
        ([Decision(7, Span(0, 1), "x")], "turns 0 to 0"),
        ([Decision(0, Span(0, 4), " ")], "something in their place"),
    ],
)
def test_decisions_that_do_not_fit_are_refused_without_quoting_the_text(decisions, says):
    with pytest.raises(InputError, match=says) as refused:
        pseudonymise(talk("Anna met Bea."), decisions, "p1")
    assert "Anna" not in str(refused.value)


def test_nothing_is_logged(caplog):
    with caplog.at_level(logging.DEBUG):
        find_identifiers(talk("Sarah rang from Chicago on 3 March 2019."), ["Sarah"])
    assert "Sarah" not in caplog.text and "Chicago" not in caplog.text


@st.composite
def decided(draw):
    """A text, spans to replace that do not overlap, and any other spans."""
    text = draw(st.text(alphabet="ab é😀.", min_size=1, max_size=30))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    decisions = [
        Decision(0, Span(a, b), draw(st.text(alphabet="XY", min_size=1, max_size=5)))
        for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda p: p[0] < p[1])
    return text, decisions, [Span(*p) for p in draw(st.lists(ends, max_size=5))]


@settings(max_examples=300, deadline=None)
@given(decided())
def test_tags_stay_on_the_same_words_and_cover_whole_pseudonyms(case):
    text, decisions, spans = case
    tags = {"ann": tuple(TurnTag(0, "denial", s) for s in spans)}
    done = pseudonymise(talk(text), decisions, "p1", tags)
    new = done.transcript.turns[0].text
    for span, tag in zip(spans, done.tags["ann"], strict=True):
        touched = [d for d in decisions if d.span.start < span.end and span.start < d.span.end]
        expected, end = "", span.start
        for d in touched:
            expected += text[end : max(end, d.span.start)] + d.replacement
            end = d.span.end
        expected += text[end : max(end, span.end)]
        assert new[tag.evidence.start : tag.evidence.end] == expected
    untouched = pseudonymise(talk(text), [], "p1", tags)
    assert untouched.transcript.turns[0].text == text and untouched.tags["ann"] == tags["ann"]
