"""nlp/codebook.toml and docs/codebook.md say the same."""

import re
from pathlib import Path

import pytest

from nlp.codebook import CONFRONTATION, REPAIR, WITHDRAWAL, load_codebook
from nlp.transcript import Speaker

PROSE = (Path(__file__).parents[1] / "docs" / "codebook.md").read_text(encoding="utf-8")
CODEBOOK = load_codebook()


def rows() -> dict[str, list[str]]:
    """The table rows of docs/codebook.md: code -> the cells after it."""
    found = re.findall(r"^\| `(\w+)` \|(.+)\|$", PROSE, flags=re.MULTILINE)
    return {code: [cell.strip() for cell in cells.split(" | ")] for code, cells in found}


def bullets(heading: str) -> list[str]:
    section = PROSE.split(f"## {heading}")[1].split("\n## ")[0]
    found = re.findall(r"^(?:- |\d+\. )(.+)$", section, flags=re.MULTILINE)
    return [b.replace("`", "").replace("*", "") for b in found]


def test_the_codes_are_those_of_the_prose_in_its_order():
    assert [c.id for c in CODEBOOK.codes] == list(rows())


def test_the_version_is_that_of_the_prose():
    assert f"(version {CODEBOOK.version})" in PROSE.splitlines()[0]


def test_each_kind_has_the_codes_of_its_section():
    for kind, heading in [
        (WITHDRAWAL, "withdrawal"),
        (CONFRONTATION, "confrontation"),
        (REPAIR, "Therapist"),
    ]:
        section = re.search(rf"^## [^\n]*{heading}.*?(?=^## )", PROSE, flags=re.MULTILINE | re.DOTALL)[0]
        assert CODEBOOK.of_kind(kind) == tuple(re.findall(r"^\| `(\w+)`", section, flags=re.MULTILINE))


@pytest.mark.parametrize("code", CODEBOOK.codes, ids=lambda c: c.id)
def test_name_and_definition_are_those_of_the_prose(code):
    name, definition, *_ = rows()[code.id]
    assert (code.name, code.definition) == (name, definition)


@pytest.mark.parametrize("marker", CODEBOOK.markers)
def test_no_cue_or_look_alike_of_the_prose_is_missing(marker):
    code = CODEBOOK[marker]
    _, _, cues, look_alikes = rows()[marker]
    for listed, cell in [(code.phrases + code.cues, cues), (code.look_alikes, look_alikes)]:
        assert all(item in cell for item in listed)
        left = cell
        for item in sorted(listed, key=len, reverse=True):
            left = left.replace(item, "")
        assert not re.search(r"\w", left), f"left out of the data: {left}"


def test_every_hard_call_of_the_prose_is_kept_with_its_codes():
    for call in bullets("Hard calls"):
        named = [c for c in CODEBOOK.codes if c.id in call]
        assert call in CODEBOOK.hard_calls or any(call in c.hard_calls for c in CODEBOOK.codes)
        assert all(call in c.hard_calls for c in named)


def test_the_coding_rules_are_those_of_the_prose():
    assert list(CODEBOOK.rules) == bullets("How to code")


def test_every_marker_is_answered_by_at_least_three_different_strategies():
    for marker in CODEBOOK.markers:
        answers = CODEBOOK[marker].answered_by
        assert len(set(answers)) == len(answers) >= 3
        assert set(answers) <= set(CODEBOOK.strategies)
    assert not any(CODEBOOK[s].answered_by for s in CODEBOOK.strategies)


def test_clients_carry_markers_and_therapists_strategies():
    assert CODEBOOK.codes_for(Speaker.CLIENT) == CODEBOOK.markers
    assert CODEBOOK.codes_for(Speaker.THERAPIST) == CODEBOOK.strategies
    assert CODEBOOK.codes_for(Speaker.OTHER) == ()
